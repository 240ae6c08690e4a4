"""`iris+psycopg://`, sync: IRIS's SQL from sqlalchemy-iris, connections from psycopg."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy_iris.base import IRISDialect

from .compiler import IRISCompiler_psycopg
from .execution import IRISExecutionContext_psycopg
from .server import server_version
from .transport import PsycopgTransport
from .type_compiler import IRISTypeCompiler_psycopg
from .types import COLSPECS, ISCHEMA_NAMES

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.url import URL

    from .dialect_async import IRISDialectAsync_psycopg


class IRISDialect_psycopg(PsycopgTransport, IRISDialect):
    """What differs from `iris://` beyond the transport, each with the reason."""

    supports_statement_cache = True

    statement_compiler = IRISCompiler_psycopg
    type_compiler_cls = type_compiler = IRISTypeCompiler_psycopg
    execution_ctx_cls = IRISExecutionContext_psycopg
    colspecs = COLSPECS
    ischema_names = ISCHEMA_NAMES

    supports_modern_pagination = True

    # length of an SQL identifier; sqlalchemy-iris leaves SQLAlchemy's 9999
    max_identifier_length = 128

    # a generated key is asked for by LAST_IDENTITY()
    insert_returning = False
    insert_executemany_returning = False
    insert_executemany_returning_sort_by_parameter_order = False

    # computed columns and covering indexes are reflected from %Dictionary, which takes privileges
    # that most users lack; iris:// asks for them with each connection
    _dictionary_access = False

    def __init__(
        self,
        json_serializer: Callable[[Any], str] | None = None,
        json_deserializer: Callable[[str], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(paramstyle=self.paramstyle, **kwargs)
        self._json_serializer = json_serializer
        self._json_deserializer = json_deserializer

    @classmethod
    def get_async_dialect_cls(cls, url: URL) -> type[IRISDialectAsync_psycopg]:
        from .dialect_async import IRISDialectAsync_psycopg

        return IRISDialectAsync_psycopg

    def initialize(self, connection: Connection) -> None:
        """Replaces probing for vectors with a query: they came with 2024.1."""
        super().initialize(connection)
        self.supports_vectors = self.server_version_info >= (2024, 1)
        # whatever the version: the broker writes LIMIT as TOP where it has to
        self.supports_modern_pagination = True

    def _get_server_version_info(self, connection: Connection) -> tuple[int, ...]:
        """Replaces reading it off the handshake of IRIS's own protocol."""
        return server_version(connection)

    # the broker takes a statement with or without its semicolon
    do_execute = DefaultDialect.do_execute
    do_executemany = DefaultDialect.do_executemany

    # the broker keeps savepoints as PostgreSQL does, so that they can be released
    do_release_savepoint = DefaultDialect.do_release_savepoint
