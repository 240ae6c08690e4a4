"""Three PostgreSQL clients behind one face, so that each scenario is written once.

Statements are written with `$1`, `$2`, … in order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import asyncpg
import psycopg

from broker import Broker

Rows = list[tuple[Any, ...]]


class Client(Protocol):
    """A connection in autocommit mode."""

    async def connect(self, broker: Broker) -> None: ...

    async def close(self) -> None: ...

    async def run(self, statement: str, *parameters: Any) -> Rows:
        """The rows of the answer, if it has any."""
        ...

    async def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None: ...

    async def count(self, statement: str, *parameters: Any) -> int:
        """The number of rows that a statement changed."""
        ...

    async def sqlstate(self, statement: str, *parameters: Any) -> str:
        """The code that the statement fails with."""
        ...


def _percent(statement: str) -> str:
    return re.sub(r"\$\d+", "%s", statement)


def _dsn(broker: Broker) -> str:
    return f"postgresql://tester@{broker.address}/USER"


class Psycopg:
    """psycopg 3, sync."""

    connection: psycopg.Connection

    async def connect(self, broker: Broker) -> None:
        self.connection = psycopg.connect(_dsn(broker), autocommit=True)

    async def close(self) -> None:
        self.connection.close()

    async def run(self, statement: str, *parameters: Any) -> Rows:
        cursor = self.connection.execute(_percent(statement), parameters or None)
        return cursor.fetchall() if cursor.description else []

    async def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self.connection.cursor().executemany(_percent(statement), rows)

    async def count(self, statement: str, *parameters: Any) -> int:
        return self.connection.execute(_percent(statement), parameters).rowcount

    async def sqlstate(self, statement: str, *parameters: Any) -> str:
        try:
            await self.run(statement, *parameters)
        except psycopg.Error as error:
            return error.sqlstate or ""
        return "00000"


class PsycopgAsync:
    """psycopg 3, async, with rows in binary format."""

    connection: psycopg.AsyncConnection

    async def connect(self, broker: Broker) -> None:
        self.connection = await psycopg.AsyncConnection.connect(_dsn(broker), autocommit=True)

    async def close(self) -> None:
        await self.connection.close()

    async def run(self, statement: str, *parameters: Any) -> Rows:
        cursor = self.connection.cursor(binary=True)
        await cursor.execute(_percent(statement), parameters or None)
        return await cursor.fetchall() if cursor.description else []

    async def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        await self.connection.cursor().executemany(_percent(statement), rows)

    async def count(self, statement: str, *parameters: Any) -> int:
        return (await self.connection.execute(_percent(statement), parameters)).rowcount

    async def sqlstate(self, statement: str, *parameters: Any) -> str:
        try:
            await self.run(statement, *parameters)
        except psycopg.Error as error:
            return error.sqlstate or ""
        return "00000"


class Asyncpg:
    """asyncpg, which prepares every statement and believes the types it is told."""

    connection: Any

    async def connect(self, broker: Broker) -> None:
        self.connection = await asyncpg.connect(_dsn(broker))

    async def close(self) -> None:
        await self.connection.close()

    async def run(self, statement: str, *parameters: Any) -> Rows:
        return [tuple(row) for row in await self.connection.fetch(statement, *parameters)]

    async def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        await self.connection.executemany(statement, rows)

    async def count(self, statement: str, *parameters: Any) -> int:
        tag: str = await self.connection.execute(statement, *parameters)
        return int(tag.rpartition(" ")[2])

    async def sqlstate(self, statement: str, *parameters: Any) -> str:
        try:
            await self.run(statement, *parameters)
        except asyncpg.PostgresError as error:
            return error.sqlstate
        return "00000"


CLIENTS: dict[str, type[Client]] = {
    "psycopg": Psycopg,
    "psycopg_async": PsycopgAsync,
    "asyncpg": Asyncpg,
}
