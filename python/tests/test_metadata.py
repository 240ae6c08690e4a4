"""FR-012: creating, dropping and reflecting tables, sync and through `run_sync`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    exc,
    inspect,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from database import Database


@pytest.fixture
def tables(database: Database, fresh: Callable[[str], str]) -> Iterator[MetaData]:
    """A parent and a child, in this order in `sorted_tables`; created."""
    metadata = MetaData()
    parent = fresh("parent")
    Table(
        parent,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(50), nullable=False),
        Column("price", Numeric(10, 2)),
        UniqueConstraint("name", name=f"{parent}_name_key"),
    )
    Table(
        fresh("the_child"),
        metadata,
        Column("id", Integer, primary_key=True),
        Column("parent_id", ForeignKey(f"{parent}.id")),
        Column("note", String(20)),
        Index(f"{parent}_note", "note"),
    )
    database.run(metadata.create_all)
    yield metadata
    database.run(metadata.drop_all)


def test_fr012_a_missing_table_is_no_error(database: Database) -> None:
    assert database.run(lambda c: inspect(c).has_table("never_created")) is False


def test_fr012_create_all_and_drop_all_look_first(database: Database, tables: MetaData) -> None:
    def has(connection: Connection) -> list[bool]:
        return [inspect(connection).has_table(name) for name in tables.tables]

    assert database.run(has) == [True, True]
    database.run(tables.create_all)
    database.run(tables.drop_all)
    assert database.run(has) == [False, False]
    database.run(tables.drop_all)


def test_fr012_the_inspector_lists_tables_and_schemas(database: Database, tables: MetaData) -> None:
    def names(connection: Connection) -> tuple[set[str], list[str]]:
        inspector = inspect(connection)
        return set(inspector.get_table_names()), inspector.get_schema_names()

    table_names, schema_names = database.run(names)
    assert set(tables.tables) <= table_names
    assert "SQLUser" in schema_names


def test_fr012_the_inspector_describes_columns(database: Database, tables: MetaData) -> None:
    parent = tables.sorted_tables[0].name
    columns = {
        column["name"]: column for column in database.run(lambda c: inspect(c).get_columns(parent))
    }
    assert list(columns) == ["id", "name", "price"]
    assert isinstance(columns["name"]["type"], String)
    assert columns["name"]["type"].length == 50
    assert columns["name"]["nullable"] is False
    assert isinstance(columns["price"]["type"], Numeric)
    assert (columns["price"]["type"].precision, columns["price"]["type"].scale) == (10, 2)
    assert columns["price"]["nullable"] is True


def test_fr012_reflecting_gives_the_tables_back(database: Database, tables: MetaData) -> None:
    parent, child = (table.name for table in tables.sorted_tables)

    def reflect(connection: Connection) -> MetaData:
        reflected = MetaData()
        reflected.reflect(connection, only=[parent, child])
        return reflected

    reflected = database.run(reflect)
    assert [column.name for column in reflected.tables[parent].primary_key] == ["id"]
    (foreign_key,) = reflected.tables[child].foreign_keys
    assert foreign_key.column is reflected.tables[parent].c.id
    assert {index.name for index in reflected.tables[child].indexes} == {f"{parent}_note"}


def test_fr012_a_missing_table_is_named(database: Database) -> None:
    def autoload(connection: Connection) -> Any:
        return Table("never_created", MetaData(), autoload_with=connection)

    with pytest.raises(exc.NoSuchTableError, match="never_created"):
        database.run(autoload)


async def test_fr012_run_sync(async_engine: AsyncEngine, fresh: Callable[[str], str]) -> None:
    metadata = MetaData()
    table = Table(fresh("run_sync"), metadata, Column("id", Integer, primary_key=True))
    async with async_engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        assert await connection.run_sync(lambda c: inspect(c).has_table(table.name))
        await connection.run_sync(metadata.drop_all)
        assert not await connection.run_sync(lambda c: inspect(c).has_table(table.name))
