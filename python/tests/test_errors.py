"""FR-009: each error that keeps a session from beginning names its cause and its cure."""

from __future__ import annotations

import builtins
import socketserver
import struct
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, exc
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from sqlalchemy_pgiris import errors
from sqlalchemy_pgiris.server import parse_zversion


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">i", len(body) + 4) + body


READY = _message(b"Z", b"I")
WELCOME = _message(b"R", struct.pack(">i", 0)) + READY
SYNTAX_ERROR = _message(b"E", b'SERROR\0VERROR\0C42601\0Msyntax error at or near "$"\0\0')
BEGUN = _message(b"C", b"BEGIN\0") + _message(b"Z", b"T")


class _NotIris(socketserver.BaseRequestHandler):
    """A PostgreSQL server that knows BEGIN and nothing else."""

    def handle(self) -> None:
        length = struct.unpack(">i", self._read(4))[0]
        self._read(length - 4)
        self.request.sendall(WELCOME)
        while (kind := self.request.recv(1)) not in (b"", b"X"):
            body = self._read(struct.unpack(">i", self._read(4))[0] - 4)
            assert kind == b"Q"
            self.request.sendall(BEGUN if body == b"BEGIN\0" else SYNTAX_ERROR + READY)

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            data += self.request.recv(length - len(data))
        return data


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture
def not_iris() -> Iterator[str]:
    with _Server(("127.0.0.1", 0), _NotIris) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"iris+psycopg://127.0.0.1:{server.server_address[1]}/USER?sslmode=disable&user=ann"
        server.shutdown()
        thread.join()


NOT_PGIRIS = r"is not a pgiris broker.*Point the URL at"


def test_fr009_a_server_that_is_not_pgiris(not_iris: str) -> None:
    engine = create_engine(not_iris)
    with pytest.raises(exc.InvalidRequestError, match=NOT_PGIRIS):
        engine.connect()
    engine.dispose()


async def test_fr009_a_server_that_is_not_pgiris_async(not_iris: str) -> None:
    engine = create_async_engine(not_iris)
    with pytest.raises(exc.InvalidRequestError, match=NOT_PGIRIS):
        await engine.connect()
    await engine.dispose()


NOBODY = "iris+psycopg://127.0.0.1:1/USER"


def test_fr009_nobody_listens() -> None:
    with pytest.raises(exc.OperationalError, match=r"(?s)refused.*pgiris serve --listen"):
        create_engine(NOBODY).connect()


async def test_fr009_nobody_listens_async() -> None:
    with pytest.raises(exc.OperationalError, match=r"(?s)refused.*pgiris serve --listen"):
        await create_async_engine(NOBODY).connect()


def test_fr009_an_async_engine_in_sync_code() -> None:
    with pytest.raises(exc.MissingGreenlet, match=r"create_engine\('iris\+psycopg://"):
        create_engine("iris+psycopg_async://localhost/USER").connect()


def test_fr009_a_sync_engine_in_async_code() -> None:
    with pytest.raises(exc.InvalidRequestError, match="'psycopg' is not async"):
        AsyncEngine(create_engine(NOBODY))


def test_fr009_psycopg_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import_module = builtins.__import__

    def without_psycopg(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "psycopg":
            raise ModuleNotFoundError("No module named 'psycopg'")
        return import_module(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    with pytest.raises(ImportError, match=r"No module named.*pip install 'psycopg\[binary\]"):
        create_engine(NOBODY)


def test_fr009_psycopg_is_too_old() -> None:
    with pytest.raises(ImportError, match=r"3\.2 or newer, found 3\.1\.9.*pip install"):
        errors.require_raw_cursors(SimpleNamespace(__version__="3.1.9"))


@pytest.mark.parametrize(
    ("zversion", "version"),
    [
        (
            "IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2024.1.2 (Build 398U) Thu Oct",
            (2024, 1, 2),
        ),
        ("IRIS for Windows (x86-64) 2025.1 (Build 223U) Tue Mar 11 2025", (2025, 1)),
        ("PostgreSQL 15.1 on x86_64-pc-linux-gnu", None),
    ],
)
def test_the_version_is_read_off_zversion(zversion: str, version: tuple[int, ...] | None) -> None:
    assert parse_zversion(zversion) == version
