"""`iris+psycopg://`, async: the sync dialect over psycopg's AsyncConnection."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import exc
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.concurrency import await_only, in_greenlet

from . import errors
from .aio.lookout import AsyncWait
from .dialect import IRISDialect_psycopg
from .transport import ASYNC_WAIT


class IRISDialectAsync_psycopg(IRISDialect_psycopg):
    """Reached through `get_async_dialect_cls`, or by the name `iris+psycopg_async`."""

    driver = "psycopg"
    is_async = True
    supports_statement_cache = True
    poolclass = AsyncAdaptedQueuePool

    _cursor_factories: ClassVar[tuple[str, str]] = ("AsyncRawCursor", "AsyncRawServerCursor")

    @classmethod
    def import_dbapi(cls) -> Any:
        errors.require_cursors(super().import_dbapi(), "AsyncConnection")
        return PGDialectAsync_psycopg.import_dbapi()

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Replaces SQLAlchemy's connection around psycopg's, and psycopg's own."""
        from .aio.adapted import AdaptedAsyncConnection
        from .aio.connection import IRISAsyncConnection

        if not in_greenlet():
            raise exc.MissingGreenlet(errors.not_in_greenlet(self.driver))
        mode = AsyncWait.named(cparams.pop(ASYNC_WAIT, AsyncWait.SPIN))
        create = cparams.pop("async_creator_fn", IRISAsyncConnection.connect)
        with errors.explained_connect(self.dbapi):
            connection = await_only(create(*cargs, **cparams))
        if isinstance(connection, IRISAsyncConnection):
            connection.look_out(mode)
        return AdaptedAsyncConnection(connection)

    _do_isolation_level = PGDialectAsync_psycopg._do_isolation_level
    _do_autocommit = PGDialectAsync_psycopg._do_autocommit
    get_driver_connection = PGDialectAsync_psycopg.get_driver_connection
