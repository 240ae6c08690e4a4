"""What the programs of this folder print, and the values that they send."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

COLUMNS = {
    "i2": "smallint",
    "i4": "integer",
    "i8": "bigint",
    "f8": "double precision",
    "n": "numeric(12,3)",
    "b": "boolean",
    "t": "text",
    "v": "varchar(50)",
    "bin": "bytea",
    "d": "date",
    "tm": "time",
    "ts": "timestamp",
    "u": "uuid",
}
COLUMN_LIST = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items())
TABLE = f"CREATE TABLE driver_value (id serial PRIMARY KEY, {COLUMN_LIST})"
MANY = "CREATE TABLE driver_many (id int PRIMARY KEY, name text, price numeric(10,2))"
# takes longer than anybody waits, on every server
LONG = "SELECT count(*) FROM driver_many a, driver_many b, driver_many c, driver_many d"
TEXT = "it's “quoted” \\ \"ünï\" 🦉\n$1 ?"
VALUES: list[Any] = [
    *(-32768, 2147483647, 9223372036854775807, -1.5e-7, Decimal("123456789.125"), True, TEXT, ""),
    *(b"\x00\x01'\\\xff", datetime.date(2024, 2, 29), datetime.time(23, 59, 58, 123456)),
    datetime.datetime(2024, 2, 29, 23, 59, 58, 123456),
    uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
]


def section(title: str) -> None:
    print(f"-- {title}")


def show(label: str, value: Any) -> None:
    print(f"{label}: {value!r}")
