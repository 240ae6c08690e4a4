"""Values of every type come back as they went in, sync and async."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    Uuid,
    insert,
    select,
)
from sqlalchemy import UUID as NATIVE_UUID
from sqlalchemy.types import TypeEngine

from database import Database
from sqlalchemy_pgiris import IRISListBuild


class Colour(enum.Enum):
    """Stored by name."""

    RED = 1
    GREEN = 2


ID = UUID("0b9b8d3e-5d0f-4c5e-9d57-3f7b3f0b7c11")
PLUS_2 = timezone(timedelta(hours=2))

VALUES: list[tuple[TypeEngine[Any], list[Any]]] = [
    (Boolean(), [True, False]),
    (SmallInteger(), [0, -32768, 32767]),
    (Integer(), [0, -2147483647, 2147483647]),
    (BigInteger(), [1 << 40, -(1 << 62)]),
    (Numeric(18, 4), [Decimal("12345678901234.5678"), Decimal("-0.0001"), Decimal(7)]),
    (Numeric(18, 4, asdecimal=False), [1.5]),
    (Float(), [0.1, -1.5e-300, 1e308]),
    (String(100), ["it's", "100 %", 'a "b" \\ c', "ünï 🦉", "$1 %s :x ?"]),
    (Text(), ["line\nline\ttab", "x" * 10_000]),
    (LargeBinary(), [bytes(range(256)), b"x" * 10_000]),
    (Date(), [date(1900, 1, 1), date(2024, 2, 29)]),
    (Time(), [time(0, 0), time(23, 59, 59), time(12, 0, 0, 1)]),
    (DateTime(), [datetime(1970, 1, 1), datetime(2024, 2, 29, 23, 59, 59, 123456)]),
    (DateTime(timezone=True), [datetime(2024, 2, 29, 12, tzinfo=timezone.utc)]),
    (Interval(), [timedelta(days=3, seconds=1), timedelta(hours=-5, microseconds=7)]),
    # as over iris://
    (Interval(native=False), [timedelta(days=3, seconds=1), timedelta(hours=-5)]),
    (Uuid(native_uuid=False), [ID]),
    (Uuid(), [ID]),
    # without dashes it comes back with them: SQLAlchemy writes it so, on every database
    (Uuid(as_uuid=False), [str(ID)]),
    (NATIVE_UUID(), [ID]),
    (JSON(), [{"a": [1, None, {"b": "ü"}]}, [], "text", 1.5]),
    (Enum(Colour), [Colour.RED, Colour.GREEN]),
]


@pytest.mark.parametrize(("type_", "values"), VALUES, ids=[repr(type_) for type_, _ in VALUES])
def test_fr004_values_come_back_unchanged(
    database: Database, fresh: Callable[[str], str], type_: TypeEngine[Any], values: list[Any]
) -> None:
    table = Table(
        fresh("type"), MetaData(), Column("id", Integer, primary_key=True), Column("value", type_)
    )
    values = [*values, None]

    def round_trip(connection: Connection) -> list[Any]:
        table.create(connection)
        for number, value in enumerate(values):
            connection.execute(insert(table).values(id=number, value=value))
        back = connection.scalars(select(table.c.value).order_by(table.c.id)).all()
        table.drop(connection)
        return list(back)

    back = database.run(round_trip)
    assert back == values
    # asyncpg's UUID is a subclass of Python's
    assert all(isinstance(got, type(put)) for got, put in zip(back, values, strict=True))


def test_fr004_a_value_is_found_by_itself(database: Database, fresh: Callable[[str], str]) -> None:
    comparable = [(type_, values[-1]) for type_, values in VALUES if not _is_opaque(type_)]
    table = Table(
        fresh("type"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        *(Column(f"value_{number}", type_) for number, (type_, _) in enumerate(comparable)),
    )

    def find(connection: Connection) -> list[int]:
        table.create(connection)
        row = {f"value_{number}": value for number, (_, value) in enumerate(comparable)}
        connection.execute(insert(table).values(id=1, **row))
        found = [
            number
            for number, (_, value) in enumerate(comparable)
            if connection.scalar(select(table.c.id).where(table.c[f"value_{number}"] == value)) == 1
        ]
        table.drop(connection)
        return found

    assert database.run(find) == list(range(len(comparable)))


def _is_opaque(type_: TypeEngine[Any]) -> bool:
    """A stream, or JSON, which IRIS does not compare; or a date that SQLAlchemy compares so."""
    return isinstance(type_, LargeBinary | JSON) or (
        isinstance(type_, Interval) and not type_.native
    )


def test_a_zone_is_turned_into_utc(database: Database, fresh: Callable[[str], str]) -> None:
    table = Table(fresh("zone"), MetaData(), Column("at", DateTime(timezone=True)))

    def round_trip(connection: Connection) -> Any:
        table.create(connection)
        connection.execute(insert(table).values(at=datetime(2024, 1, 1, 1, tzinfo=PLUS_2)))
        back = connection.scalar(select(table.c.at))
        table.drop(connection)
        return back

    assert database.run(round_trip) == datetime(2023, 12, 31, 23, tzinfo=timezone.utc)


def test_fr004_lists_of_iris(database: Database, fresh: Callable[[str], str]) -> None:
    lists = [[1, "two", 3.5], ["ünï", ""], list(range(300)), []]
    table = Table(
        fresh("list"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("value", IRISListBuild(1000, str)),
    )

    def round_trip(connection: Connection) -> tuple[list[Any], Any]:
        table.create(connection)
        connection.execute(insert(table), [{"value": value} for value in [*lists, None]])
        back = connection.scalars(select(table.c.value).order_by(table.c.id)).all()
        found = connection.scalar(select(table.c.id).where(table.c.value == lists[0]))
        table.drop(connection)
        return list(back), found

    assert database.run(round_trip) == ([*lists, None], 1)
