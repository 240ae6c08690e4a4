"""FR-013: how long one query takes, async beside sync, SQLAlchemy to SQLAlchemy.

    python benchmarks/latency.py [--queries 5000] [--block 250] [--warm-up 500]

All engines talk to one broker, started here, from one process. Blocks of queries alternate between
them, so that what else the machine does hits all. Printed is what the README has.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
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
    """The seconds that queries took."""

    seconds: list[float] = field(default_factory=list)

    def microseconds(self, percent: int) -> float:
        return statistics.quantiles(self.seconds, n=100)[percent - 1] * 1e6


SyncRun = Callable[[int], None]
AsyncRun = Callable[[int], Awaitable[None]]
# the ways to wait of `async_wait`; the first is the default
MODES = ("spin", "hold", "suspend")


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
        others = {mode: await opened(stack, f"{url}?async_wait={mode}") for mode in MODES}
        return {
            name: await alternate(
                one[name], {mode: runs[name] for mode, runs in others.items()}, extent
            )
            for name in one
        }


async def opened(stack: AsyncExitStack, url: str) -> dict[str, AsyncRun]:
    engine = create_async_engine(url)
    stack.push_async_callback(engine.dispose)
    connection = await stack.enter_async_context(engine.connect())
    return async_runs(connection, await stack.enter_async_context(AsyncSession(engine)))


async def alternate(one: SyncRun, others: dict[str, AsyncRun], extent: Extent) -> dict[str, Series]:
    """Blocks of each, in an order that is drawn for each round."""
    for number in range(extent.warm_up):
        one(number)
        for other in others.values():
            await other(number)
    found = {name: Series() for name in ("sync", *others)}
    gc.collect()
    gc.disable()
    for start in range(0, extent.queries, extent.block):
        numbers = range(start, min(start + extent.block, extent.queries))
        for name in random.sample(list(found), len(found)):
            if name == "sync":
                run_block(one, numbers, found[name])
            else:
                await run_async_block(others[name], numbers, found[name])
    gc.enable()
    return found


def run_block(one: SyncRun, numbers: range, series: Series) -> None:
    for number in numbers:
        began = time.perf_counter()
        one(number)
        series.seconds.append(time.perf_counter() - began)


async def run_async_block(other: AsyncRun, numbers: range, series: Series) -> None:
    for number in numbers:
        began = time.perf_counter()
        await other(number)
        series.seconds.append(time.perf_counter() - began)


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
    times = (found[kind].microseconds(percent) for kind in ("sync", "spin") for percent in (50, 95))
    sync = found["sync"].microseconds(50)
    ratios = (found[mode].microseconds(50) / sync for mode in MODES)
    cells = [*(f"{time:,.0f} µs" for time in times), *(f"{ratio:.2f}" for ratio in ratios)]
    return f"| {loop} | {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=5000)
    parser.add_argument("--block", type=int, default=250)
    parser.add_argument("--warm-up", type=int, default=500)
    extent = Extent(**vars(parser.parse_args()))
    print("| loop | query | sync p50 | p95 | async p50 | p95 | ratio of p50 | hold | suspend |")
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
