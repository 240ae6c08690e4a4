"""FR-004: arrays, and what is inside of them, sync and async.

asyncpg asks each connection for the definition of each type of arrays, which takes the broker a
while: its tests have few types and one connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import ARRAY as ANY_ARRAY
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    Uuid,
    all_,
    any_,
    exc,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import BigInteger, SmallInteger, TypeEngine

from database import MODES, Database
from sqlalchemy_pgiris.types.kept import IRIS_LENGTHS, array_length

VALUES: list[tuple[TypeEngine[Any], list[Any]]] = [
    (Integer(), [1, -2, None]),
    (SmallInteger(), [1]),
    (BigInteger(), [1 << 40]),
    (String(20), ["x", "", "a b", 'q"\\', "NULL", None, "{,}", "ünï"]),
    (Text(), ["long " * 100]),
    (Boolean(), [True, False, None]),
    (Float(), [0.5, -1e-300]),
    (Numeric(10, 2), [Decimal("1.25"), Decimal("-7.00")]),
    (Date(), [date(2024, 2, 29)]),
    (Time(), [time(12, 30)]),
    (DateTime(), [datetime(2024, 2, 29, 12, 30)]),
    (Integer(), []),
    (Integer(), [[1, 2], [3, 4]]),
]


@pytest.fixture(params=["sync", "async"])
def database(request: pytest.FixtureRequest, url: str) -> Iterator[Database]:
    database = MODES[request.param](url)
    yield database
    database.close()


@pytest.mark.parametrize(
    ("item", "value"), VALUES, ids=[f"{item!r}-{len(value)}" for item, value in VALUES]
)
def test_fr004_arrays_come_back_unchanged(
    database: Database, fresh: Callable[[str], str], item: TypeEngine[Any], value: list[Any]
) -> None:
    table = Table(
        fresh("array"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("value", ANY_ARRAY(item)),
    )

    def round_trip(connection: Connection) -> list[Any]:
        table.create(connection)
        connection.execute(table.insert(), [{"value": value}, {"value": None}])
        back = connection.scalars(select(table.c.value).order_by(table.c.id)).all()
        (column,) = [c for c in inspect(connection).get_columns(table.name) if c["name"] == "value"]
        assert isinstance(column["type"], ANY_ARRAY)
        assert column["type"].item_type._type_affinity is item._type_affinity
        table.drop(connection)
        return list(back)

    back = database.run(round_trip)
    assert back == [value, None]
    assert [type(got) for got in back[0]] == [type(put) for put in value]


@pytest.fixture
def table(database: Database, fresh: Callable[[str], str]) -> Iterator[Table]:
    table = Table(
        fresh("array"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("numbers", ARRAY(Integer)),
        Column("words", ARRAY(String(20))),
    )

    def fill(connection: Connection) -> None:
        table.create(connection)
        rows: list[dict[str, Any]] = [
            {"id": 1, "numbers": [1, 2, 3], "words": ["x", "y z"]},
            {"id": 2, "numbers": [3], "words": []},
            {"id": 3, "numbers": None, "words": None},
        ]
        connection.execute(table.insert(), rows)

    database.run(fill)
    yield table
    database.run(table.drop)


PARTS: list[tuple[str, Callable[[Any], ColumnElement[Any]], list[Any]]] = [
    ("element", lambda c: c.numbers[1], [1, 3, None]),
    ("no element", lambda c: c.numbers[7], [None, None, None]),
    ("slice", lambda c: c.numbers[2:3], [[2, 3], [], None]),
    ("word", lambda c: c.words[2], ["y z", None, None]),
]


@pytest.mark.parametrize(
    ("take", "values"), [case[1:] for case in PARTS], ids=[p[0] for p in PARTS]
)
def test_fr004_a_part_is_selected(
    database: Database,
    table: Table,
    take: Callable[[Any], ColumnElement[Any]],
    values: list[Any],
) -> None:
    statement = select(take(table.c)).order_by(table.c.id)
    assert database.run(lambda connection: connection.scalars(statement).all()) == values


CONDITIONS: list[tuple[str, Callable[[Any], ColumnElement[bool]], list[int]]] = [
    ("any", lambda c: any_(c.numbers) == 3, [1, 2]),
    ("any word", lambda c: any_(c.words) == "y z", [1]),
    ("no other", lambda c: all_(c.numbers) != 2, [2]),
    ("contains", lambda c: c.numbers.contains([3, 1]), [1]),
    ("contained by", lambda c: c.numbers.contained_by([3, 4]), [2]),
    ("overlaps", lambda c: c.numbers.overlap([2, 9]), [1]),
    ("equal", lambda c: c.numbers == [3], [2]),
    ("element", lambda c: c.numbers[1] == 3, [2]),
]


@pytest.mark.parametrize(
    ("condition", "ids"), [case[1:] for case in CONDITIONS], ids=[case[0] for case in CONDITIONS]
)
def test_fr004_rows_are_chosen_by_their_arrays(
    database: Database,
    table: Table,
    condition: Callable[[Any], ColumnElement[bool]],
    ids: list[int],
) -> None:
    statement = select(table.c.id).where(condition(table.c)).order_by(table.c.id)
    assert database.run(lambda connection: connection.scalars(statement).all()) == ids


def test_fr004_an_array_is_changed_as_a_whole(database: Database, table: Table) -> None:
    def change(connection: Connection) -> Any:
        connection.execute(update(table).where(table.c.id == 2).values(numbers=[7, None]))
        return connection.scalar(select(table.c.numbers).where(table.c.id == 2))

    assert database.run(change) == [7, None]


def test_fr004_an_array_may_stand_in_the_statement(database: Database, table: Table) -> None:
    statement = (
        update(table)
        .where(table.c.numbers == literal([3], ARRAY(Integer), literal_execute=True))
        .values(words=literal(["it's", 'a "b"'], ARRAY(String), literal_execute=True))
        .returning(table.c.id, table.c.words)
    )
    returned = database.run(lambda connection: connection.execute(statement).one())
    assert tuple(returned) == (2, ["it's", 'a "b"'])


def test_fr004_arrays_over_asyncpg(url: str, fresh: Callable[[str], str]) -> None:
    table = Table(
        fresh("array"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("numbers", ARRAY(Integer)),
        Column("words", ARRAY(String(20), dimensions=2)),
    )
    rows: list[dict[str, Any]] = [
        {"id": 1, "numbers": [1, -2, None], "words": [["x", "it's"], ['q"\\', "ünï"]]},
        {"id": 2, "numbers": [], "words": None},
    ]
    written = literal([["a", "it's"]], ARRAY(String, dimensions=2), literal_execute=True)

    def use(connection: Connection) -> list[Any]:
        table.create(connection)
        connection.execute(table.insert(), rows)
        connection.execute(table.insert().values(id=3, numbers=[7], words=written))
        found = connection.execute(select(table).order_by(table.c.id)).all()
        first = connection.scalars(select(table.c.numbers[1]).order_by(table.c.id)).all()
        sevens = connection.scalars(select(table.c.id).where(any_(table.c.numbers) == 7)).all()
        table.drop(connection)
        return [[tuple(row) for row in found], first, sevens]

    database = MODES["asyncpg"](url)
    found = database.run(use)
    database.close()
    assert found == [
        [*(tuple(row.values()) for row in rows), (3, [7], [["a", "it's"]])],
        [1, None, 7],
        [3],
    ]


def test_fr004_arrays_that_the_broker_has_not_are_refused(
    database: Database, fresh: Callable[[str], str]
) -> None:
    table = Table(fresh("array"), MetaData(), Column("value", ANY_ARRAY(LargeBinary)))
    with pytest.raises(exc.CompileError, match="no arrays of LargeBinary"):
        database.run(table.create)


def test_the_broker_knows_the_lengths(database: Database, fresh: Callable[[str], str]) -> None:
    """As it makes such columns itself, from PostgreSQL's names of the types."""
    items: dict[str, TypeEngine[Any]] = {
        "bool": Boolean(),
        "int2": SmallInteger(),
        "int4": Integer(),
        "int8": BigInteger(),
        "text": Text(),
        "varchar": String(),
        "float8": Float(),
        "numeric": Numeric(),
        "uuid": Uuid(),
        "date": Date(),
        "time": Time(),
        "timestamp": DateTime(),
        "jsonb": JSONB(),
        "json": JSON(),
    }
    name = fresh("kept")
    columns = ", ".join(f"c{number} {item}[]" for number, item in enumerate(items))

    def lengths(connection: Connection) -> list[int]:
        connection.exec_driver_sql(f"CREATE TABLE {name} (j json, b jsonb, i interval, {columns})")
        found = connection.exec_driver_sql(
            "SELECT CHARACTER_MAXIMUM_LENGTH FROM INFORMATION_SCHEMA.COLUMNS "
            f"WHERE TABLE_NAME = '{name}' ORDER BY ORDINAL_POSITION"
        )
        made = list(found.scalars())
        connection.exec_driver_sql(f"DROP TABLE {name}")
        return made

    assert database.run(lengths) == [*IRIS_LENGTHS.values(), *map(array_length, items.values())]
