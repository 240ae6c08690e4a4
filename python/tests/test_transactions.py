"""FR-006: commit, rollback, savepoints and isolation levels, sync and async."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, exc, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from broker import Broker
from database import Database


@pytest.fixture
def table(database: Database, fresh: Callable[[str], str]) -> Iterator[Table]:
    table = Table(fresh("transaction"), MetaData(), Column("id", Integer, primary_key=True))
    database.run(table.create)
    yield table
    database.run(table.drop)


def ids(connection: Connection, table: Table) -> list[int]:
    return list(connection.scalars(select(table.c.id).order_by(table.c.id)))


def add(connection: Connection, table: Table, number: int) -> None:
    connection.execute(insert(table).values(id=number))


def test_fr006_commit_keeps_and_rollback_undoes(database: Database, table: Table) -> None:
    def commit_and_roll_back(connection: Connection) -> None:
        add(connection, table, 1)
        connection.commit()
        add(connection, table, 2)
        assert ids(connection, table) == [1, 2]
        connection.rollback()
        assert ids(connection, table) == [1]

    database.connected(commit_and_roll_back)
    assert database.run(lambda connection: ids(connection, table)) == [1]


def test_fr006_an_exception_rolls_back(database: Database, table: Table) -> None:
    def fail(connection: Connection) -> None:
        add(connection, table, 1)
        raise LookupError

    with pytest.raises(LookupError):
        database.run(fail)
    assert database.run(lambda connection: ids(connection, table)) == []


def test_fr006_savepoints(database: Database, table: Table) -> None:
    def nest(connection: Connection) -> None:
        add(connection, table, 1)
        with connection.begin_nested():
            add(connection, table, 2)
            undone = connection.begin_nested()
            add(connection, table, 3)
            undone.rollback()
        add(connection, table, 4)

    database.run(nest)
    assert database.run(lambda connection: ids(connection, table)) == [1, 2, 4]


def test_fr006_a_failure_is_undone_to_the_savepoint(database: Database, table: Table) -> None:
    def add_2_and_1(connection: Connection) -> None:
        with connection.begin_nested():
            add(connection, table, 2)
            add(connection, table, 1)

    def go_on(connection: Connection) -> None:
        add(connection, table, 1)
        with pytest.raises(exc.IntegrityError):
            add_2_and_1(connection)
        add(connection, table, 3)

    database.run(go_on)
    assert database.run(lambda connection: ids(connection, table)) == [1, 3]


@pytest.mark.parametrize("level", ["READ UNCOMMITTED", "READ COMMITTED"])
def test_fr006_an_isolation_level_per_execution(database: Database, level: str) -> None:
    assert database.run(Connection.get_isolation_level, isolation_level=level) == level


def test_fr006_an_isolation_level_per_engine(open_database: Callable[..., Database]) -> None:
    for level in ("READ UNCOMMITTED", "READ COMMITTED"):
        database = open_database(isolation_level=level)
        assert database.run(Connection.get_isolation_level) == level


def test_fr006_a_level_that_iris_has_not_is_refused(database: Database) -> None:
    def ask_for_it(connection: Connection) -> str:
        # of the connection: asked of the engine, SQLAlchemy loses the connection it has taken
        # from the pool, and with asyncio, whatever the dialect, it can only warn of it
        with pytest.raises(exc.ArgumentError, match="levels for 'iris' are AUTOCOMMIT, READ"):
            connection.execution_options(isolation_level="SERIALIZABLE")
        return connection.get_isolation_level()

    assert database.connected(ask_for_it) == "READ COMMITTED"


def test_fr006_autocommit_per_execution(database: Database, table: Table) -> None:
    def add_and_roll_back(connection: Connection) -> None:
        add(connection, table, 1)
        connection.rollback()

    database.run(add_and_roll_back, isolation_level="AUTOCOMMIT")
    assert database.run(lambda connection: ids(connection, table)) == [1]
    database.run(lambda connection: add_2_and_roll_back(connection, table))
    assert database.run(lambda connection: ids(connection, table)) == [1]


def add_2_and_roll_back(connection: Connection, table: Table) -> None:
    add(connection, table, 2)
    connection.rollback()


def test_fr006_autocommit_per_engine(
    open_database: Callable[..., Database], database: Database, table: Table
) -> None:
    autocommit = open_database(isolation_level="AUTOCOMMIT")
    autocommit.run(lambda connection: add_2_and_roll_back(connection, table))
    assert database.run(lambda connection: ids(connection, table)) == [2]


async def test_fr006_async_with_its_own_words(
    async_engine: AsyncEngine, fresh: Callable[[str], str]
) -> None:
    table = Table(fresh("transaction"), MetaData(), Column("id", Integer, primary_key=True))
    async with async_engine.connect() as connection:
        await connection.run_sync(table.create)
        await connection.commit()
        await connection.execute(insert(table).values(id=1))
        async with connection.begin_nested() as savepoint:
            await connection.execute(insert(table).values(id=2))
            await savepoint.rollback()
        await connection.commit()
        await connection.execute(insert(table).values(id=3))
        await connection.rollback()
        assert await connection.scalar(select(func.count()).select_from(table)) == 1
        await connection.run_sync(table.drop)
        await connection.commit()


def test_rows_are_locked_for_update(
    database: Database, fresh: Callable[[str], str], broker: Broker
) -> None:
    table = Table(
        fresh("locked"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("v", Integer),
    )
    change = f"UPDATE {table.name} SET v = v + 1 WHERE id = 1"

    def lock(connection: Connection, other: psycopg.Connection) -> None:
        locked = select(table.c.v).where(table.c.id == 1).with_for_update()
        assert connection.scalar(locked) == 1
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute(change)
        connection.rollback()
        other.execute(change)
        assert connection.scalar(locked) == 2
        connection.rollback()
        with pytest.raises(exc.DBAPIError, match="SKIP LOCKED are not supported"):
            connection.execute(select(table.c.v).with_for_update(skip_locked=True))

    def fill(connection: Connection) -> None:
        table.create(connection)
        connection.execute(insert(table).values(id=1, v=1))

    database.run(fill)
    with psycopg.connect(f"postgresql://tester@{broker.address}/USER", autocommit=True) as other:
        other.execute("SET lock_timeout = '100ms'")
        database.connected(lambda connection: lock(connection, other))
    database.run(table.drop)
