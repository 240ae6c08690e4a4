"""How a connection is opened, kept and closed: psycopg, as SQLAlchemy's own dialect drives it.

What SQLAlchemy already does is taken from `PGDialect_psycopg` function by function. The class is
not inherited: the rest of it asks pg_catalog, and speaks PostgreSQL's SQL.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import BindTyping

from . import errors
from .aio.lookout import AsyncWait

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic
    from sqlalchemy.engine.interfaces import ConnectArgsType, IsolationLevel
    from sqlalchemy.engine.url import URL

logger = logging.getLogger("sqlalchemy.dialects.iris")

NAMESPACE = "USER"

# the one word of a URL's query string that is not libpq's
ASYNC_WAIT = "async_wait"

_PSYCOPG_LEVELS = {
    "READ UNCOMMITTED": "READ_UNCOMMITTED",
    "READ COMMITTED": "READ_COMMITTED",
}


class PsycopgTransport:
    """The half of a dialect that knows the driver; its other half knows IRIS."""

    driver = "psycopg"
    supports_server_side_cursors = True
    # of arrays, which are sent as text
    bind_typing = BindTyping.RENDER_CASTS
    # hides a classmethod of sqlalchemy-iris that SQLAlchemy would call before import_dbapi()
    dbapi: Any = None

    # those that take "$1"
    _cursor_factories: ClassVar[tuple[str, str]] = ("RawCursor", "RawServerCursor")

    @classmethod
    def import_dbapi(cls) -> Any:
        with errors.explained_import(errors.PSYCOPG):
            psycopg = PGDialect_psycopg.import_dbapi()
        errors.require_cursors(psycopg, *cls._cursor_factories)
        return psycopg

    def create_connect_args(self, url: URL) -> ConnectArgsType:
        """The namespace is the database; what the query string names goes to libpq as it is."""
        options = url.translate_connect_args(username="user", database="dbname")
        options.setdefault("dbname", NAMESPACE)
        for name, value in url.query.items():
            options[name] = value if isinstance(value, str) else ",".join(value)
        if ASYNC_WAIT in options:
            options[ASYNC_WAIT] = AsyncWait.named(options[ASYNC_WAIT])
        return (), options

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        cparams.pop(ASYNC_WAIT, None)
        with errors.explained_connect(self.dbapi):
            return self.dbapi.connect(*cargs, **cparams)

    def on_connect(self) -> Callable[[Any], None]:
        """Replaces two probing queries per connection: the server's version tells as much."""
        cursor_factory, server_cursor_factory = (
            getattr(self.dbapi, name) for name in self._cursor_factories
        )

        text_loader = import_module("psycopg.types.string").TextLoader

        def prepare(connection: Any) -> None:
            driver_connection = self.get_driver_connection(connection)
            driver_connection.cursor_factory = cursor_factory
            driver_connection.server_cursor_factory = server_cursor_factory
            driver_connection.add_notice_handler(_log_notice)
            # SQLAlchemy's type reads it, also where a column is plain text
            for name in ("json", "jsonb"):
                driver_connection.adapters.register_loader(name, text_loader)

        return prepare

    def get_driver_connection(self, connection: Any) -> Any:
        return connection

    def peer(self, dbapi_connection: Any) -> str:
        """Host and port of the server, for a message."""
        info = dbapi_connection.info
        return f"{info.host}:{info.port}"

    # ------------------------------------------------------------------ health

    # an empty statement, which the broker answers by itself, outside any transaction
    _dialect_specific_select_one = ";"
    do_ping = PGDialect_psycopg.do_ping
    _do_autocommit = PGDialect_psycopg._do_autocommit
    is_disconnect = PGDialect_psycopg.is_disconnect

    # --------------------------------------------------------------- isolation

    def get_isolation_level_values(self, dbapi_connection: Any) -> list[str]:
        """The levels that both IRIS and BEGIN know."""
        return ["AUTOCOMMIT", *_PSYCOPG_LEVELS]

    def set_isolation_level(self, dbapi_connection: Any, level: IsolationLevel) -> None:
        """Without a statement: psycopg names the level in its next BEGIN."""
        if level == "AUTOCOMMIT":
            self._do_isolation_level(dbapi_connection, True, None)
        else:
            psycopg_level = getattr(self.dbapi.IsolationLevel, _PSYCOPG_LEVELS[level])
            self._do_isolation_level(dbapi_connection, False, psycopg_level)

    _do_isolation_level: Any = PGDialect_psycopg._do_isolation_level

    def get_isolation_level(self, dbapi_connection: Any) -> IsolationLevel:
        idle = dbapi_connection.info.transaction_status == 0
        with closing(dbapi_connection.cursor()) as cursor:
            cursor.execute("SHOW transaction_isolation")
            (level,) = cursor.fetchone()
        if idle and not dbapi_connection.autocommit:
            dbapi_connection.rollback()
        return level.upper()

    def detect_autocommit_setting(self, dbapi_connection: Any) -> bool:
        return bool(dbapi_connection.autocommit)


def _log_notice(diagnostic: Diagnostic) -> None:
    logger.info("%s: %s", diagnostic.severity, diagnostic.message_primary)
