"""FR-001, 002, 003, 005, 008, 010: the engines that a plain URL makes."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine.url import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool

from sqlalchemy_pgiris.dialect import IRISDialect_psycopg
from sqlalchemy_pgiris.dialect_async import IRISDialectAsync_psycopg

URL = "iris+psycopg://localhost:5432/USER"


def test_fr001_the_plain_url_makes_an_async_engine() -> None:
    engine = create_async_engine(URL)
    assert isinstance(engine.dialect, IRISDialectAsync_psycopg)
    assert engine.dialect.name == "iris"
    assert engine.dialect.driver == "psycopg"


def test_fr001_the_same_url_makes_a_sync_engine() -> None:
    dialect = create_engine(URL).dialect
    assert isinstance(dialect, IRISDialect_psycopg)
    assert not dialect.is_async


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("iris+psycopg://localhost/USER", {"host": "localhost", "dbname": "USER"}),
        ("iris+psycopg://localhost", {"host": "localhost", "dbname": "USER"}),
        (
            "iris+psycopg://ann:s%40crit@db:6432/APP?sslmode=require&connect_timeout=3",
            {
                "user": "ann",
                "password": "s@crit",
                "host": "db",
                "port": 6432,
                "dbname": "APP",
                "sslmode": "require",
                "connect_timeout": "3",
            },
        ),
        (
            "iris+psycopg:///APP?host=one&host=two&port=5432,5433",
            {"dbname": "APP", "host": "one,two", "port": "5432,5433"},
        ),
    ],
)
def test_fr001_the_namespace_is_the_database_and_libpq_gets_the_rest(
    url: str, options: dict[str, object]
) -> None:
    parsed = make_url(url)
    assert parsed.get_dialect()().create_connect_args(parsed) == ((), options)


async def test_fr001_the_engine_connects(async_engine: AsyncEngine) -> None:
    async with async_engine.connect() as connection:
        assert async_engine.dialect.default_schema_name == "SQLUser"
        version = async_engine.dialect.server_version_info
        assert version is not None
        assert version >= (2023, 1)
        assert await connection.scalar(text("SELECT $NAMESPACE")) == "USER"


async def test_fr002_select_1_needs_no_greenlet_of_the_user(async_engine: AsyncEngine) -> None:
    async with async_engine.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1
        assert await connection.scalar(select(1)) == 1


def test_fr003_the_async_class_is_found_through_the_sync_one() -> None:
    url = make_url(URL)
    assert url.get_dialect().get_async_dialect_cls(url) is IRISDialectAsync_psycopg
    assert make_url("iris+psycopg_async://h/USER").get_dialect() is IRISDialectAsync_psycopg


def test_fr005_the_pools() -> None:
    assert isinstance(create_async_engine(URL).pool, AsyncAdaptedQueuePool)
    assert isinstance(create_engine(URL).pool, QueuePool)


async def test_fr005_more_tasks_than_connections_wait_for_one_another(url: str) -> None:
    engine = create_async_engine(url, pool_size=3, max_overflow=0)

    async def ask(number: int) -> int:
        async with engine.connect() as connection:
            return (await connection.execute(text("SELECT :n"), {"n": number})).scalar_one()

    assert await asyncio.gather(*(ask(number) for number in range(30))) == list(range(30))
    assert isinstance(engine.pool, AsyncAdaptedQueuePool)
    assert engine.pool.checkedin() == 3
    await engine.dispose()


async def test_fr005_a_pre_ping_answers(url: str) -> None:
    engine = create_async_engine(url, pool_pre_ping=True)
    for _ in range(2):
        async with engine.connect() as connection:
            assert await connection.scalar(select(1)) == 1
    await engine.dispose()


async def test_fr008_the_driver_s_connection_is_psycopg_s(async_engine: AsyncEngine) -> None:
    async with async_engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert isinstance(raw.driver_connection, psycopg.AsyncConnection)


async def test_fr010_sync_and_async_in_one_process(url: str, async_engine: AsyncEngine) -> None:
    statement = select(text("1")).limit(1)
    sync_engine = create_engine(url)
    for _ in range(2):
        with sync_engine.connect() as connection:
            assert connection.scalar(statement) == 1
        async with async_engine.connect() as async_connection:
            assert await async_connection.scalar(statement) == 1
    sync_engine.dispose()
