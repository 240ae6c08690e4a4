"""Which cursor runs a statement, and where the key of a new row comes from."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import Any, cast

from sqlalchemy.dialects.postgresql.asyncpg import PGExecutionContext_asyncpg
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy_iris.base import IRISExecutionContext

from .compiler import next_value

CACHED_PLAN = "cached plan must not change result type"

# names of cursors: two contexts may have the same id, one after the other
_numbers = count(1)


class IRISExecutionContext_pgiris(IRISExecutionContext):
    """IRIS's way to a generated key, over a driver that has `stream_results`."""

    # replaces IRIS's, which does not look at `stream_results`
    create_cursor = DefaultExecutionContext.create_cursor

    def create_server_side_cursor(self) -> Any:
        """A cursor of SQL, declared in the transaction under a name that no other has."""
        return self._dbapi_connection.cursor(f"c_{id(self):x}_{next(_numbers):x}")

    def fire_sequence(self, seq: Any, type_: Any) -> Any:
        """Before the INSERT, where that has no RETURNING."""
        return self._execute_scalar(f"SELECT {next_value(self.identifier_preparer, seq)}", type_)

    def get_lastrowid(self) -> int | None:
        """On a cursor of its own, so that the row count of the INSERT stays readable."""
        connection: Any = self._dbapi_connection
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"SELECT {'lastval' if self._counts_otherwise else 'LAST_IDENTITY'}()")
            return cast("int | None", cursor.fetchone()[0])

    @property
    def _counts_otherwise(self) -> bool:
        """Whether the key is an identity column with options, which a sequence has just filled."""
        compiled: Any = self.compiled
        column = compiled.compile_state.dml_table._autoincrement_column
        return (
            column is not None
            and column.identity is not None
            and column.key not in self.compiled_parameters[0]
        )


class IRISExecutionContext_asyncpg(IRISExecutionContext_pgiris):
    """With SQLAlchemy's care for statements that asyncpg keeps prepared while tables change."""

    pre_exec = PGExecutionContext_asyncpg.pre_exec
    create_server_side_cursor = PGExecutionContext_asyncpg.create_server_side_cursor

    def handle_dbapi_exception(self, e: Any) -> None:
        """Also where asyncpg does not see that a table has changed.

        It knows PostgreSQL's error by the name of a function in PostgreSQL's source.
        """
        if CACHED_PLAN in str(e):
            self.dialect._invalidate_schema_cache()
        PGExecutionContext_asyncpg.handle_dbapi_exception(self, e)
