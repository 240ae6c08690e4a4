"""FR-013: how long one query takes, async beside sync, SQLAlchemy to SQLAlchemy.

    python benchmarks/latency.py [--queries 5000] [--block 50] [--warm-up 500]

All engines talk to one broker, started here, from one process. Blocks of queries alternate between
them, in an order that is drawn for each round, so that what else the machine does hits all. The
ratio is that of the medians in one round, so that what lasts longer than a round is in both; of all
rounds' ratios the median is printed, with the interval that holds it with 95 % confidence. The last
column is the floor: the sync query in a new greenlet each time, as SQLAlchemy runs an async one.
Printed is what the README has.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import math
import os
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from greenlet import greenlet
from sqlalchemy import Connection, Executable, create_engine, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from sqlalchemy_pgiris import IRISVector

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from broker import running_broker

ROWS = 200
DIMENSIONS = 16


class Base(DeclarativeBase):
    """The declarative base."""


class Item(Base):
    """What is looked for."""

    __tablename__ = "latency_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    embedding: Mapped[list[float]] = mapped_column(IRISVector(DIMENSIONS))


@dataclass
class Series:
    """The seconds that queries took, block by block."""

    blocks: list[list[float]] = field(default_factory=list)

    def microseconds(self, percent: int) -> float:
        seconds = [taken for block in self.blocks for taken in block]
        return statistics.quantiles(seconds, n=100)[percent - 1] * 1e6


@dataclass
class Ratio:
    """How often longer than sync a median query takes, and between which bounds that lies."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(series: Series, sync: Series) -> Ratio:
        """From the medians of the blocks of each round; bounds are order statistics, at 95 %."""
        medians = ([statistics.median(block) for block in each.blocks] for each in (series, sync))
        ratios = sorted(one / other for one, other in zip(*medians, strict=True))
        reach = math.ceil(1.96 * math.sqrt(len(ratios)) / 2)
        low = max(len(ratios) // 2 - reach, 0)
        return Ratio(statistics.median(ratios), ratios[low], ratios[-1 - low])


SyncRun = Callable[[int], None]
AsyncRun = Callable[[int], Awaitable[None]]
# the ways to wait of `async_wait`; the first is the default
MODES = ("spin", "hold", "suspend")
SYNC = "sync"
FLOOR = "sync in a greenlet"


@dataclass(frozen=True)
class Extent:
    """How many queries of each kind are measured, and how they alternate."""

    queries: int
    block: int
    warm_up: int


def statement(name: str, number: int) -> Executable:
    key = number % ROWS + 1
    if name == "SELECT 1":
        return text("SELECT 1")
    if name == "row by key":
        return select(Item.id, Item.name).where(Item.id == key)
    target = [float(number % 7), 1.0] * (DIMENSIONS // 2)
    return select(Item.id).order_by(Item.embedding.cosine(target)).limit(5)


STATEMENTS = ("SELECT 1", "row by key", "vector search")


def sync_runs(connection: Connection, session: Session) -> dict[str, SyncRun]:

    def query(name: str) -> SyncRun:
        def run(number: int) -> None:
            connection.execute(statement(name, number)).all()

        return run

    def get(number: int) -> None:
        session.expunge_all()
        assert session.get(Item, number % ROWS + 1) is not None

    return {**{name: query(name) for name in STATEMENTS}, "ORM get": get}


def async_runs(connection: AsyncConnection, session: AsyncSession) -> dict[str, AsyncRun]:

    def query(name: str) -> AsyncRun:
        async def run(number: int) -> None:
            (await connection.execute(statement(name, number))).all()

        return run

    async def get(number: int) -> None:
        session.expunge_all()
        assert await session.get(Item, number % ROWS + 1) is not None

    return {**{name: query(name) for name in STATEMENTS}, "ORM get": get}


async def measure(url: str, extent: Extent) -> dict[str, dict[str, Series]]:
    """For each query the series of sync and of each mode of async."""
    async with AsyncExitStack() as stack:
        engine = create_engine(url)
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.connect())
        one = sync_runs(connection, stack.enter_context(Session(engine)))
        floor = {name: in_a_greenlet(run) for name, run in one.items()}
        others = {mode: await opened(stack, f"{url}?async_wait={mode}") for mode in MODES}
        return {
            name: await alternate(
                {SYNC: one[name], FLOOR: floor[name]},
                {mode: runs[name] for mode, runs in others.items()},
                extent,
            )
            for name in one
        }


async def opened(stack: AsyncExitStack, url: str) -> dict[str, AsyncRun]:
    engine = create_async_engine(url)
    stack.push_async_callback(engine.dispose)
    connection = await stack.enter_async_context(engine.connect())
    return async_runs(connection, await stack.enter_async_context(AsyncSession(engine)))


def in_a_greenlet(run: SyncRun) -> SyncRun:
    return lambda number: greenlet(run).switch(number)


async def alternate(
    ones: dict[str, SyncRun], others: dict[str, AsyncRun], extent: Extent
) -> dict[str, Series]:
    """Blocks of each, in an order that is drawn for each round."""
    for number in range(extent.warm_up):
        for one in ones.values():
            one(number)
        for other in others.values():
            await other(number)
    found = {name: Series() for name in (*ones, *others)}
    gc.collect()
    gc.disable()
    for start in range(0, extent.queries, extent.block):
        numbers = range(start, min(start + extent.block, extent.queries))
        for name in random.sample(list(found), len(found)):
            if name in ones:
                found[name].blocks.append(block(ones[name], numbers))
            else:
                found[name].blocks.append(await async_block(others[name], numbers))
    gc.enable()
    return found


def block(one: SyncRun, numbers: range) -> list[float]:
    seconds = []
    for number in numbers:
        began = time.perf_counter()
        one(number)
        seconds.append(time.perf_counter() - began)
    return seconds


async def async_block(other: AsyncRun, numbers: range) -> list[float]:
    seconds = []
    for number in numbers:
        began = time.perf_counter()
        await other(number)
        seconds.append(time.perf_counter() - began)
    return seconds


def fill(url: str) -> None:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    rows = [
        {
            "id": number + 1,
            "name": f"row {number}",
            "embedding": [random.random() for _ in range(DIMENSIONS)],
        }
        for number in range(ROWS)
    ]
    with engine.begin() as connection:
        connection.execute(insert(Item), rows)
    engine.dispose()


def row(loop: str, name: str, found: dict[str, Series]) -> str:
    times = (found[kind].microseconds(percent) for kind in (SYNC, MODES[0]) for percent in (50, 95))
    ratios = {mode: Ratio.of(found[mode], found[SYNC]) for mode in (*MODES, FLOOR)}
    default = ratios[MODES[0]]
    cells = [
        *(f"{time:,.0f} µs" for time in times),
        f"{default.median:.2f} ({default.low:.2f} to {default.high:.2f})",
        *(f"{ratios[mode].median:.2f}" for mode in (*MODES[1:], FLOOR)),
    ]
    return f"| {loop} | {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=5000)
    parser.add_argument("--block", type=int, default=50)
    parser.add_argument("--warm-up", type=int, default=500)
    extent = Extent(**vars(parser.parse_args()))
    titles = ["sync p50", "p95", "async p50", "p95", "ratio of p50", *MODES[1:], FLOOR]
    print(f"| loop | query | {' | '.join(titles)} |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    loops = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    for loop_name, factory in loops.items():
        with running_broker() as broker:
            url = f"iris+psycopg://{broker.address}/USER"
            fill(url)
            loop = factory()
            found = loop.run_until_complete(measure(url, extent))
            loop.close()
        for name, series in found.items():
            print(row(loop_name, name, series), flush=True)
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
