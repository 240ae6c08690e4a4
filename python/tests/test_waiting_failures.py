"""FR-013: what goes wrong while a task waits goes wrong as with psycopg's own connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from sqlalchemy_pgiris.aio.connection import IRISAsyncConnection
from sqlalchemy_pgiris.aio.lookout import AsyncWait
from stalling import Stalling

SELECT = text("SELECT 1")
# nearly the longest string of IRIS; three are more than the buffers of a connection take
LARGE = 3 << 20


@pytest_asyncio.fixture(params=list(AsyncWait))
async def connection(
    request: pytest.FixtureRequest, stalling: Stalling
) -> AsyncIterator[IRISAsyncConnection]:
    connection = await IRISAsyncConnection.connect(stalling.conninfo, autocommit=True)
    connection.look_out(request.param)
    yield connection
    await connection.close()


@pytest_asyncio.fixture(params=list(AsyncWait))
async def engine(request: pytest.FixtureRequest, stalling: Stalling) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"{stalling.url}?async_wait={request.param.value}")
    async with engine.connect() as connection:
        await connection.execute(SELECT)
    yield engine
    await engine.dispose()


async def answer(connection: psycopg.AsyncConnection[Any]) -> Any:
    return await (await connection.execute("SELECT 7")).fetchone()


async def test_fr013_a_query_that_is_cancelled_leaves_the_connection_usable(
    connection: IRISAsyncConnection, stalling: Stalling
) -> None:
    stalling.hold()
    asyncio.get_running_loop().call_later(0.2, stalling.release)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(connection.execute("SELECT 1"), 0.05)
    assert await answer(connection) == (7,)


@pytest.mark.parametrize("turns", range(4))
async def test_fr013_a_query_may_be_cancelled_in_any_of_its_turns(
    connection: IRISAsyncConnection, turns: int
) -> None:
    query = asyncio.create_task(connection.execute("SELECT 1"))
    for _ in range(turns):
        await asyncio.sleep(0)
    query.cancel()
    await asyncio.wait([query])
    assert await answer(connection) == (7,)


async def test_fr013_an_engine_goes_on_after_a_timeout(
    engine: AsyncEngine, stalling: Stalling
) -> None:
    stalling.hold()
    asyncio.get_running_loop().call_later(0.2, stalling.release)
    async with engine.connect() as connection:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(connection.execute(SELECT), 0.05)
    async with engine.connect() as connection:
        assert await connection.scalar(SELECT) == 1


async def test_fr013_a_connection_lost_while_a_task_waits(
    engine: AsyncEngine, stalling: Stalling
) -> None:
    async with engine.connect() as connection:
        await connection.execute(SELECT)
        stalling.hold()
        asyncio.get_running_loop().call_later(0.05, stalling.cut)
        with pytest.raises(exc.OperationalError) as caught:
            await connection.execute(SELECT)
        assert caught.value.connection_invalidated
    async with engine.connect() as connection:
        assert await connection.scalar(SELECT) == 1


async def test_fr013_a_connection_lost_while_idle(engine: AsyncEngine, stalling: Stalling) -> None:
    async with engine.connect() as connection:
        stalling.cut()
        await asyncio.sleep(0.05)
        with pytest.raises(exc.OperationalError) as caught:
            await connection.execute(SELECT)
        assert caught.value.connection_invalidated
    async with engine.connect() as connection:
        assert await connection.scalar(SELECT) == 1


async def test_fr013_an_error_of_the_broker_is_raised(connection: IRISAsyncConnection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        await connection.execute("SELECT 1 FROM no_such_table_anywhere")
    assert await answer(connection) == (7,)


async def test_fr013_what_is_large_passes_both_ways(connection: IRISAsyncConnection) -> None:
    table = f"waiting_large_{id(connection)}"
    await connection.execute(f"CREATE TABLE {table} (x text, y text, z text)")
    values = tuple(letter * LARGE for letter in "xyz")
    await connection.execute(f"INSERT INTO {table} VALUES (%s, %s, %s)", values)
    cursor = await connection.execute(f"SELECT x, y, z FROM {table}")
    assert await cursor.fetchone() == values
    await connection.execute(f"DROP TABLE {table}")


async def test_fr013_a_pipeline(connection: IRISAsyncConnection) -> None:
    async with connection.pipeline():
        cursors = [await connection.execute("SELECT %s::int", (n,)) for n in range(50)]
        assert [await cursor.fetchone() for cursor in cursors] == [(n,) for n in range(50)]
    assert await answer(connection) == (7,)


async def test_fr013_copy_in_and_out(connection: IRISAsyncConnection) -> None:
    table = f"waiting_copy_{id(connection)}"
    await connection.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, price numeric(8,2))")
    cursor = connection.cursor()
    async with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for number in range(5000):
            await copy.write_row((number, Decimal(number) / 4))
    async with cursor.copy(f"COPY {table} TO STDOUT") as copy:
        copy.set_types(["int4", "numeric"])
        rows = [row async for row in copy.rows()]
    assert sorted(rows) == [(number, Decimal(number) / 4) for number in range(5000)]
    await connection.execute(f"DROP TABLE {table}")
