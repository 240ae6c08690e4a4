"""psycopg 3: `python psycopg_driver.py URL` prints what the server answers to its users."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from report import COLUMNS, LONG, MANY, TABLE, TEXT, VALUES, section, show

URL = sys.argv[1]

MOMENTS = (
    datetime(2024, 2, 29, 11, 59, 59, 123456),
    datetime(2024, 2, 28),
    datetime(2024, 3, 1, 0, 0, 0, 1000),
    datetime(1969, 12, 31, 23, 0, 7),
    datetime(2001, 1, 1, 12, 30),
    datetime(2021, 1, 3, 13, 5, 11),
    None,
)

BESIDE_DATES = (
    "d = %(moment)s",
    "d < %(moment)s",
    "%(moment)s <= d",
    "d BETWEEN %(moment)s AND '2024-03-01'",
    "d IN (%(moment)s, '2024-02-28')",
    "d < %(zoned)s",
    "ts::date = %(moment)s",
    "ts > %(moment)s",
)

TEMPLATES = (
    "YYYY-MM-DD HH24:MI:SS.US",
    "FMDay, FMDDth FMMonth YYYY",
    "Day DAY day|Dy DY dy|Month MONTH month|Mon MON mon|RM rm|FMRM",
    "Y,YYY YYY YY Y|IYYY IYY IY I IW ID IDDD|CC Q J",
    "HH HH12 HH24 MI SS MS US SSSS SSSSS FF1 FF3 FF6",
    "AM am A.M. p.m. PM|AD b.c. A.D.|DDD DD D WW W",
    "DDth DDTH MMth HH12TH YYYYth Dth",
    '"quoted \\" and YYYY" YYYY\\"x TMMonth FMMM',
    "TZ|TZH:TZM|OF",
    "no pattern: äöü, hour",
    "FMHH24:FMMI:FMSS FXYYYY",
    "",
)


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


def moments(connection: psycopg.Connection) -> None:
    section("moments")
    connection.execute("DROP TABLE IF EXISTS driver_moment")
    connection.execute("CREATE TABLE driver_moment (id int PRIMARY KEY, d date, ts timestamp)")
    insert = "INSERT INTO driver_moment VALUES (%s, %s, %s)"
    for number, moment in enumerate(MOMENTS):
        connection.execute(insert, [number, moment and moment.date(), moment])
    noon = {"moment": datetime(2024, 2, 29, 12), "zoned": datetime(2024, 2, 29, 12, tzinfo=UTC)}
    for condition in BESIDE_DATES:
        query = f"SELECT id FROM driver_moment WHERE {condition} ORDER BY id"
        show(condition, connection.execute(query, noon).fetchall())
    for name in ("year", "Month", "weeks", "min", "milliseconds", "decade", "century"):
        query = """SELECT date_trunc(%(name)s, ts), count(*)
            FROM driver_moment GROUP BY date_trunc(%(name)s, ts) ORDER BY 1"""
        show(name, connection.execute(query, {"name": name}).fetchall())
    for template in TEMPLATES:
        query = "SELECT to_char(ts, %s) FROM driver_moment ORDER BY id"
        show(template, connection.execute(query, [template]).fetchall())
    query = "SELECT to_char(ts, %s) AS m, count(*) FROM driver_moment GROUP BY 1 ORDER BY 1"
    show("months", connection.execute(query, ["YYYY-MM"]).fetchall())
    query = "SELECT date_trunc(%s, ts) FROM driver_moment"
    fails("field", lambda: connection.execute(query, ["nothing"]))


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
    moments(connection)
    transactions(connection)
    many_rows(connection)
    cancel(connection)
    connection.execute("DROP TABLE driver_value")
    connection.execute("DROP TABLE driver_moment")
    connection.execute("DROP TABLE driver_many")
section("end")
