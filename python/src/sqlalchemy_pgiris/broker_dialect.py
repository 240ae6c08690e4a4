"""IRIS as the broker shows it, whatever the driver: the half that all dialects here share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts

from .compiler import IRISCompiler_pgiris
from .ddl_compiler import IRISDDLCompiler_pgiris
from .execution import IRISExecutionContext_pgiris
from .reflection import IRISReflection
from .server import default_schema, dictionary_is_readable, server_version
from .type_compiler import IRISTypeCompiler_pgiris
from .types import COLSPECS, ISCHEMA_NAMES

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class IRISDialect_pgiris(IRISReflection):
    """What differs from `iris://` beyond the transport, each with the reason."""

    supports_statement_cache = True
    # "$1", as both drivers have it: with "%s" every % of %ID or %EXACT would have to be doubled
    paramstyle: ClassVar[Any] = "numeric_dollar"

    statement_compiler = IRISCompiler_pgiris
    ddl_compiler = IRISDDLCompiler_pgiris
    type_compiler_cls = type_compiler = IRISTypeCompiler_pgiris
    execution_ctx_cls = IRISExecutionContext_pgiris
    colspecs = COLSPECS
    ischema_names = ISCHEMA_NAMES

    supports_modern_pagination = True

    # length of an SQL identifier; sqlalchemy-iris leaves SQLAlchemy's 9999
    max_identifier_length = 128

    # the broker gives RETURNING to all three, and carries out a row of VALUES after the other: the
    # keys that IRIS generates for them ascend, which is what tells whose each is
    insert_returning = update_returning = delete_returning = True
    insert_executemany_returning = True
    insert_executemany_returning_sort_by_parameter_order = True
    use_insertmanyvalues = True
    insertmanyvalues_implicit_sentinel = InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT
    # twice SQLAlchemy's: a page is a round trip
    insertmanyvalues_page_size = 2_000
    # the protocol counts parameters with 16 bits
    insertmanyvalues_max_parameters = 65_535
    favor_returning_over_lastrowid = True

    # the broker divides as PostgreSQL does, integers by integers into integers
    div_is_floordiv = True
    supports_is_distinct_from = True

    # what the broker has of PostgreSQL's, in place of nothing
    supports_comments = True
    supports_sequences = True
    # a key that counts by itself needs none
    sequences_optional = True
    supports_identity_columns = True
    supports_smallserial = True
    supports_native_uuid = True

    def __init__(
        self,
        json_serializer: Callable[[Any], str] | None = None,
        json_deserializer: Callable[[str], Any] | None = None,
        paramstyle: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Whatever paramstyle is asked for: Alembic names one where it only writes SQL."""
        super().__init__(paramstyle=self.paramstyle, **kwargs)
        self._json_serializer = json_serializer
        self._json_deserializer = json_deserializer

    def initialize(self, connection: Connection) -> None:
        """Replaces probing for vectors with a query: they came with 2024.1."""
        super().initialize(connection)
        self._dictionary_access = dictionary_is_readable(connection)
        self.supports_vectors = self.server_version_info >= (2024, 1)
        # whatever the version: the broker writes LIMIT as TOP where it has to
        self.supports_modern_pagination = True

    def _get_server_version_info(self, connection: Connection) -> tuple[int, ...]:
        """Replaces reading it off the handshake of IRIS's own protocol."""
        return server_version(connection)

    def _get_default_schema_name(self, connection: Connection) -> str:
        """Replaces a constant: `search_path` may name another."""
        return default_schema(connection)

    def get_schema(self, schema: str | None = None) -> str:
        """Replaces a constant, as above."""
        return schema or self.default_schema_name

    # the broker takes a statement with or without its semicolon
    do_execute = DefaultDialect.do_execute
    do_executemany = DefaultDialect.do_executemany

    # replaces one that does not know `skip_autocommit_rollback`
    do_rollback = DefaultDialect.do_rollback

    # the broker keeps savepoints as PostgreSQL does, so that they can be released
    do_release_savepoint = DefaultDialect.do_release_savepoint
