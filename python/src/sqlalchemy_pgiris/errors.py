"""What a user is told when no session with IRIS can begin: the cause, and the cure.

Everything later in a session is told by the broker.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import exc

PSYCOPG_REQUIRED = "3.2"

INSTALL = "pip install 'psycopg[binary]>=" + PSYCOPG_REQUIRED + "'"

NO_BROKER = (
    "hint: no pgiris broker answers there; is one running, and is the port right? "
    "`pgiris serve --listen 127.0.0.1:5432 --upstream sandbox:` starts one"
)

NOT_PGIRIS = (
    "the server at {address} is not a pgiris broker: it does not know $ZVERSION, which every "
    "InterSystems IRIS does. Point the URL at the broker's address (the line `listening on …` "
    "that `pgiris serve` prints), or use postgresql+psycopg:// for a PostgreSQL server"
)

NOT_IN_GREENLET = (
    "the async dialect of iris+psycopg was asked for a connection by sync code. "
    "Use create_engine('iris+psycopg://…') for sync code; with create_async_engine, await the "
    "methods of AsyncEngine and AsyncConnection instead of those of `.sync_engine`, or run sync "
    "code through `run_sync`"
)


@contextmanager
def explained_import() -> Iterator[None]:
    """Names the package that is missing where psycopg, or the libpq beneath it, is."""
    try:
        yield
    except ImportError as error:
        raise ImportError(
            f"iris+psycopg:// needs psycopg {PSYCOPG_REQUIRED} or newer together with libpq "
            f"({error}); to install both: {INSTALL}"
        ) from error


def require_raw_cursors(psycopg: Any) -> None:
    """Refuses a psycopg that is too old for `$1` placeholders."""
    if not hasattr(psycopg, "RawCursor"):
        raise ImportError(
            f"iris+psycopg:// needs psycopg {PSYCOPG_REQUIRED} or newer, "
            f"found {psycopg.__version__}; to update it: {INSTALL}"
        )


@contextmanager
def explained_connect(dbapi: Any) -> Iterator[None]:
    """Adds what to do when nobody answers; a server's own refusal speaks for itself."""
    try:
        yield
    except dbapi.OperationalError as error:
        if "FATAL:" in str(error):
            raise
        raise dbapi.OperationalError(f"{error}\n{NO_BROKER}") from error


def not_pgiris(dbapi_connection: Any) -> exc.InvalidRequestError:
    """The error for a PostgreSQL server that is not the broker."""
    info = dbapi_connection.info
    return exc.InvalidRequestError(NOT_PGIRIS.format(address=f"{info.host}:{info.port}"))
