"""pgvector's package: `python pgvector_driver.py URL` prints what its users are answered.

Vectors go in and out by psycopg and asyncpg, in text and in binary.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import asyncpg
import pgvector.asyncpg
import pgvector.psycopg
import psycopg
from pgvector import Vector
from report import section, show

URL = sys.argv[1]
ITEMS = {1: [1.0, 0.0, 0.0], 2: [0.6, 0.8, 0.0], 3: [0.25, -0.5, 1.5], 4: None}
NEAREST = "SELECT id FROM driver_vector WHERE v IS NOT NULL ORDER BY v {} {} LIMIT 2"
OPERATORS = ("<=>", "<#>", "<->")


def shown(value: Any) -> Any:
    """Show a vector as its numbers."""
    return value.to_list() if isinstance(value, Vector) else value


def rows(found: Any) -> list[Any]:
    return [[shown(value) for value in row] for row in found]


def by_psycopg() -> None:
    section("psycopg")
    with psycopg.connect(URL, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        pgvector.psycopg.register_vector(connection)
        connection.execute("DROP TABLE IF EXISTS driver_vector")
        connection.execute("CREATE TABLE driver_vector (id int PRIMARY KEY, v vector(3))")
        for binary, place in ((False, "%t"), (True, "%b")):
            connection.execute("DELETE FROM driver_vector")
            for key, value in ITEMS.items():
                vector = None if value is None else Vector(value)
                connection.execute(
                    f"INSERT INTO driver_vector VALUES (%s, {place})", (key, vector)
                )
            with connection.cursor(binary=binary) as cursor:
                cursor.execute("SELECT * FROM driver_vector ORDER BY id")
                show("type", [column.type_display for column in cursor.description or ()])
                show("all", rows(cursor.fetchall()))
                for operator in OPERATORS if binary else OPERATORS[:2]:
                    # Euclidean distances have a place in ORDER BY on every server
                    query = NEAREST.format(operator, place)
                    show(operator, cursor.execute(query, (Vector([0.9, 0.1, 0.0]),)).fetchall())
                cursor.execute(f"SELECT {place}::vector AS v", (Vector([1, 2, 3]),))
                show("value", rows(cursor.fetchall()))
                cursor.execute("SELECT v FROM driver_vector WHERE id = 3")
                show("one", rows(cursor.fetchall()))
        with connection.cursor() as cursor:
            records = [(key, Vector([float(key), 0.5, 0.0])) for key in range(10, 13)]
            cursor.executemany("INSERT INTO driver_vector VALUES (%s, %s)", records)
            show("many", cursor.rowcount)
            with cursor.copy("COPY driver_vector FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["int4", "vector"])
                copy.write_row((20, Vector([0.0, 0.0, 7.5])))
            with cursor.copy("COPY driver_vector FROM STDIN") as copy:
                copy.write_row((21, Vector([0.0, 0.0, 8.5])))
            cursor.execute("SELECT * FROM driver_vector WHERE id >= 10 ORDER BY id")
            show("copied", rows(cursor.fetchall()))
        for wrong in (Vector([1, 2]), "[1,2,x]"):
            try:
                connection.execute("INSERT INTO driver_vector VALUES (99, %s)", (wrong,))
            except psycopg.Error as error:
                show("wrong", error.sqlstate)


async def by_asyncpg() -> None:
    section("asyncpg")
    connection = await asyncpg.connect(URL)
    await pgvector.asyncpg.register_vector(connection)
    await connection.execute("DELETE FROM driver_vector")
    for key, value in ITEMS.items():
        vector = None if value is None else Vector(value)
        await connection.execute("INSERT INTO driver_vector VALUES ($1, $2)", key, vector)
    show("all", rows(await connection.fetch("SELECT * FROM driver_vector ORDER BY id")))
    for operator in OPERATORS:
        query = NEAREST.format(operator, "$1")
        show(operator, rows(await connection.fetch(query, Vector([0.9, 0.1, 0.0]))))
    show("value", shown(await connection.fetchval("SELECT $1::vector", Vector([1, 2, 3]))))
    records = [(key, Vector([float(key), 0.5, 0.0])) for key in range(10, 13)]
    await connection.executemany("INSERT INTO driver_vector VALUES ($1, $2)", records)
    records = [(20, Vector([0.0, 0.0, 7.5])), (21, None)]
    show("records", await connection.copy_records_to_table("driver_vector", records=records))
    query = "SELECT * FROM driver_vector WHERE id >= 10 ORDER BY id"
    show("copied", rows(await connection.fetch(query)))
    await connection.execute("DROP TABLE driver_vector")
    await connection.close()


by_psycopg()
asyncio.run(by_asyncpg())
section("end")
