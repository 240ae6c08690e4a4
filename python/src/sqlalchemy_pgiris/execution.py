"""Which cursor runs a statement, and where the key of a new row comes from."""

from __future__ import annotations

from contextlib import closing
from typing import Any, cast

from sqlalchemy.dialects.postgresql.psycopg import PGExecutionContext_psycopg
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy_iris.base import IRISExecutionContext


class IRISExecutionContext_psycopg(IRISExecutionContext):
    """IRIS's way to a generated key, over a driver that has `stream_results`."""

    # replaces IRIS's, which knows no server-side cursors
    create_cursor = DefaultExecutionContext.create_cursor
    create_server_side_cursor = PGExecutionContext_psycopg.create_server_side_cursor

    def get_lastrowid(self) -> int | None:
        """On a cursor of its own, so that the row count of the INSERT stays readable."""
        connection: Any = self._dbapi_connection
        with closing(connection.cursor()) as cursor:
            cursor.execute("SELECT LAST_IDENTITY()")
            return cast("int | None", cursor.fetchone()[0])
