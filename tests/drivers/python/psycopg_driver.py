"""psycopg 3: `python psycopg_driver.py URL` prints what the server answers to its users."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.rows import dict_row
from report import COLUMNS, LONG, MANY, TABLE, TEXT, VALUES, section, show

URL = sys.argv[1]


def fails(label: str, action: Callable[[], Any]) -> None:
    """Run what must fail and print its SQLSTATE."""
    try:
        action()
    except psycopg.Error as error:
        print(f"{label}: {error.sqlstate}")
        return
    raise AssertionError(f"{label}: succeeds")


def values(connection: psycopg.Connection) -> None:
    section("values")
    connection.execute("DROP TABLE IF EXISTS driver_value")
    show("create", connection.execute(TABLE).statusmessage)
    places = ", ".join(["%s"] * len(VALUES))
    insert = f"INSERT INTO driver_value ({', '.join(COLUMNS)}) VALUES ({places})"
    show("returning", connection.execute(f"{insert} RETURNING id, t", VALUES).fetchall())
    show("nulls", connection.execute(insert, [None] * len(VALUES)).rowcount)
    places = ", ".join(["%b"] * len(VALUES))
    insert = f"INSERT INTO driver_value ({', '.join(COLUMNS)}) VALUES ({places})"
    show("binary in", connection.execute(insert, VALUES).rowcount)
    for binary in (False, True):
        with connection.cursor(binary=binary, row_factory=dict_row) as cursor:
            for row in cursor.execute("SELECT * FROM driver_value ORDER BY id"):
                show("binary" if binary else "text", row)
    for name, value in zip(COLUMNS, VALUES, strict=True):
        query = f"SELECT id FROM driver_value WHERE {name} = %s ORDER BY id"
        show(f"by {name}", connection.execute(query, [value]).fetchall())
    query = "SELECT id FROM driver_value WHERE i4 = ANY(%s) ORDER BY id"
    show("integers", connection.execute(query, [[1, 2147483647]]).fetchall())
    query = "SELECT id FROM driver_value WHERE t = ANY(%b) ORDER BY id"
    show("texts", connection.execute(query, [[TEXT, 'a,"b"']]).fetchall())
    for text in ("x", "y", "z"):
        again = connection.execute("SELECT %s::text, %s::int + 1", [text, 1], prepare=True)
        show("prepared", again.fetchall())


def transactions(connection: psycopg.Connection) -> None:
    section("transactions")
    with connection.transaction():
        connection.execute("INSERT INTO driver_value (t) VALUES (%s)", ["kept"])
        fails("in a transaction", lambda: duplicate(connection))
        connection.execute("INSERT INTO driver_value (t) VALUES (%s)", ["kept too"])
    query = "SELECT count(*) FROM driver_value WHERE t LIKE 'kept%'"
    show("left", connection.execute(query).fetchone())
    section("errors")
    fails("syntax", lambda: connection.execute("SELECT FROM WHERE"))
    fails("table", lambda: connection.execute("SELECT * FROM driver_absent WHERE a = %s", [1]))
    fails("column", lambda: connection.execute("SELECT absent FROM driver_value"))
    fails("division", lambda: connection.execute("SELECT 1 / %s::int", [0]))
    show("and on", connection.execute("SELECT 1").fetchone())


def duplicate(connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("INSERT INTO driver_value (id) VALUES (1)")


def many_rows(connection: psycopg.Connection) -> None:
    section("many rows")
    connection.execute("DROP TABLE IF EXISTS driver_many")
    connection.execute(MANY)
    rows = [(number, f"name {number}", number) for number in range(500)]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO driver_many VALUES (%s, %s, %s)", rows)
        show("many", cursor.rowcount)
    upsert = (
        "INSERT INTO driver_many VALUES (%s, %s) "
        "ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, name"
    )
    show("upsert", connection.execute(upsert, [1, "new"]).fetchall())
    with connection.pipeline() as pipeline:
        piped = [connection.execute("SELECT %s::int AS n", [number]) for number in range(5)]
        pipeline.sync()
        show("pipeline", [cursor.fetchone() for cursor in piped])
    with connection.transaction(), connection.cursor("on_server") as cursor:
        cursor.execute("SELECT id FROM driver_many WHERE id < %s ORDER BY id", [250])
        show("fetch", cursor.fetchmany(3))
        cursor.itersize = 100
        show("rest", sum(row[0] for row in cursor))
    section("COPY")
    with connection.cursor() as cursor:
        with cursor.copy("COPY driver_many (id, name) FROM STDIN") as copy:
            for row in [(1000, "a\tb\\"), (1001, None)]:
                copy.write_row(row)
        with cursor.copy("COPY driver_many (id, name) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "text"])
            copy.write_row((1002, "binary"))
        query = "COPY (SELECT id, name FROM driver_many WHERE id >= 1000 ORDER BY id) TO STDOUT"
        for form in ("", " (FORMAT BINARY)"):
            with cursor.copy(query + form) as copy:
                copy.set_types(["int4", "text"])
                show("out", list(copy.rows()))


def cancel(connection: psycopg.Connection) -> None:
    section("cancel")
    timer = threading.Timer(0.3, connection.cancel_safe)
    timer.start()
    fails("cancel", lambda: connection.execute(LONG))
    timer.join()
    show("and on", connection.execute("SELECT 1").fetchone())


with psycopg.connect(URL, autocommit=True) as connection:
    values(connection)
    transactions(connection)
    many_rows(connection)
    cancel(connection)
    connection.execute("DROP TABLE driver_value")
    connection.execute("DROP TABLE driver_many")
section("end")
