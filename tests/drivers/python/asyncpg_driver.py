"""asyncpg: `python asyncpg_driver.py URL` prints what the server answers to its users."""

from __future__ import annotations

import asyncio
import datetime
import io
import sys
import uuid
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any

import asyncpg
from report import COLUMNS, LONG, MANY, TABLE, TEXT, VALUES, section, show


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


ARRAYS: dict[str, tuple[str, list[Any]]] = {
    "i2": ("smallint[]", [1, -2, None]),
    "i4": ("int[]", [1, 2, 3]),
    "i8": ("bigint[]", [9223372036854775807]),
    "t": ("text[]", ['a,b', None, '"q"', "", "NULL", "\\", "ü"]),
    "v": ("varchar[]", ["x", "y z"]),
    "u": ("uuid[]", [uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]),
    "d": ("date[]", [datetime.date(2024, 2, 29), None]),
    "b": ("boolean[]", [True, False, None]),
    "n": ("numeric[]", [Decimal("1.50"), Decimal("-7")]),
    "f": ("double precision[]", [1.5, -2.25]),
    "ts": ("timestamp[]", [datetime.datetime(2024, 2, 29, 12, 30, 0, 5000)]),
    "tm": ("time[]", [datetime.time(23, 59, 58)]),
}


async def arrays(connection: Any) -> None:
    section("arrays")
    await connection.execute("DROP TABLE IF EXISTS driver_array")
    columns = ", ".join(f"{name} {type_}" for name, (type_, _) in ARRAYS.items())
    await connection.execute(f"CREATE TABLE driver_array (id int PRIMARY KEY, {columns})")
    places = ", ".join(f"${at + 2}" for at in range(len(ARRAYS)))
    insert = f"INSERT INTO driver_array VALUES ($1, {places})"
    full = [value for _, value in ARRAYS.values()]
    show("full", await connection.execute(insert, 1, *full))
    show("empty", await connection.execute(insert, 2, *[[] for _ in ARRAYS]))
    show("nulls", await connection.execute(insert, 3, *[None] * len(ARRAYS)))
    for row in await connection.fetch("SELECT * FROM driver_array ORDER BY id"):
        show("row", dict(row))
    records = [(4, *full), (5, *[None] * len(ARRAYS))]
    show("records", await connection.copy_records_to_table("driver_array", records=records))
    show("again", dict(await connection.fetchrow("SELECT * FROM driver_array WHERE id = 4")))
    update = "UPDATE driver_array SET i4 = $1, t = $2 WHERE id = 2"
    show("update", await connection.execute(update, [7], ["z"]))
    query = "SELECT id FROM driver_array WHERE id = ANY($1) ORDER BY id"
    show("any", await connection.fetch(query, [1, 2, 99]))
    query = "SELECT i4, t FROM driver_array WHERE id = 2"
    show("updated", await connection.fetch(query))
    await connection.execute("DROP TABLE driver_array")


async def copies(connection: Any) -> None:
    section("COPY of all types")
    columns = ["id", *COLUMNS]
    out = io.BytesIO()
    show("out", await connection.copy_from_table("driver_value", output=out, format="binary"))
    await connection.execute("DROP TABLE IF EXISTS driver_copy")
    await connection.execute(TABLE.replace("driver_value", "driver_copy"))
    out.seek(0)
    show("in", await connection.copy_to_table("driver_copy", source=out, format="binary"))
    for row in await connection.fetch("SELECT * FROM driver_copy ORDER BY id"):
        show("row", dict(row))
    records = [(100 + at, *VALUES) for at in range(3)]
    into = connection.copy_records_to_table("driver_copy", records=records, columns=columns)
    show("records", await into)
    out = io.BytesIO()
    query = "SELECT id, t, n FROM driver_copy WHERE id >= $1 AND t = $2 ORDER BY id"
    options = {"output": out, "format": "csv", "header": True}
    show("query", await connection.copy_from_query(query, 101, TEXT, **options))
    show("query", out.getvalue())
    source = io.BytesIO(b"200,chosen\n201,other\n")
    where = "t = 'chosen' AND id > 100"
    options = {"source": source, "columns": ["id", "t"], "format": "csv", "where": where}
    show("where", await connection.copy_to_table("driver_copy", **options))
    source = io.BytesIO("300,größe\n".encode("latin-1"))
    options = {"source": source, "columns": ["id", "t"], "format": "csv", "encoding": "latin1"}
    show("encoding", await connection.copy_to_table("driver_copy", **options))
    query = "SELECT id, t FROM driver_copy WHERE id >= 200 ORDER BY id"
    show("copied", await connection.fetch(query))
    await connection.execute("DROP TABLE driver_copy")


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
    await arrays(connection)
    await copies(connection)
    await transactions(connection)
    await many_rows(connection)
    await cancel(connection)
    await connection.execute("DROP TABLE driver_value")
    await connection.execute("DROP TABLE driver_many")
    await connection.close()
    section("end")


asyncio.run(main())
