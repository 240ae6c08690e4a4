"""FR-007: how many rows a second are inserted, async beside sync, over one broker.

    python benchmarks/bulk_insert.py [--rows 10000] [--rounds 7]

Rounds alternate between the engines, in an order that is drawn for each; the medians are printed,
as the README has them.
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


def timed(database: Database, run: Callable[[Connection, int], None], rows: int) -> float:
    """Seconds, with the commit; the table is empty before."""
    database.run(lambda connection: connection.execute(delete(Item)))
    gc.collect()
    began = time.perf_counter()
    database.run(lambda connection: run(connection, rows))
    return time.perf_counter() - began


def measure(
    databases: dict[str, Database], run: Callable[[Connection, int], None], rows: int, rounds: int
) -> dict[str, float]:
    """Rows a second of each engine, after a round that is not counted."""
    found: dict[str, list[float]] = {name: [] for name in databases}
    for number in range(rounds + 1):
        for name in random.sample(list(databases), len(databases)):
            seconds = timed(databases[name], run, rows)
            if number:
                found[name].append(seconds)
    return {name: rows / statistics.median(seconds) for name, seconds in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(f"| rows a second | {' | '.join(NAMES.values())} |")
    print("|---|--:|--:|--:|")
    with running_broker() as broker:
        url = f"iris+psycopg://{broker.address}/USER"
        databases = {name: MODES[name](url) for name in NAMES}
        databases["sync"].run(Base.metadata.create_all)
        for title, run in INSERTS.items():
            found = measure(databases, run, options.rows, options.rounds)
            print(
                f"| {title} | {' | '.join(f'{found[name]:,.0f}' for name in NAMES)} |", flush=True
            )
        for database in databases.values():
            database.close()
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
