"""One body for two engines: a test's function gets the same Connection or Session from both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

T = TypeVar("T")


class Database(Protocol):
    """An engine, used through functions of SQLAlchemy's sync interface."""

    engine: Any

    def run(self, body: Callable[[Connection], T], **options: Any) -> T:
        """In a transaction that is committed; `options` are execution options."""
        ...

    def connected(self, body: Callable[[Connection], T]) -> T:
        """On a connection, where the body commits and rolls back itself, as often as it likes."""
        ...

    def session(self, body: Callable[[Session], T]) -> T:
        """In a session, which the body commits itself."""
        ...

    def close(self) -> None: ...


class SyncDatabase:
    """`create_engine`."""

    def __init__(self, url: str, **arguments: Any) -> None:
        self.engine: Engine = create_engine(url, **arguments)

    def run(self, body: Callable[[Connection], T], **options: Any) -> T:
        with self.engine.execution_options(**options).begin() as connection:
            return body(connection)

    def connected(self, body: Callable[[Connection], T]) -> T:
        with self.engine.connect() as connection:
            return body(connection)

    def session(self, body: Callable[[Session], T]) -> T:
        with Session(self.engine) as session:
            return body(session)

    def close(self) -> None:
        self.engine.dispose()


class AsyncDatabase:
    """`create_async_engine`, on an event loop of its own."""

    def __init__(self, url: str, **arguments: Any) -> None:
        self.engine: AsyncEngine = create_async_engine(url, **arguments)
        self.loop = asyncio.new_event_loop()

    def run(self, body: Callable[[Connection], T], **options: Any) -> T:
        async def run() -> T:
            connection: AsyncConnection
            async with self.engine.execution_options(**options).begin() as connection:
                return await connection.run_sync(body)

        return self.loop.run_until_complete(run())

    def connected(self, body: Callable[[Connection], T]) -> T:
        async def run() -> T:
            async with self.engine.connect() as connection:
                return await connection.run_sync(body)

        return self.loop.run_until_complete(run())

    def session(self, body: Callable[[Session], T]) -> T:
        async def run() -> T:
            async with AsyncSession(self.engine) as session:
                return await session.run_sync(body)

        return self.loop.run_until_complete(run())

    def close(self) -> None:
        self.loop.run_until_complete(self.engine.dispose())
        self.loop.close()


class AsyncpgDatabase(AsyncDatabase):
    """`create_async_engine` with the other driver."""

    def __init__(self, url: str, **arguments: Any) -> None:
        super().__init__(url.replace("iris+psycopg:", "iris+asyncpg:"), **arguments)


MODES: dict[str, Callable[..., Database]] = {
    "sync": SyncDatabase,
    "async": AsyncDatabase,
    "asyncpg": AsyncpgDatabase,
}
