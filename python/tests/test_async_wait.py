"""FR-013: how a task waits for an answer, in each of the ways that `async_wait` names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from sqlalchemy_pgiris.aio.lookout import AsyncWait

MODES = [mode.value for mode in AsyncWait]
QUERIES = 100


@pytest_asyncio.fixture(params=MODES)
async def engine(request: pytest.FixtureRequest, url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"{url}?async_wait={request.param}", pool_size=3)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def table(engine: AsyncEngine, fresh: Callable[[str], str]) -> AsyncIterator[str]:
    name = fresh("waiting")
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE TABLE {name} (id int PRIMARY KEY, n int)"))
        await connection.execute(text(f"INSERT INTO {name} VALUES (1, 0), (2, 0)"))
    yield name
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP TABLE {name}"))


async def test_fr013_every_way_to_wait_gives_the_same_answers(
    engine: AsyncEngine, table: str
) -> None:
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, psycopg.AsyncConnection)
        for number in range(20):
            assert await connection.scalar(text("SELECT :n + 1").bindparams(n=number)) == number + 1
        with pytest.raises(exc.ProgrammingError):
            await connection.execute(text("SELECT nothing FROM nowhere"))
        await connection.rollback()
        rows = [{"id": number, "n": number} for number in range(10, 500)]
        await connection.execute(text(f"INSERT INTO {table} VALUES (:id, :n)"), rows)
        query = text(f"SELECT id FROM {table} WHERE id >= 10 ORDER BY id")
        streamed = [row.id async for row in await connection.stream(query)]
        assert streamed == list(range(10, 500))
        await connection.rollback()


async def test_fr013_a_text_larger_than_the_socket_comes_back(
    engine: AsyncEngine, fresh: Callable[[str], str]
) -> None:
    large, name = "x" * 3_000_000, fresh("large")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE TABLE {name} (t text)"))
        await connection.execute(text(f"INSERT INTO {name} VALUES (:t)").bindparams(t=large))
        assert await connection.scalar(text(f"SELECT t FROM {name}")) == large
        await connection.execute(text(f"DROP TABLE {name}"))
        await connection.commit()


async def test_fr013_an_idle_loop_watches_no_socket_for_most_answers(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _watched(url, AsyncWait.SUSPEND, monkeypatch) >= QUERIES
    assert await _watched(url, AsyncWait.SPIN, monkeypatch) < QUERIES


async def _watched(url: str, mode: AsyncWait, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the loop was told to watch a socket."""
    loop = asyncio.get_running_loop()
    engine = create_async_engine(f"{url}?async_wait={mode.value}")
    calls = 0
    add_reader = loop.add_reader

    def counted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        return add_reader(*arguments)

    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        with monkeypatch.context() as patched:
            patched.setattr(loop, "add_reader", counted)
            for _ in range(QUERIES):
                await connection.execute(text("SELECT 1"))
    await engine.dispose()
    return calls


async def test_fr013_a_query_that_waits_holds_nobody_up(engine: AsyncEngine, table: str) -> None:
    update = text(f"UPDATE {table} SET n = n + 1 WHERE id = 1")
    async with engine.connect() as holder, engine.connect() as other:
        await holder.execute(update)
        blocked = asyncio.create_task(_execute(engine, update))
        for _ in range(50):
            assert await other.scalar(text("SELECT 1")) == 1
            await asyncio.sleep(0)
        assert not blocked.done()
        await holder.commit()
        await blocked
        assert await other.scalar(text(f"SELECT n FROM {table} WHERE id = 1")) == 2


async def test_fr013_a_query_that_is_cancelled_leaves_the_engine_usable(
    engine: AsyncEngine, table: str
) -> None:
    update = text(f"UPDATE {table} SET n = n + 1 WHERE id = 2")
    async with engine.connect() as holder:
        await holder.execute(update)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(_execute(engine, update), 0.3)
        await holder.rollback()
    await _execute(engine, update)
    async with engine.connect() as connection:
        assert await connection.scalar(text(f"SELECT n FROM {table} WHERE id = 2")) == 1


async def _execute(engine: AsyncEngine, statement: Any) -> None:
    async with engine.begin() as connection:
        await connection.execute(statement)


async def test_fr013_many_tasks_get_their_own_answers(engine: AsyncEngine) -> None:
    async def ask(number: int) -> int:
        async with engine.connect() as connection:
            query = text("SELECT :n * 2").bindparams(n=number)
            return int(await connection.scalar(query) or 0)

    answers = await asyncio.gather(*(ask(number) for number in range(100)))
    assert answers == [2 * number for number in range(100)]


@pytest.mark.parametrize("mode", MODES)
def test_fr013_each_loop_is_looked_into_anew(url: str, mode: str) -> None:
    async def once() -> Any:
        engine = create_async_engine(f"{url}?async_wait={mode}")
        async with engine.connect() as connection:
            answer = await connection.scalar(text("SELECT 7"))
        await engine.dispose()
        return answer

    assert [asyncio.run(once()) for _ in range(3)] == [7, 7, 7]


def test_fr013_a_way_to_wait_that_is_none_is_refused_with_those_that_are(url: str) -> None:
    with pytest.raises(exc.ArgumentError, match="spin, hold, suspend"):
        create_async_engine(f"{url}?async_wait=often").sync_engine.raw_connection()
