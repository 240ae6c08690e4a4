"""Which cursor runs a statement, and where the key of a new row comes from."""

from __future__ import annotations

from contextlib import closing
from typing import Any, cast

from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy_iris.base import IRISExecutionContext


class IRISExecutionContext_psycopg(IRISExecutionContext):
    """IRIS's way to a generated key, over a driver that has `stream_results`."""

    # replaces IRIS's, which does not look at `stream_results`
    create_cursor = DefaultExecutionContext.create_cursor

    def create_server_side_cursor(self) -> Any:
        """An ordinary cursor: the broker has no DECLARE and FETCH, which a server-side one needs.

        The dialect still says that it supports them, because `stream()` and `stream_scalars()`
        refuse one that does not. They give the rows out of a result that is read whole.
        """
        return self._dbapi_connection.cursor()

    def get_lastrowid(self) -> int | None:
        """On a cursor of its own, so that the row count of the INSERT stays readable."""
        connection: Any = self._dbapi_connection
        with closing(connection.cursor()) as cursor:
            cursor.execute("SELECT LAST_IDENTITY()")
            return cast("int | None", cursor.fetchone()[0])
