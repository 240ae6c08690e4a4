"""FR-007: many rows at once, sync and async; round trips are counted on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from broker import Broker
from database import MODES, Database
from wire import Wire

ROWS = 10_000
ROUND_TRIPS = 12


@pytest.fixture
def wire(broker: Broker) -> Iterator[Wire]:
    wire = Wire(broker)
    yield wire
    wire.close()


@pytest.fixture(params=list(MODES))
def wired(request: pytest.FixtureRequest, wire: Wire) -> Iterator[Database]:
    """An engine whose bytes the wire sees, and which has asked the server what it asks once."""
    database = MODES[request.param](f"iris+psycopg://{wire.broker.address}/USER")
    database.run(lambda connection: connection.scalar(select(1)))
    yield database
    database.close()


@pytest.fixture
def item(wired: Database, fresh: Callable[[str], str]) -> Iterator[Any]:
    """A mapped class whose keys IRIS generates."""

    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = fresh("bulk")

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    wired.run(Base.metadata.create_all)
    yield Item
    wired.run(Base.metadata.drop_all)


def names(count: int) -> list[dict[str, Any]]:
    return [{"name": f"row {number}"} for number in range(count)]


def test_the_wire_counts_a_query_as_one_round_trip(wire: Wire, wired: Database) -> None:
    def ask_thrice(connection: Connection) -> None:
        connection.scalar(select(1))
        with wire.counted() as trips:
            for _ in range(3):
                connection.scalar(select(1))
        assert trips == [3]

    wired.run(ask_thrice)


def test_fr007_executemany_takes_few_round_trips(
    wire: Wire, wired: Database, fresh: Callable[[str], str]
) -> None:
    table = Table(
        fresh("bulk"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("name", String(50)),
    )
    rows = [{"id": number, **row} for number, row in enumerate(names(ROWS))]
    wired.run(table.create)
    with wire.counted() as trips:
        # SQLAlchemy keeps the count of UPDATE and DELETE only, unless it is asked to
        count = wired.run(
            lambda connection: connection.execute(insert(table), rows).rowcount,
            preserve_rowcount=True,
        )
    found = wired.run(lambda connection: connection.execute(_extent(table)).one())
    wired.run(table.drop)
    # asyncpg does not say how many they were
    known = wired.engine.dialect.supports_sane_multi_rowcount
    assert (count, tuple(found)) == (ROWS if known else -1, (ROWS, 0, ROWS - 1))
    assert trips[0] <= ROUND_TRIPS


def _extent(table: Table) -> Any:
    return select(func.count(), func.min(table.c.id), func.max(table.c.id))


def test_fr007_add_all_takes_few_round_trips_and_learns_every_key(
    wire: Wire, wired: Database, item: Any
) -> None:
    def learned(session: Session) -> tuple[dict[int, str], list[int]]:
        session.expire_on_commit = False
        items = [item(**row) for row in names(ROWS)]
        with wire.counted() as trips:
            session.add_all(items)
            session.commit()
        return {item.id: item.name for item in items}, trips

    found, trips = wired.session(learned)
    stored: Any = wired.session(
        lambda session: session.execute(select(item.id, item.name).order_by(item.id)).all()
    )
    assert len(found) == ROWS
    assert sorted(found.items()) == stored
    assert trips[0] <= ROUND_TRIPS


def test_fr007_insertmanyvalues_returns_the_keys_in_the_order_of_the_rows(
    wire: Wire, wired: Database, item: Any
) -> None:
    statement = insert(item).returning(item.id, item.name, sort_by_parameter_order=True)
    with wire.counted() as trips:
        returned = wired.run(lambda connection: connection.execute(statement, names(ROWS)).all())
    assert [name for _, name in returned] == [row["name"] for row in names(ROWS)]
    assert [key for key, _ in returned] == sorted({key for key, _ in returned})
    assert trips[0] <= ROUND_TRIPS


def test_fr007_update_and_delete_return_what_they_changed(wired: Database, item: Any) -> None:
    def change(connection: Connection) -> tuple[Any, Any]:
        connection.execute(insert(item), names(3))
        updated = update(item).where(item.name == "row 1").values(name="x").returning(item.name)
        deleted = delete(item).where(item.name != "x").returning(item.name)
        return connection.scalars(updated).all(), sorted(connection.scalars(deleted).all())

    assert wired.run(change) == (["x"], ["row 0", "row 2"])
