"""FR-007: how many rows a second are inserted, async beside sync, over one broker.

    python benchmarks/bulk_insert.py [--rows 10000] [--rounds 15]

Rounds alternate between the engines, in an order that is drawn for each; the medians are printed,
as the README has them. Beside the rows a second stands how many times those of sync psycopg they
are, the median of the rounds' ratios, so that drift hits both; and the processor time of the client
for a row, which other work on the machine leaves alone.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from broker import running_broker
from database import MODES, Database

NAMES = {"sync": "psycopg, sync", "async": "psycopg, asyncio", "asyncpg": "asyncpg"}


class Base(DeclarativeBase):
    """The declarative base."""


class Item(Base):
    """What is inserted."""

    __tablename__ = "bulk_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[float]


def data(rows: int) -> list[dict[str, Any]]:
    return [{"name": f"row {number}", "price": number / 4} for number in range(rows)]


def executemany(connection: Connection, rows: int) -> None:
    connection.execute(insert(Item.__table__), data(rows))  # type: ignore[arg-type]


def returning(connection: Connection, rows: int) -> None:
    statement = insert(Item).returning(Item.id, sort_by_parameter_order=True)
    assert len(connection.execute(statement, data(rows)).all()) == rows


def add_all(connection: Connection, rows: int) -> None:
    with Session(connection) as session:
        session.add_all(Item(**row) for row in data(rows))
        session.flush()
        session.commit()


INSERTS: dict[str, Callable[[Connection, int], None]] = {
    "`insert()` of a list": executemany,
    "… with `RETURNING`": returning,
    "ORM `add_all`": add_all,
}


@dataclass(frozen=True)
class Took:
    """How long it took to insert, in seconds, with the commit."""

    wall: float
    client: float


def timed(database: Database, run: Callable[[Connection, int], None], rows: int) -> Took:
    """One insert; the table is empty before."""
    database.run(lambda connection: connection.execute(delete(Item)))
    gc.collect()
    began, busy = time.perf_counter(), time.process_time()
    database.run(lambda connection: run(connection, rows))
    return Took(time.perf_counter() - began, time.process_time() - busy)


def measure(
    databases: dict[str, Database], run: Callable[[Connection, int], None], rows: int, rounds: int
) -> dict[str, list[Took]]:
    """Of each engine, round by round, after one that is not counted."""
    found: dict[str, list[Took]] = {name: [] for name in databases}
    for number in range(rounds + 1):
        for name in random.sample(list(databases), len(databases)):
            took = timed(databases[name], run, rows)
            if number:
                found[name].append(took)
    return found


def shown(took: list[Took], sync: list[Took], rows: int) -> str:
    """The cells of one engine."""
    median = statistics.median
    rate = rows / median(one.wall for one in took)
    ratio = median(other.wall / one.wall for one, other in zip(took, sync, strict=True))
    client = median(one.client for one in took) / rows
    return f"{rate:,.0f} | {ratio:.2f} | {client * 1e6:.1f} µs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(f"| {options.rows:,} rows | engine | rows a second | times sync | client's CPU, a row |")
    print("|---|---|--:|--:|--:|")
    with running_broker() as broker:
        url = f"iris+psycopg://{broker.address}/USER"
        databases = {name: MODES[name](url) for name in NAMES}
        databases["sync"].run(Base.metadata.create_all)
        for title, run in INSERTS.items():
            found = measure(databases, run, options.rows, options.rounds)
            for name, engine in NAMES.items():
                cells = shown(found[name], found["sync"], options.rows)
                print(f"| {title} | {engine} | {cells} |", flush=True)
        for database in databases.values():
            database.close()
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
