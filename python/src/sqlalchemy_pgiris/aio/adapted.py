"""psycopg's async connections and cursors as SQLAlchemy uses them: from sync code in a greenlet.

Replaces SQLAlchemy's own, which leave the greenlet for every call. These leave it for a statement,
and for what else really waits; rows that have come already are read where they are asked for.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Iterator
from typing import Any

from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.util.concurrency import await_only, in_greenlet


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine; the greenlet is left only if that waits for something."""
    try:
        awaited = coroutine.send(None)
    except StopIteration as returned:
        return returned.value
    if not in_greenlet():
        coroutine.close()
    return await_only(_Suspended(coroutine, awaited))


def begun(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """As `finished`, but the greenlet is left in any case.

    SQLAlchemy takes a statement that never left it for one of a sync driver (AwaitRequired). It is
    sent before that.
    """
    if not in_greenlet():
        return await_only(coroutine)
    try:
        awaited = coroutine.send(None)
    except StopIteration as returned:
        return await_only(_Returned(returned.value))
    return await_only(_Suspended(coroutine, awaited))


def in_a_greenlet(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """As `finished`, but outside a greenlet the coroutine is not even begun."""
    return finished(coroutine) if in_greenlet() else await_only(coroutine)


class _Suspended:
    """The rest of a coroutine, from the first thing on that it waits for."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], awaited: Any) -> None:
        self._coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, Any]:
        try:
            while True:
                try:
                    value = yield self._awaited
                except BaseException as error:
                    self._awaited = self._coroutine.throw(error)
                else:
                    self._awaited = self._coroutine.send(value)
        except StopIteration as returned:
            return returned.value


class _Returned:
    """What a coroutine has returned that did not wait."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._value
        yield


class AdaptedCursor:
    """A cursor whose rows are all with the client once a statement is executed."""

    __slots__ = ("_cursor",)

    server_side = False

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def arraysize(self) -> int:
        return self._cursor.arraysize

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self._cursor.arraysize = value

    def execute(self, query: Any, params: Any = None, **options: Any) -> AdaptedCursor:
        begun(self._cursor.execute(query, params, **options))
        return self

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        begun(self._cursor.executemany(query, params_seq, **options))

    def fetchone(self) -> Any:
        return finished(self._cursor.fetchone())

    def fetchmany(self, size: int | None = None) -> Any:
        return finished(self._cursor.fetchmany(size or self._cursor.arraysize))

    def fetchall(self) -> Any:
        return finished(self._cursor.fetchall())

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row

    def close(self) -> None:
        finished(self._cursor.close())

    async def _async_soft_close(self) -> None:
        """SQLAlchemy's way to close a cursor and keep its rows; this one keeps them itself."""


class AdaptedServerCursor(AdaptedCursor):
    """A cursor of SQL, which asks for its rows in portions."""

    __slots__ = ()

    server_side = True

    def close(self) -> None:
        in_a_greenlet(self._cursor.close())


class AdaptedAsyncConnection(AdaptedConnection):
    """What `driver_connection` has under it; whatever is not here is psycopg's."""

    __slots__ = ()

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def cursor(self, name: str = "", /) -> AdaptedCursor:
        cursor = self._connection.cursor(name) if name else self._connection.cursor()
        return AdaptedServerCursor(cursor) if name else AdaptedCursor(cursor)

    def execute(self, query: Any, params: Any = None, **options: Any) -> AdaptedCursor:
        return self.cursor().execute(query, params, **options)

    def commit(self) -> None:
        in_a_greenlet(self._connection.commit())

    def rollback(self) -> None:
        in_a_greenlet(self._connection.rollback())

    def close(self) -> None:
        finished(self._connection.close())

    @property
    def autocommit(self) -> bool:
        return self._connection.autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        self.set_autocommit(value)

    def set_autocommit(self, value: bool) -> None:
        in_a_greenlet(self._connection.set_autocommit(value))

    def set_isolation_level(self, value: Any) -> None:
        in_a_greenlet(self._connection.set_isolation_level(value))

    def set_read_only(self, value: bool | None) -> None:
        in_a_greenlet(self._connection.set_read_only(value))

    def set_deferrable(self, value: bool | None) -> None:
        in_a_greenlet(self._connection.set_deferrable(value))
