"""`iris+asyncpg://`: what is its own; the rest is tested with the other driver's tests."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import (
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Time,
    exc,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.engine.url import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.sql.elements import ClauseElement

from sqlalchemy_pgiris.dialect_asyncpg import IRISDialect_asyncpg

LONG = 100_000


@pytest.fixture
def asyncpg_url(url: str) -> str:
    return url.replace("psycopg", "asyncpg")


@pytest_asyncio.fixture
async def engine(asyncpg_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(asyncpg_url)
    yield engine
    await engine.dispose()


def test_fr001_the_url_makes_an_async_engine() -> None:
    engine = create_async_engine("iris+asyncpg://localhost:5432/USER")
    assert isinstance(engine.dialect, IRISDialect_asyncpg)
    assert (engine.dialect.name, engine.dialect.driver) == ("iris", "asyncpg")


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("iris+asyncpg://localhost", {"host": "localhost", "database": "USER"}),
        (
            "iris+asyncpg://ann:s%40crit@db:6432/APP?sslmode=require&connect_timeout=3",
            {
                "user": "ann",
                "password": "s@crit",
                "host": "db",
                "port": 6432,
                "database": "APP",
                "timeout": 3.0,
                "dsn": "postgresql://?sslmode=require",
            },
        ),
        (
            "iris+asyncpg:///APP?host=one&host=two&port=5432,5433&statement_cache_size=0",
            {
                "database": "APP",
                "statement_cache_size": 0,
                "dsn": "postgresql://?host=one%2Ctwo&port=5432%2C5433",
            },
        ),
    ],
)
def test_fr001_the_namespace_is_the_database_and_asyncpg_gets_the_rest(
    url: str, options: dict[str, object]
) -> None:
    parsed = make_url(url)
    assert parsed.get_dialect()().create_connect_args(parsed) == ((), options)


async def test_fr001_settings_of_the_url_reach_the_broker(asyncpg_url: str) -> None:
    engine = create_async_engine(f"{asyncpg_url}?application_name=tests&sslmode=disable")
    async with engine.connect() as connection:
        assert await connection.scalar(text("SHOW application_name")) == "tests"
    await engine.dispose()


def test_fr003_the_class_is_its_own_async_class() -> None:
    url = make_url("iris+asyncpg://h/USER")
    assert url.get_dialect().get_async_dialect_cls(url) is IRISDialect_asyncpg


async def test_fr004_percent_words_stay_as_they_are(
    engine: AsyncEngine, fresh: Callable[[str], str]
) -> None:
    table = Table(
        fresh("percent"), MetaData(), Column("id", Integer, primary_key=True), Column("name", Text)
    )
    async with engine.begin() as connection:
        await connection.run_sync(table.create)
        await connection.execute(insert(table), [{"name": "pear"}, {"name": "100 %"}])
        statement = text(f"SELECT %ID, name FROM {table.name} WHERE name %STARTSWITH :p")
        assert (await connection.execute(statement, {"p": "p"})).all() == [(1, "pear")]
        statement = text(f"SELECT %EXACT(name) FROM {table.name} WHERE name LIKE '%%'")
        assert (await connection.scalars(statement)).all() == ["pear", "100 %"]
        await connection.run_sync(table.drop)


async def test_fr004_a_vector_is_read_whatever_selects_it(
    engine: AsyncEngine, fresh: Callable[[str], str]
) -> None:
    name = fresh("raw_vector")
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE TABLE {name} (v VECTOR(DOUBLE, 3))"))
        await connection.execute(
            text(f"INSERT INTO {name} (v) VALUES (TO_VECTOR(:v, DOUBLE))"), {"v": "[1,2,3]"}
        )
        assert await connection.scalar(text(f"SELECT v FROM {name}")) == "[1,2,3]"
        await connection.execute(text(f"DROP TABLE {name}"))


@pytest.mark.parametrize(
    "value", [5, 1 << 40, Decimal("1.25"), 1.5, True, "text", datetime(2024, 2, 29, 12)], ids=repr
)
async def test_fr004_a_value_alone_keeps_its_type(engine: AsyncEngine, value: Any) -> None:
    async with engine.connect() as connection:
        assert await connection.scalar(select(literal(value))) == value


def test_fr004_a_placeholder_is_cast_where_the_statement_does_not_tell_its_type() -> None:
    number = Column("number", Integer)
    table = Table("t", MetaData(), number, Column("text", Text))
    dialect = IRISDialect_asyncpg()

    def compiled(statement: ClauseElement) -> str:
        return " ".join(str(statement.compile(dialect=dialect)).split())

    assert compiled(insert(table).values(number=1, text="x")).startswith(
        "INSERT INTO t (number, text) VALUES ($1, $2)"
    )
    assert compiled(insert(table).values(number=literal(1) + 2)).startswith(
        "INSERT INTO t (number) VALUES (($1::INTEGER + $2::INTEGER))"
    )
    assert compiled(update(table).values(number=1).where(number == 2)) == (
        "UPDATE t SET number=$1 WHERE t.number = $2::INTEGER"
    )
    chosen = select(number, literal(3)).where(number > 1)
    assert compiled(insert(table).from_select(["number", "text"], chosen)).startswith(
        "INSERT INTO t (number, text) SELECT t.number, $1::INTEGER AS anon_1 "
        "FROM t WHERE t.number > $2::INTEGER"
    )
    assert compiled(select(number).order_by(number).fetch(2, with_ties=True)) == (
        "SELECT t.number FROM t ORDER BY t.number FETCH FIRST ($1) ROWS WITH TIES"
    )


async def test_fr004_an_infinite_float_is_stored(
    engine: AsyncEngine, fresh: Callable[[str], str]
) -> None:
    table = Table(fresh("infinite"), MetaData(), Column("number", Float))
    async with engine.begin() as connection:
        await connection.run_sync(table.create)
        await connection.execute(insert(table).values(number=float("inf")))
        await connection.execute(update(table).values(number=-float("inf")))
        assert await connection.scalar(select(table.c.number)) == -float("inf")
        await connection.run_sync(table.drop)


async def test_fr004_long_values_are_not_cut(
    engine: AsyncEngine, fresh: Callable[[str], str]
) -> None:
    table = Table(
        fresh("long"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("text", String(LONG)),
        Column("data", LargeBinary),
        Column("at", Time),
    )
    at = datetime(2024, 1, 1, 12, 30, 15, 250_000).time()
    async with engine.begin() as connection:
        await connection.run_sync(table.create)
        values = {"text": "x" * LONG, "data": b"x" * LONG, "at": at}
        await connection.execute(insert(table).values(values))
        row = (await connection.execute(select(table.c.text, table.c.data, table.c.at))).one()
        assert tuple(row) == tuple(values.values())
        found = select(func.count()).where(table.c.text == values["text"])
        assert await connection.scalar(found) == 1
        await connection.run_sync(table.drop)


async def test_fr005_the_pool_and_its_ping(asyncpg_url: str) -> None:
    engine = create_async_engine(asyncpg_url, pool_pre_ping=True)
    assert isinstance(engine.pool, AsyncAdaptedQueuePool)
    for _ in range(2):
        async with engine.connect() as connection:
            assert await connection.scalar(select(1)) == 1
    await engine.dispose()


async def test_fr008_the_driver_s_connection_is_asyncpg_s(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert isinstance(raw.driver_connection, asyncpg.Connection)


async def test_fr011_rows_are_read_in_portions(
    engine: AsyncEngine, fresh: Callable[[str], str]
) -> None:
    table = Table(fresh("portions"), MetaData(), Column("id", Integer, primary_key=True))
    async with engine.begin() as connection:
        await connection.run_sync(table.create)
        await connection.execute(insert(table), [{"id": number} for number in range(500)])
        statement = select(table.c.id).order_by(table.c.id)
        stream = await connection.stream_scalars(statement, execution_options={"yield_per": 100})
        parts = [list(part) async for part in stream.partitions()]
        assert [len(part) for part in parts] == [100] * 5
        assert [number for part in parts for number in part] == list(range(500))
        await connection.run_sync(table.drop)


async def test_a_table_that_changes_is_prepared_again(
    engine: AsyncEngine, fresh: Callable[[str], str]
) -> None:
    name = fresh("changing")
    statement = text(f"SELECT * FROM {name}")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE TABLE {name} (a INTEGER)"))
        await connection.execute(text(f"INSERT INTO {name} VALUES (1)"))
        assert (await connection.execute(statement)).all() == [(1,)]
        await connection.commit()
    # by somebody else
    other = create_async_engine(engine.url)
    async with other.begin() as connection:
        await connection.execute(text(f"ALTER TABLE {name} ADD COLUMN b VARCHAR(10)"))
    await other.dispose()
    async with engine.connect() as connection:
        with pytest.raises(exc.DBAPIError, match="cached"):
            await connection.execute(statement)
        await connection.rollback()
        assert (await connection.execute(statement)).all() == [(1, None)]
        await connection.execute(text(f"DROP TABLE {name}"))
        await connection.commit()


async def test_notices_are_logged(engine: AsyncEngine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sqlalchemy.dialects.iris")
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS never_created"))
    assert "NOTICE" in caplog.text
