"""asyncpg: `python asyncpg_driver.py URL` prints what the server answers to its users."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Awaitable
from typing import Any

import asyncpg
from report import COLUMNS, LONG, MANY, TABLE, VALUES, section, show


async def fails(label: str, action: Awaitable[Any]) -> None:
    """Run what must fail and print its SQLSTATE."""
    try:
        await action
    except asyncpg.PostgresError as error:
        print(f"{label}: {error.sqlstate}")
        return
    raise AssertionError(f"{label}: succeeds")


async def values(connection: Any) -> None:
    section("values")
    await connection.execute("DROP TABLE IF EXISTS driver_value")
    show("create", await connection.execute(TABLE))
    places = ", ".join(f"${at + 1}" for at in range(len(VALUES)))
    insert = f"INSERT INTO driver_value ({', '.join(COLUMNS)}) VALUES ({places})"
    show("returning", await connection.fetch(f"{insert} RETURNING id, t", *VALUES))
    show("nulls", await connection.execute(insert, *[None] * len(VALUES)))
    for row in await connection.fetch("SELECT * FROM driver_value ORDER BY id"):
        show("row", dict(row))
    for name, value in zip(COLUMNS, VALUES, strict=True):
        query = f"SELECT id FROM driver_value WHERE {name} = $1"
        show(f"by {name}", await connection.fetch(query, value))
    statement = await connection.prepare("SELECT $1::text AS t, $2::int + 1 AS n")
    show("parameters", [kind.name for kind in statement.get_parameters()])
    show("attributes", [(at.name, at.type.name) for at in statement.get_attributes()])
    show("bytes", await connection.fetchval("SELECT $1::bytea", b"\xff\x00\xfe"))
    for text in ("x", "y", "z"):
        show("prepared", await statement.fetch(text, 1))


async def transactions(connection: Any) -> None:
    section("transactions")
    async with connection.transaction():
        await connection.execute("INSERT INTO driver_value (t) VALUES ($1)", "kept")
        await fails("in a transaction", duplicate(connection))
        await connection.execute("INSERT INTO driver_value (t) VALUES ($1)", "kept too")
    query = "SELECT count(*) FROM driver_value WHERE t LIKE 'kept%'"
    show("left", await connection.fetchval(query))
    section("errors")
    await fails("syntax", connection.fetch("SELECT FROM WHERE"))
    await fails("table", connection.fetch("SELECT * FROM driver_absent"))
    await fails("column", connection.fetch("SELECT absent FROM driver_value"))
    await fails("division", connection.fetch("SELECT 1 / $1::int", 0))
    show("and on", await connection.fetchval("SELECT 1"))


async def duplicate(connection: Any) -> None:
    async with connection.transaction():
        await connection.execute("INSERT INTO driver_value (id) VALUES (1)")


async def many_rows(connection: Any) -> None:
    section("many rows")
    await connection.execute("DROP TABLE IF EXISTS driver_many")
    await connection.execute(MANY)
    rows = [(number, f"name {number}", number) for number in range(500)]
    await connection.executemany("INSERT INTO driver_many VALUES ($1, $2, $3)", rows)
    upsert = (
        "INSERT INTO driver_many VALUES ($1, $2) "
        "ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, name"
    )
    show("upsert", await connection.fetch(upsert, 1, "new"))
    async with connection.transaction():
        query = "SELECT id FROM driver_many WHERE id < $1 ORDER BY id"
        read = [row["id"] async for row in connection.cursor(query, 250, prefetch=33)]
        show("cursor", sum(read))
        cursor = await connection.cursor(query, 250)
        show("forward", await cursor.forward(5))
        show("then", await cursor.fetch(2))
        show("to the end", [await cursor.forward(1000), await cursor.fetchrow()])
        cursor = await connection.cursor("SELECT id FROM driver_many ORDER BY id")
        show("fetch", await cursor.fetch(3))
        show("fetch", await cursor.fetchrow())
    section("COPY")
    records = [(1000, "a\tb\\", 1), (1001, None, None)]
    show("records", await connection.copy_records_to_table("driver_many", records=records))
    source = io.BytesIO(b"1002,from csv,1.5\n")
    show("csv", await connection.copy_to_table("driver_many", source=source, format="csv"))
    out = io.BytesIO()
    query = "SELECT id, name FROM driver_many WHERE id >= 1000 ORDER BY id"
    show("out", await connection.copy_from_query(query, output=out))
    show("out", out.getvalue())


async def cancel(connection: Any) -> None:
    section("cancel")
    try:
        await connection.fetchval(LONG, timeout=0.3)
    except asyncio.TimeoutError:
        show("cancel", "timed out")
    show("and on", await connection.fetchval("SELECT 1"))


async def main() -> None:
    connection = await asyncpg.connect(sys.argv[1])
    await values(connection)
    await transactions(connection)
    await many_rows(connection)
    await cancel(connection)
    await connection.execute("DROP TABLE driver_value")
    await connection.execute("DROP TABLE driver_many")
    await connection.close()
    section("end")


asyncio.run(main())
