"""What a user is told when no session with IRIS can begin: the cause, and the cure.

Everything later in a session is told by the broker.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import __version__ as sqlalchemy_version
from sqlalchemy import exc

SQLALCHEMY_REQUIRED = (2, 0, 36)
PSYCOPG_REQUIRED = "3.2"
ASYNCPG_REQUIRED = "0.30"


@dataclass(frozen=True)
class Driver:
    """What a URL needs that names it, and the command that installs that."""

    name: str
    needed: str
    install: str


PSYCOPG = Driver(
    "psycopg",
    f"psycopg {PSYCOPG_REQUIRED} or newer together with libpq",
    f"pip install 'psycopg[binary]>={PSYCOPG_REQUIRED}'",
)
ASYNCPG = Driver(
    "asyncpg",
    f"asyncpg {ASYNCPG_REQUIRED} or newer",
    f"pip install 'asyncpg>={ASYNCPG_REQUIRED}'",
)


class SyncDriver(str):
    """A driver's name, as SQLAlchemy writes it where a sync engine is taken for an async one."""

    __slots__ = ()

    def __repr__(self) -> str:
        """With the cure, for which SQLAlchemy's sentence has no other place."""
        return (
            f"{super().__repr__()} of create_engine() "
            "(make the engine by create_async_engine(), which takes the same URL)"
        )


NO_BROKER = (
    "hint: no pgiris broker answers there; is one running, and is the port right? "
    "`pgiris serve --listen 127.0.0.1:5432 --upstream sandbox:` starts one"
)

NO_TLS = (
    "hint: the broker there does not encrypt, which the URL asks for; give it `tls.mode`, "
    "`tls.certificate` and `tls.key` in its configuration, or connect with sslmode=disable"
)

NOT_TRUSTED = (
    "hint: the broker there encrypts, but its certificate is not one that the URL asks for; name "
    "who signed it by sslrootcert=/path/to/ca.crt, and the broker as the certificate does"
)

NOT_PGIRIS = (
    "the server at {address} is not a pgiris broker: it does not know $ZVERSION, which every "
    "InterSystems IRIS does. Point the URL at the broker's address (the line `listening on …` "
    "that `pgiris serve` prints), or use postgresql+{driver}:// for a PostgreSQL server"
)

NOT_IN_GREENLET = (
    "the async dialect of iris+{driver} was asked for a connection by sync code. "
    "Use create_engine('iris+psycopg://…') for sync code; with create_async_engine, await the "
    "methods of AsyncEngine and AsyncConnection instead of those of `.sync_engine`, or run sync "
    "code through `run_sync`"
)


@contextmanager
def explained_import(driver: Driver) -> Iterator[None]:
    """Names the package that is missing: the driver, or the libpq beneath psycopg."""
    try:
        yield
    except ImportError as error:
        raise ImportError(
            f"iris+{driver.name}:// needs {driver.needed} ({error}); "
            f"to install it: {driver.install}"
        ) from error


def require_sqlalchemy(version: str = sqlalchemy_version) -> None:
    """Refuses a SQLAlchemy whose dialects are made otherwise."""
    # "2.1.0b1" counts as 2.1
    if tuple(map(int, re.findall(r"\d+", version)[:3])) < SQLALCHEMY_REQUIRED:
        required = ".".join(map(str, SQLALCHEMY_REQUIRED))
        raise ImportError(
            f"sqlalchemy-pgiris needs SQLAlchemy {required} or newer, found {version}; "
            f"to update it: pip install 'sqlalchemy[asyncio]>={required}'"
        )


def require_cursors(psycopg: Any, *names: str) -> None:
    """Refuses a psycopg without them: one that is too old for `$1` placeholders, or for asyncio."""
    for name in names:
        if not hasattr(psycopg, name):
            raise ImportError(
                f"iris+psycopg:// needs psycopg {PSYCOPG_REQUIRED} or newer, "
                f"found {psycopg.__version__}, which has no {name}; "
                f"to update it: {PSYCOPG.install}"
            )


@contextmanager
def explained_connect(dbapi: Any) -> Iterator[None]:
    """Adds what to do when nobody answers as asked; a server's own refusal speaks for itself."""
    try:
        yield
    # asyncpg lets the errors of the socket through, and asyncio's own before Python 3.11
    except (dbapi.OperationalError, OSError, asyncio.TimeoutError) as error:
        if "FATAL:" in str(error):
            raise
        raise dbapi.OperationalError(f"{error}\n{_hint(str(error))}") from error


def _hint(said: str) -> str:
    """By what libpq says, and asyncpg."""
    if "does not support SSL" in said or "rejected SSL upgrade" in said:
        return NO_TLS
    return NOT_TRUSTED if re.search("certificate|SSL error", said, re.IGNORECASE) else NO_BROKER


def not_pgiris(driver: str, address: str) -> exc.InvalidRequestError:
    """The error for a PostgreSQL server that is not the broker."""
    return exc.InvalidRequestError(NOT_PGIRIS.format(driver=driver, address=address))


def not_in_greenlet(driver: str) -> str:
    """The words for a dialect that only asyncio can use."""
    return NOT_IN_GREENLET.format(driver=driver)
