"""How a connection is opened, kept and closed: asyncpg, as SQLAlchemy's own dialect drives it.

As in `transport`, SQLAlchemy's dialect is taken from function by function.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import exc
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine.interfaces import BindTyping
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.concurrency import await_only, in_greenlet

from . import errors
from .transport import NAMESPACE, logger
from .types.asyncpg import keep_the_last_day

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import ConnectArgsType, IsolationLevel
    from sqlalchemy.engine.url import URL

# the words of a URL's query string that are asyncpg's or SQLAlchemy's, and not libpq's
_ARGUMENTS: dict[str, Callable[[str], Any]] = {
    "timeout": float,
    "command_timeout": float,
    "statement_cache_size": int,
    "max_cached_statement_lifetime": int,
    "max_cacheable_statement_size": int,
    "prepared_statement_cache_size": int,
}

_LEVELS = {
    "AUTOCOMMIT": "autocommit",
    "READ UNCOMMITTED": "read_uncommitted",
    "READ COMMITTED": "read_committed",
}


class AsyncpgTransport:
    """The half of a dialect that knows the driver; its other half knows IRIS."""

    driver = "asyncpg"
    is_async = True
    poolclass = AsyncAdaptedQueuePool
    has_terminate = True
    supports_server_side_cursors = True
    # asyncpg does not say how many rows an executemany() has changed
    supports_sane_multi_rowcount = False
    bind_typing = BindTyping.RENDER_CASTS
    # hides a classmethod of sqlalchemy-iris that SQLAlchemy would call before import_dbapi()
    dbapi: Any = None

    @classmethod
    def import_dbapi(cls) -> Any:
        with errors.explained_import(errors.ASYNCPG):
            return PGDialect_asyncpg.import_dbapi()

    def create_connect_args(self, url: URL) -> ConnectArgsType:
        """The namespace is the database; asyncpg finds libpq's words in a URL of its own."""
        options = url.translate_connect_args(username="user")
        options.setdefault("database", NAMESPACE)
        query = {
            name: value if isinstance(value, str) else ",".join(value)
            for name, value in url.query.items()
        }
        if "connect_timeout" in query:
            query.setdefault("timeout", query.pop("connect_timeout"))
        for name, type_ in _ARGUMENTS.items():
            if name in query:
                options[name] = type_(query.pop(name))
        if query:
            options["dsn"] = f"postgresql://?{urlencode(query)}"
        return (), options

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        if not in_greenlet():
            raise exc.MissingGreenlet(errors.not_in_greenlet(self.driver))
        with errors.explained_connect(self.dbapi):
            return self.dbapi.connect(*cargs, **cparams)

    def on_connect(self) -> Callable[[Any], None]:
        """Replaces codecs for JSON, which is text here, by those for vectors and dates."""

        def prepare(connection: Any) -> None:
            driver_connection = self.get_driver_connection(connection)
            driver_connection.add_log_listener(_log_notice)
            await_only(keep_the_last_day(driver_connection.set_type_codec))
            # a server without vectors knows no such type; one that refuses the question is no
            # broker, which what is asked next will show
            with suppress(ValueError, self.dbapi.asyncpg.PostgresError):
                await_only(_read_vectors_as_text(driver_connection))

        return prepare

    def get_driver_connection(self, connection: Any) -> Any:
        return connection.driver_connection

    def peer(self, dbapi_connection: Any) -> str:
        """Host and port of the server, for a message."""
        address = getattr(dbapi_connection.driver_connection, "_addr", None)
        return ":".join(map(str, address)) if isinstance(address, tuple) else str(address)

    # ------------------------------------------------------------------ health

    do_ping = PGDialect_asyncpg.do_ping
    do_terminate = PGDialect_asyncpg.do_terminate
    is_disconnect = PGDialect_asyncpg.is_disconnect

    # statements prepared before this moment may be stale
    _invalidate_schema_cache_asof = 0
    _invalidate_schema_cache = PGDialect_asyncpg._invalidate_schema_cache

    # --------------------------------------------------------------- isolation

    def get_isolation_level_values(self, dbapi_connection: Any) -> list[str]:
        """The levels that both IRIS and BEGIN know."""
        return list(_LEVELS)

    def set_isolation_level(self, dbapi_connection: Any, level: IsolationLevel) -> None:
        """Without a statement: asyncpg names the level in its next BEGIN."""
        dbapi_connection.set_isolation_level(_LEVELS[level])

    def get_isolation_level(self, dbapi_connection: Any) -> IsolationLevel:
        idle = dbapi_connection._transaction is None
        with closing(dbapi_connection.cursor()) as cursor:
            cursor.execute("SHOW transaction_isolation")
            (level,) = cursor.fetchone()
        if idle:
            dbapi_connection.rollback()
        return level.upper()

    def detect_autocommit_setting(self, dbapi_connection: Any) -> bool:
        return bool(dbapi_connection.autocommit)


async def _read_vectors_as_text(connection: Any) -> None:
    """Replaces asking for the type's definition where a column is first met."""
    await connection.set_type_codec(
        "vector", schema="public", encoder=str, decoder=str, format="text"
    )


def _log_notice(_: Any, message: Any) -> None:
    logger.info("%s: %s", message.severity, message.message)
