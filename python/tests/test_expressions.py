"""Expressions answer as over PostgreSQL, sync and async."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Integer,
    Interval,
    MetaData,
    String,
    Table,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.selectable import Select

from database import Database

MIDNIGHT = datetime(2024, 1, 1)
HOUR = timedelta(hours=1)
ROWS: list[dict[str, Any]] = [
    {"id": 1, "n": 3, "s": "a", "b": True, "at": MIDNIGHT, "day": date(2024, 1, 31)},
    {"id": 2, "n": 8, "s": "b", "b": None, "at": MIDNIGHT + 5 * HOUR, "day": date(2024, 2, 29)},
]

metadata = MetaData()
items = Table(
    "expression_items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("n", Integer),
    Column("s", String(20)),
    Column("b", Boolean),
    Column("at", DateTime),
    Column("zoned", DateTime(timezone=True)),
    Column("day", Date),
    Column("lasts", Interval),
)
other = items.alias()


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    def fill(connection: Connection) -> None:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        rows = [
            {**row, "zoned": row["at"].replace(tzinfo=timezone.utc), "lasts": row["id"] * HOUR}
            for row in ROWS
        ]
        connection.execute(insert(items), rows)

    database.run(fill)
    yield database
    database.run(metadata.drop_all)


def values(database: Database, *expressions: ColumnElement[Any]) -> list[tuple[Any, ...]]:
    statement = select(*expressions).select_from(items).order_by(items.c.id)
    return database.run(lambda connection: [tuple(row) for row in connection.execute(statement)])


def ids(database: Database, condition: ColumnElement[bool]) -> list[int]:
    statement = select(items.c.id).where(condition).order_by(items.c.id)
    return database.run(lambda connection: list(connection.scalars(statement)))


def nobody() -> Any:
    return exists().where(other.c.n == 99)


def test_exists_is_true_or_false(filled: Database) -> None:
    is_next = exists().where(other.c.n == items.c.n + 5)
    (first, second) = values(filled, is_next, ~is_next, nobody(), ~nobody())
    assert first == (True, False, False, True)
    assert second == (False, True, False, True)
    assert all(isinstance(value, bool) for value in (*first, *second))
    assert json.dumps(first) == "[true, false, false, true]"


def test_exists_within_expressions(filled: Database) -> None:
    answers = case((nobody(), "y"), (exists().where(other.c.n == 8), "z"), else_="n")
    assert values(filled, answers) == [("z",), ("z",)]
    assert ids(filled, or_(nobody(), items.c.n == 3)) == [1]
    assert ids(filled, exists(select(1).where(other.c.n > 5)) == True) == [1, 2]  # noqa: E712
    ordered = select(items.c.id).order_by(exists().where(other.c.n == items.c.n + 5), items.c.id)
    assert filled.run(lambda connection: list(connection.scalars(ordered))) == [2, 1]


def test_true_and_false_are_booleans(filled: Database) -> None:
    found = values(
        filled,
        true(),
        false(),
        literal(True),
        func.coalesce(items.c.b, false()),
        case((items.c.n > 5, true()), else_=false()),
        case((items.c.n > 5, True), else_=False),
    )
    assert found == [
        (True, False, True, True, False, False),
        (True, False, True, False, True, True),
    ]
    assert all(isinstance(value, bool) for row in found for value in row)


def test_conditions_on_booleans(filled: Database) -> None:
    assert ids(filled, true()) == [1, 2]
    assert ids(filled, false()) == []
    assert ids(filled, items.c.b) == [1]
    assert ids(filled, ~items.c.b) == []
    assert ids(filled, items.c.b.is_(True)) == [1]
    assert ids(filled, items.c.b.is_not(True)) == [2]
    assert ids(filled, items.c.b == true()) == [1]
    assert ids(filled, items.c.b.is_(None)) == [2]


def test_concatenation_with_null_is_null(filled: Database) -> None:
    (row, _) = values(
        filled, items.c.s + "x", items.c.s + cast(null(), String), func.concat(items.c.s, null(), 1)
    )
    assert row == ("ax", None, "a1")


def test_modulo_and_operators_on_bits(filled: Database) -> None:
    n = items.c.n
    assert values(filled, n % 5) == [(3,), (3,)]
    assert ids(filled, n % 2 == 0) == [2]
    found = values(
        filled,
        n.bitwise_and(1),
        n.bitwise_or(4),
        n.bitwise_xor(1),
        n.bitwise_not(),
        n.bitwise_lshift(2),
        n.bitwise_rshift(1),
    )
    assert found == [(n & 1, n | 4, n ^ 1, ~n, n << 2, n >> 1) for n in (3, 8)]
    assert ids(filled, n.bitwise_xor(1) == 2) == [1]


@pytest.mark.parametrize("pattern", ["^[ac]", "a|c"])
def test_regular_expressions(filled: Database, pattern: str) -> None:
    assert ids(filled, items.c.s.regexp_match(pattern)) == [1]
    assert ids(filled, ~items.c.s.regexp_match(pattern)) == [2]
    assert values(filled, items.c.s.regexp_replace(pattern, "x")) == [("x",), ("b",)]


def test_functions_that_a_field_tells_what_to_do(filled: Database) -> None:
    found = values(
        filled,
        func.date_trunc("hour", items.c.at),
        func.to_char(items.c.at, "YYYY-MM HH24"),
        func.date_part("hour", items.c.at),
    )
    assert found == [(MIDNIGHT, "2024-01 00", 0), (MIDNIGHT + 5 * HOUR, "2024-01 05", 5)]
    month = func.date_trunc("month", items.c.at)
    counted = select(month, func.count()).group_by(month)
    assert filled.run(lambda connection: connection.execute(counted).all()) == [(MIDNIGHT, 2)]
    # another field, in a statement that is cached
    assert values(filled, func.date_part("year", items.c.at)) == [(2024,), (2024,)]


def test_aggregate_strings(filled: Database) -> None:
    statement = select(func.aggregate_strings(items.c.s, "-"))
    assert filled.run(lambda connection: connection.scalar(statement)) in ("a-b", "b-a")


def test_an_array_alone(filled: Database) -> None:
    expected = [([1, 2], ["x", None])] * 2
    numbers, words = literal([1, 2], ARRAY(Integer)), literal(["x", None], ARRAY(String))
    assert values(filled, numbers, words) == expected


def test_the_last_day_of_the_calendar(filled: Database) -> None:
    row = {
        "id": 9,
        "at": datetime.max,
        "zoned": datetime.max.replace(tzinfo=timezone.utc),
        "day": date.max,
    }

    def put(connection: Connection) -> Any:
        connection.execute(insert(items).values(row))
        found = select(items.c.id, items.c.at, items.c.zoned, items.c.day).where(
            items.c.day == date.max, items.c.at == datetime.max, items.c.zoned == row["zoned"]
        )
        return connection.execute(found).one()

    assert filled.run(put) == tuple(row.values())


def test_a_duration_is_added_and_taken_away(filled: Database) -> None:
    day = timedelta(days=1, hours=2, microseconds=3)
    (row, _) = values(
        filled,
        items.c.at - day,
        items.c.at + day,
        items.c.zoned + day,
        items.c.day + timedelta(days=1),
        items.c.at + items.c.lasts,
        items.c.at - timedelta(days=-1, seconds=5),
    )
    assert row == (
        MIDNIGHT - day,
        MIDNIGHT + day,
        (MIDNIGHT + day).replace(tzinfo=timezone.utc),
        datetime(2024, 2, 1),
        MIDNIGHT + HOUR,
        MIDNIGHT - timedelta(days=-1, seconds=5),
    )


def test_differences_and_sums_are_durations(filled: Database) -> None:
    found = values(filled, items.c.at - MIDNIGHT, items.c.zoned - items.c.zoned)
    assert found == [(timedelta(0), timedelta(0)), (5 * HOUR, timedelta(0))]
    total = select(func.sum(items.c.lasts), func.max(items.c.lasts), func.avg(items.c.lasts))
    row = filled.run(lambda connection: connection.execute(total).one())
    assert row == (3 * HOUR, 2 * HOUR, 1.5 * HOUR)
    assert values(filled, literal(HOUR)) == [(HOUR,), (HOUR,)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (lambda: items.c.lasts > HOUR, [2]),
        (lambda: items.c.lasts == HOUR, [1]),
        (lambda: items.c.lasts + HOUR > 2 * HOUR, [2]),
        (lambda: items.c.at - MIDNIGHT > HOUR, [2]),
        (lambda: items.c.at - MIDNIGHT <= timedelta(0), [1]),
        (lambda: (items.c.at - MIDNIGHT).between(HOUR, 6 * HOUR), [2]),
        (lambda: items.c.at + 2 * HOUR < MIDNIGHT + 5 * HOUR, [1]),
        (lambda: items.c.at < func.now() - timedelta(days=1), [1, 2]),
        (lambda: items.c.zoned > func.now() - timedelta(days=1), []),
    ],
)
def test_durations_in_conditions(
    filled: Database, condition: Callable[[], ColumnElement[bool]], expected: list[int]
) -> None:
    assert ids(filled, condition()) == expected


def test_durations_in_update(filled: Database) -> None:
    def change(connection: Connection) -> Any:
        connection.execute(update(items).values(at=items.c.at + HOUR, lasts=items.c.lasts - HOUR))
        later = select(items.c.at, items.c.lasts).order_by(items.c.id)
        return connection.execute(later).all()

    assert filled.run(change) == [
        (MIDNIGHT + HOUR, timedelta(0)),
        (MIDNIGHT + 6 * HOUR, HOUR),
    ]


def limited() -> list[Select[Any]]:
    ordered = select(items.c.id).order_by(items.c.id)
    one = literal(0, Integer) + 1
    return [ordered.limit(one), ordered.fetch(one), ordered.limit(one + 1).offset(one - 1).limit(1)]


def test_limits_that_are_computed(filled: Database) -> None:
    def run(connection: Connection) -> list[list[int]]:
        return [list(connection.scalars(statement)) for statement in limited()]

    assert filled.run(run) == [[1], [1], [1]]


def test_range_frames(filled: Database) -> None:
    near = func.sum(items.c.n).over(order_by=items.c.n, range_=(-5, 0))
    assert values(filled, near) == [(3,), (11,)]


def test_delete_by_a_duration(filled: Database) -> None:
    def drop(connection: Connection) -> int:
        return connection.execute(
            delete(items).where(items.c.at - MIDNIGHT > timedelta(hours=4))
        ).rowcount

    assert filled.run(drop) == 1


def test_numbers_keep_their_types(filled: Database) -> None:
    (row, _) = values(filled, items.c.n / 2, items.c.n // 2, items.c.n * Decimal("1.5"))
    assert row == (Decimal("1.5"), 1, Decimal("4.5"))
