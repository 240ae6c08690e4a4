"""FR-009: each error that keeps a session from beginning names its cause and its cure."""

from __future__ import annotations

import builtins
import os
import re
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, exc
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from sqlalchemy_pgiris import errors
from sqlalchemy_pgiris.server import parse_zversion


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">i", len(body) + 4) + body


READY = _message(b"Z", b"I")
VERSION = _message(b"S", b"server_version\x0015.0\0")
WELCOME = _message(b"R", struct.pack(">i", 0)) + VERSION + READY
SYNTAX_ERROR = _message(b"E", b'SERROR\0VERROR\0C42601\0Msyntax error at or near "$"\0\0')
BEGUN = _message(b"C", b"BEGIN\0") + _message(b"Z", b"T")
ROLLED_BACK = _message(b"C", b"ROLLBACK\0") + READY


class _NotIris(socketserver.BaseRequestHandler):
    """A PostgreSQL server that knows BEGIN, ROLLBACK and nothing else."""

    def handle(self) -> None:
        length = struct.unpack(">i", self._read(4))[0]
        self._read(length - 4)
        self.request.sendall(WELCOME)
        while (kind := self.request.recv(1)) not in (b"", b"X"):
            body = self._read(struct.unpack(">i", self._read(4))[0] - 4)
            self.request.sendall(self._answer(kind, body))

    def _answer(self, kind: bytes, body: bytes) -> bytes:
        """Of a simple query, and of what is prepared: the rest up to Sync is passed over."""
        if kind == b"Q":
            known = {b"BEGIN": BEGUN, b"ROLLBACK": ROLLED_BACK}
            return known.get(body.rstrip(b";\0"), SYNTAX_ERROR + READY)
        return {b"P": SYNTAX_ERROR, b"S": READY}.get(kind, b"")

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


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
async def test_fr009_a_server_that_is_not_pgiris_async(not_iris: str, driver: str) -> None:
    engine = create_async_engine(not_iris.replace("psycopg", driver))
    with pytest.raises(exc.InvalidRequestError, match=NOT_PGIRIS):
        await engine.connect()
    await engine.dispose()


NOBODY = "iris+psycopg://127.0.0.1:1/USER"


def test_fr009_nobody_listens() -> None:
    with pytest.raises(exc.OperationalError, match=r"(?s)refused.*pgiris serve --listen"):
        create_engine(NOBODY).connect()


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
async def test_fr009_nobody_listens_async(driver: str) -> None:
    engine = create_async_engine(NOBODY.replace("psycopg", driver))
    said = r"(?s)(refused|Connect call failed).*pgiris serve --listen"
    with pytest.raises(exc.OperationalError, match=said):
        await engine.connect()


def test_fr009_the_broker_does_not_encrypt(url: str) -> None:
    said = r"(?s)does not support SSL.*does not encrypt.*tls\.certificate.*sslmode=disable"
    with pytest.raises(exc.OperationalError, match=said) as raised:
        create_engine(f"{url}?sslmode=require").connect()
    assert "pgiris serve" not in str(raised.value)


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
async def test_fr009_the_broker_does_not_encrypt_async(url: str, driver: str) -> None:
    engine = create_async_engine(f"{url.replace('psycopg', driver)}?sslmode=require")
    with pytest.raises(exc.OperationalError, match=r"does not encrypt.*sslmode=disable") as raised:
        await engine.connect()
    assert "pgiris serve" not in str(raised.value)


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (psycopg.OperationalError("SSL error: certificate verify failed"), errors.NOT_TRUSTED),
        (psycopg.OperationalError('root certificate file "x" does not exist'), errors.NOT_TRUSTED),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), errors.NOT_TRUSTED),
        (ConnectionRefusedError(111, "Connection refused"), errors.NO_BROKER),
        (TimeoutError(), errors.NO_BROKER),
    ],
)
def test_fr009_each_cause_has_its_cure(error: Exception, hint: str) -> None:
    with (
        pytest.raises(psycopg.OperationalError, match=re.escape(hint)),
        errors.explained_connect(psycopg),
    ):
        raise error


@pytest.mark.parametrize("driver", ["psycopg_async", "asyncpg"])
def test_fr009_an_async_engine_in_sync_code(driver: str) -> None:
    with pytest.raises(exc.MissingGreenlet, match=r"create_engine\('iris\+psycopg://"):
        create_engine(f"iris+{driver}://localhost/USER").connect()


def test_fr009_a_sync_engine_in_async_code() -> None:
    said = r"'psycopg' of create_engine\(\) \(.*create_async_engine\(\).* is not async"
    with pytest.raises(exc.InvalidRequestError, match=said):
        AsyncEngine(create_engine(NOBODY))


def test_fr009_a_sync_engine_in_an_async_session() -> None:
    engine: Any = create_engine(NOBODY)
    with pytest.raises(exc.ArgumentError, match=r"AsyncEngine expected, got Engine\(iris\+psycopg"):
        AsyncSession(engine)


async def test_fr009_an_async_engine_used_as_a_sync_one_in_async_code() -> None:
    """Through the sync engine within, as code does that was written for `create_engine`."""
    engine = create_async_engine(NOBODY)
    with pytest.raises(exc.MissingGreenlet, match=r"AsyncEngine.*`run_sync`"):
        engine.sync_engine.connect()


@pytest.mark.parametrize(
    ("driver", "cure"), [("psycopg", r"psycopg\[binary\]>=3\.2"), ("asyncpg", r"asyncpg>=0\.30")]
)
def test_fr009_the_driver_is_missing(
    monkeypatch: pytest.MonkeyPatch, driver: str, cure: str
) -> None:
    import_module = builtins.__import__

    def without_driver(name: str, *arguments: Any, **options: Any) -> Any:
        if name == driver:
            raise ModuleNotFoundError(f"No module named '{driver}'")
        return import_module(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_driver)
    with pytest.raises(ImportError, match=rf"No module named '{driver}'.*pip install '{cure}'"):
        create_async_engine(NOBODY.replace("psycopg", driver))


def python(program: str, **environment: str) -> str:
    """What a new interpreter fails with."""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    return ran.stderr


def test_fr009_psycopg_finds_no_libpq() -> None:
    """It is told to take the libpq of a package that is not installed."""
    connect = f"import sqlalchemy; sqlalchemy.create_engine({NOBODY!r})"
    assert re.search(
        r"ImportError: iris\+psycopg:// needs psycopg 3\.2 or newer together with libpq "
        r"\((?s:.)*psycopg_c(?s:.)*\); to install it: pip install 'psycopg\[binary\]>=3\.2'",
        python(connect, PSYCOPG_IMPL="c"),
    )


@pytest.mark.parametrize("create", [create_engine, create_async_engine])
def test_fr009_psycopg_is_too_old(monkeypatch: pytest.MonkeyPatch, create: Any) -> None:
    monkeypatch.setattr(psycopg, "__version__", "3.1.9")
    monkeypatch.delattr(psycopg, "RawCursor")
    monkeypatch.delattr(psycopg, "AsyncRawCursor")
    said = r"3\.2 or newer, found 3\.1\.9, which has no (Async)?RawCursor; .*pip install 'psycopg\["
    with pytest.raises(ImportError, match=said):
        create(NOBODY)


def test_fr009_psycopg_has_no_asyncio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psycopg, "AsyncConnection")
    with pytest.raises(ImportError, match=r"no AsyncConnection; to update it: pip install"):
        create_async_engine(NOBODY)
    # which sync code does without
    create_engine(NOBODY)


@pytest.mark.parametrize("release", ["2.0.35", "1.4.54"])
def test_fr009_sqlalchemy_is_too_old(release: str) -> None:
    said = python(
        f"import sqlalchemy; sqlalchemy.__version__ = {release!r}\n"
        f"sqlalchemy.create_engine({NOBODY!r})"
    )
    assert (
        f"ImportError: sqlalchemy-pgiris needs SQLAlchemy 2.0.36 or newer, found {release}; "
        "to update it: pip install 'sqlalchemy[asyncio]>=2.0.36'" in said
    )


@pytest.mark.parametrize("release", ["2.0.36", "2.1.0b1", "2.1.9", "3.0"])
def test_fr009_sqlalchemy_is_new_enough(release: str) -> None:
    errors.require_sqlalchemy(release)


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
