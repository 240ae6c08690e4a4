"""Which cursor runs a statement, and where the key of a new row comes from."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import Any, cast

from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy_iris.base import IRISExecutionContext

# names of cursors: two contexts may have the same id, one after the other
_numbers = count(1)


class IRISExecutionContext_psycopg(IRISExecutionContext):
    """IRIS's way to a generated key, over a driver that has `stream_results`."""

    # replaces IRIS's, which does not look at `stream_results`
    create_cursor = DefaultExecutionContext.create_cursor

    def create_server_side_cursor(self) -> Any:
        """A cursor of SQL, declared in the transaction under a name that no other has."""
        return self._dbapi_connection.cursor(f"c_{id(self):x}_{next(_numbers):x}")

    def get_lastrowid(self) -> int | None:
        """On a cursor of its own, so that the row count of the INSERT stays readable."""
        connection: Any = self._dbapi_connection
        with closing(connection.cursor()) as cursor:
            cursor.execute("SELECT LAST_IDENTITY()")
            return cast("int | None", cursor.fetchone()[0])
