"""FR-013: how long one query takes, async beside sync, SQLAlchemy to SQLAlchemy.

    python benchmarks/latency.py [--queries 5000] [--block 250]

Both engines talk to one broker, started here, from one process. Blocks of queries alternate between
them, so that what else the machine does hits both. Printed is what the README has.
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
WARM_UP = 500


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


Run = Callable[[int], Awaitable[None]]


def statement(name: str, number: int) -> Executable:
    key = number % ROWS + 1
    if name == "SELECT 1":
        return text("SELECT 1")
    if name == "row by key":
        return select(Item.id, Item.name).where(Item.id == key)
    target = [float(number % 7), 1.0] * (DIMENSIONS // 2)
    return select(Item.id).order_by(Item.embedding.cosine(target)).limit(5)


STATEMENTS = ("SELECT 1", "row by key", "vector search")


def sync_runs(connection: Connection, session: Session) -> dict[str, Callable[[int], None]]:

    def query(name: str) -> Callable[[int], None]:
        def run(number: int) -> None:
            connection.execute(statement(name, number)).all()

        return run

    def get(number: int) -> None:
        session.expunge_all()
        assert session.get(Item, number % ROWS + 1) is not None

    return {**{name: query(name) for name in STATEMENTS}, "ORM get": get}


def async_runs(connection: AsyncConnection, session: AsyncSession) -> dict[str, Run]:

    def query(name: str) -> Run:
        async def run(number: int) -> None:
            (await connection.execute(statement(name, number))).all()

        return run

    async def get(number: int) -> None:
        session.expunge_all()
        assert await session.get(Item, number % ROWS + 1) is not None

    return {**{name: query(name) for name in STATEMENTS}, "ORM get": get}


async def measure(url: str, queries: int, block: int) -> dict[str, tuple[Series, Series]]:
    engine, async_engine = create_engine(url), create_async_engine(url)
    found = {}
    with engine.connect() as connection, Session(engine) as session:
        async with (
            async_engine.connect() as async_connection,
            AsyncSession(async_engine) as async_session,
        ):
            by_async = async_runs(async_connection, async_session)
            for name, one in sync_runs(connection, session).items():
                found[name] = await alternate(one, by_async[name], queries, block)
    engine.dispose()
    await async_engine.dispose()
    return found


async def alternate(
    one: Callable[[int], None], other: Run, queries: int, block: int
) -> tuple[Series, Series]:
    """Blocks of one and of the other, in an order that is drawn for each pair."""
    of_sync, of_async = Series(), Series()
    for number in range(WARM_UP):
        one(number)
        await other(number)
    gc.collect()
    gc.disable()
    for start in range(0, queries, block):
        turns = [True, False]
        random.shuffle(turns)
        for is_sync in turns:
            series = of_sync if is_sync else of_async
            for number in range(start, start + block):
                began = time.perf_counter()
                if is_sync:
                    one(number)
                else:
                    await other(number)
                series.seconds.append(time.perf_counter() - began)
    gc.enable()
    return of_sync, of_async


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=5000)
    parser.add_argument("--block", type=int, default=250)
    arguments = parser.parse_args()
    print("| loop | query | sync p50 | p95 | async p50 | p95 | ratio of p50 |")
    print("|---|---|--:|--:|--:|--:|--:|")
    loops = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    for name_of_loop, factory in loops.items():
        with running_broker() as broker:
            url = f"iris+psycopg://{broker.address}/USER"
            fill(url)
            loop = factory()
            found = loop.run_until_complete(measure(url, arguments.queries, arguments.block))
            loop.close()
        for name, (one, other) in found.items():
            figures = [
                series.microseconds(percent) for series in (one, other) for percent in (50, 95)
            ]
            numbers = " | ".join(f"{figure:,.0f} µs" for figure in figures)
            ratio = other.microseconds(50) / one.microseconds(50)
            print(f"| {name_of_loop} | {name} | {numbers} | {ratio:.2f} |", flush=True)
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
