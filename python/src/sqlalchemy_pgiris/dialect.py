"""`iris+psycopg://`, sync: IRIS's SQL from sqlalchemy-iris, connections from psycopg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import errors
from .broker_dialect import IRISDialect_pgiris
from .transport import PsycopgTransport

if TYPE_CHECKING:
    from sqlalchemy.engine.url import URL

    from .dialect_async import IRISDialectAsync_psycopg


class IRISDialect_psycopg(PsycopgTransport, IRISDialect_pgiris):
    """`create_engine` gets this class, `create_async_engine` the one that it names."""

    driver: str = errors.SyncDriver("psycopg")
    supports_statement_cache = True

    @classmethod
    def get_async_dialect_cls(cls, url: URL) -> type[IRISDialectAsync_psycopg]:
        from .dialect_async import IRISDialectAsync_psycopg

        return IRISDialectAsync_psycopg
