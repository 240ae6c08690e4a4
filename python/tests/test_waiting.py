"""FR-013: what a task does that waits for an answer, and what it leaves to the rest of its loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import pytest
import uvloop
from sqlalchemy import exc, text
from sqlalchemy.engine.url import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from sqlalchemy_pgiris.aio import adapted, lookout
from sqlalchemy_pgiris.aio.connection import IRISAsyncConnection
from sqlalchemy_pgiris.aio.lookout import AsyncWait
from sqlalchemy_pgiris.aio.loop_view import LoopView
from stalling import Stalling

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
SELECT = text("SELECT 1")
# a task that waits for as long hangs
SECONDS = 30


@pytest.fixture(params=list(LOOPS))
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine on a new loop, of each kind."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        loop = LOOPS[request.param]()
        try:
            return loop.run_until_complete(asyncio.wait_for(coroutine, SECONDS))
        finally:
            loop.close()

    return run


def test_fr013_async_wait_is_one_of_three() -> None:
    url = make_url("iris+psycopg://localhost/USER?async_wait=never")
    with pytest.raises(exc.ArgumentError, match="spin, hold, suspend"):
        url.get_dialect()().create_connect_args(url)


async def readers_added(url: str, queries: int) -> int:
    """How often a socket was added to the loop while queries ran one after the other."""
    added = 0
    loop = asyncio.get_running_loop()
    add_reader = loop.add_reader
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.execute(SELECT)

        def counted(*arguments: Any) -> None:
            nonlocal added
            added += 1
            add_reader(*arguments)

        loop.add_reader = counted  # type: ignore[method-assign, assignment]
        for _ in range(queries):
            assert (await connection.execute(SELECT)).scalar_one() == 1
    await engine.dispose()
    return added


@pytest.mark.parametrize("mode", ["spin", "hold"])
def test_fr013_queries_of_an_idle_loop_add_no_reader(
    mode: str, url: str, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # so that none takes longer, however busy the machine is
    monkeypatch.setattr(lookout, "HOLD_SECONDS", 60)
    monkeypatch.setattr(lookout, "_HOLD_MILLISECONDS", 60_000)
    assert run(readers_added(f"{url}?async_wait={mode}", 100)) == 0


def test_fr013_a_task_that_is_suspended_at_once_adds_one_each(
    url: str, run: Callable[..., Any]
) -> None:
    assert run(readers_added(f"{url}?async_wait=suspend", 100)) >= 100


async def test_fr013_a_statement_leaves_the_greenlet_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[Any] = []

    def counted(awaitable: Any) -> Any:
        left.append(awaitable)
        return await_only(awaitable)

    monkeypatch.setattr(adapted, "await_only", counted)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        for _ in range(10):
            await connection.execute(SELECT)
        left.clear()
        assert (await connection.execute(SELECT)).all() == [(1,)]
        assert len(left) == 1
    await engine.dispose()


def test_fr013_both_kinds_of_loops_can_be_seen_into(run: Callable[..., Any]) -> None:
    async def look() -> None:
        loop = asyncio.get_running_loop()
        view = LoopView.of(loop)
        assert view is not None
        assert LoopView.of(loop) is view
        await asyncio.sleep(0)
        assert view.is_idle()
        # as psycopg leaves one behind each time that it was suspended
        loop.call_soon(int).cancel()
        assert view.is_idle()
        loop.call_soon(int)
        assert not view.is_idle()

    run(look())


@pytest.mark.parametrize("mode", list(AsyncWait))
def test_fr013_a_task_that_only_queries_lets_timers_and_tasks_run(
    mode: AsyncWait, url: str, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where each answer is found before its task is suspended."""
    monkeypatch.setattr(lookout, "_HOLD_MILLISECONDS", 60_000)

    async def query() -> None:
        engine = create_async_engine(f"{url}?async_wait={mode.value}")
        async with engine.connect() as connection:
            await connection.execute(SELECT)
            timer, others = asyncio.Event(), asyncio.Event()
            asyncio.get_running_loop().call_later(0.005, timer.set)
            task = asyncio.create_task(asyncio.sleep(0))
            task.add_done_callback(lambda _: others.set())
            # `run` gives up where they never do
            while not (timer.is_set() and others.is_set()):
                await connection.execute(SELECT)
        await engine.dispose()

    run(query())


async def test_fr013_a_loop_that_hides_itself_is_left_alone(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LoopView, "of", staticmethod(lambda loop: None))
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await connection.scalar(SELECT) == 1
    await engine.dispose()


@pytest.mark.parametrize("mode", list(AsyncWait))
def test_fr013_the_loop_goes_on_while_a_query_is_slow(
    mode: AsyncWait, stalling: Stalling, run: Callable[..., Any]
) -> None:
    """The answer comes only after another task has run a hundred times."""

    async def slow() -> None:
        engine = create_async_engine(f"{stalling.url}?async_wait={mode.value}")
        async with engine.connect() as connection:
            await connection.execute(SELECT)
            stalling.hold()
            query = asyncio.create_task(connection.scalar(SELECT))
            for _ in range(100):
                await asyncio.sleep(0.001)
            assert not query.done()
            stalling.release()
            assert await query == 1
        await engine.dispose()

    run(slow())


def test_fr013_queries_at_once_are_not_put_one_after_the_other(
    stalling: Stalling, run: Callable[..., Any]
) -> None:
    """All are with the broker before the first is answered."""

    async def at_once(count: int) -> None:
        connections = [await IRISAsyncConnection.connect(stalling.conninfo) for _ in range(count)]
        for connection in connections:
            connection.look_out(AsyncWait.SPIN)
            await connection.set_autocommit(True)
        stalling.hold()
        queries = [asyncio.create_task(each.execute("SELECT 1")) for each in connections]
        await asyncio.to_thread(stalling.wait_until_asked, count)
        assert not any(query.done() for query in queries)
        stalling.release()
        for query in asyncio.as_completed(queries):
            assert await (await query).fetchone() == (1,)
        for connection in connections:
            await connection.close()

    run(at_once(20))


async def test_fr013_rows_can_be_read_when_the_connection_is_gone(url: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        result = await connection.execute(SELECT)
    assert result.all() == [(1,)]
    await engine.dispose()


def test_fr013_outside_a_greenlet_nothing_is_begun() -> None:
    begun = False

    async def begin() -> None:
        nonlocal begun
        begun = True

    with pytest.raises(exc.MissingGreenlet):
        adapted.in_a_greenlet(begin())
    assert not begun
    with pytest.raises(exc.MissingGreenlet):
        adapted.finished(asyncio.sleep(0))


@pytest.mark.parametrize("mode", list(AsyncWait))
def test_fr013_a_connection_goes_from_loop_to_loop(
    mode: AsyncWait, stalling: Stalling, run: Callable[..., Any]
) -> None:
    """One loop is closed when the next begins."""

    async def connect() -> IRISAsyncConnection:
        connection = await IRISAsyncConnection.connect(stalling.conninfo, autocommit=True)
        connection.look_out(mode)
        return connection

    async def select(connection: psycopg.AsyncConnection[Any]) -> Any:
        return await (await connection.execute("SELECT 1")).fetchone()

    connection = run(connect())
    for _ in range(3):
        assert run(select(connection)) == (1,)
    run(connection.close())
