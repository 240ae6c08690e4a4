"""FR-004: documents, and what is inside of them, sync and async."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    cast,
    inspect,
    select,
    text,
)

from database import Database

DOCUMENT = {
    "name": "ünï",
    "a b": {"c": [10, 20, {"d": None}]},
    "count": 3,
    "share": 0.5,
    "ready": True,
    'quo"te': "x",
}


@pytest.fixture
def table(database: Database, fresh: Callable[[str], str]) -> Iterator[Table]:
    """One row with the document, one with a list, and one with nothing."""
    table = Table(
        fresh("json"), MetaData(), Column("id", Integer, primary_key=True), Column("document", JSON)
    )

    def fill(connection: Connection) -> None:
        table.create(connection)
        for number, value in enumerate([DOCUMENT, [1, [2, 3]], None], 1):
            connection.execute(table.insert().values(id=number, document=value))

    database.run(fill)
    yield table
    database.run(table.drop)


ELEMENTS: list[tuple[str, Callable[[Any], ColumnElement[Any]], Any]] = [
    ("a key", lambda document: document["name"], "ünï"),
    ("a part", lambda document: document["a b"], DOCUMENT["a b"]),
    ("a path", lambda document: document[("a b", "c", 1)], 20),
    ("a quoted key", lambda document: document[('quo"te',)], "x"),
    ("a null", lambda document: document[("a b", "c", 2, "d")], None),
    ("no key", lambda document: document["none"], None),
    ("key after key", lambda document: document["a b"]["c"][0], 10),
    ("as string", lambda document: document["name"].as_string(), "ünï"),
    ("as integer", lambda document: document["count"].as_integer(), 3),
    ("as integer of a path", lambda document: document[("a b", "c", 0)].as_integer(), 10),
    ("as float", lambda document: document["share"].as_float(), 0.5),
    ("as boolean", lambda document: document["ready"].as_boolean(), True),
    ("as numeric", lambda document: document["share"].as_numeric(10, 2), Decimal("0.50")),
    ("as json", lambda document: document["a b"].as_json(), DOCUMENT["a b"]),
    ("as text", lambda document: cast(document["count"], String), "3"),
]


@pytest.mark.parametrize(
    ("take", "value"), [case[1:] for case in ELEMENTS], ids=[case[0] for case in ELEMENTS]
)
def test_fr004_an_element_is_selected(
    database: Database, table: Table, take: Callable[[Any], ColumnElement[Any]], value: Any
) -> None:
    statement = select(take(table.c.document)).where(table.c.id == 1)
    assert database.run(lambda connection: connection.scalars(statement).one()) == value


CONDITIONS: list[tuple[str, Callable[[Any], ColumnElement[bool]], list[int]]] = [
    ("string", lambda document: document["name"].as_string() == "ünï", [1]),
    ("another string", lambda document: document["name"].as_string() == "uni", []),
    ("integer", lambda document: document["count"].as_integer() > 2, [1]),
    ("float", lambda document: document["share"].as_float() < 0.4, []),
    ("numeric", lambda document: document["share"].as_numeric(3, 1) == Decimal("0.5"), [1]),
    ("true", lambda document: document["ready"].as_boolean(), [1]),
    ("is true", lambda document: document["ready"].as_boolean() == True, [1]),  # noqa: E712
    ("not", lambda document: ~document["ready"].as_boolean(), []),
    ("path", lambda document: document[("a b", "c", 1)].as_integer() == 20, [1]),
    ("index", lambda document: document[0].as_integer() == 1, [2]),
]


@pytest.mark.parametrize(
    ("condition", "ids"), [case[1:] for case in CONDITIONS], ids=[case[0] for case in CONDITIONS]
)
def test_fr004_rows_are_chosen_by_an_element(
    database: Database,
    table: Table,
    condition: Callable[[Any], ColumnElement[bool]],
    ids: list[int],
) -> None:
    statement = select(table.c.id).where(condition(table.c.document)).order_by(table.c.id)
    assert database.run(lambda connection: connection.scalars(statement).all()) == ids


def test_fr004_a_column_of_text_is_read_as_json_too(
    database: Database, fresh: Callable[[str], str]
) -> None:
    """As `iris://` and older tables have it; what is inside stays the client's to find."""
    name = fresh("old_json")
    made = Table(
        name, MetaData(), Column("id", Integer, primary_key=True), Column("document", Text)
    )
    model = Table(
        name, MetaData(), Column("id", Integer, primary_key=True), Column("document", JSON)
    )

    def round_trip(connection: Connection) -> list[Any]:
        made.create(connection)
        connection.execute(model.insert().values(id=1, document=DOCUMENT))
        connection.execute(model.insert().values(id=2, document="text"))
        found = connection.scalars(select(model.c.document).order_by(model.c.id)).all()
        made.drop(connection)
        return list(found)

    assert database.run(round_trip) == [DOCUMENT, "text"]


def test_fr012_a_column_of_json_is_reflected_as_one(database: Database, table: Table) -> None:
    columns = database.run(lambda connection: inspect(connection).get_columns(table.name))
    assert isinstance(columns[1]["type"], JSON)


def test_fr004_own_functions_write_and_read_documents(
    open_database: Callable[..., Database], fresh: Callable[[str], str]
) -> None:
    written: list[Any] = []

    def write(value: Any) -> str:
        written.append(value)
        return '{"by": "us"}'

    database = open_database(json_serializer=write, json_deserializer=lambda text: f"read {text}")
    table = Table(fresh("own_json"), MetaData(), Column("document", JSON))

    def round_trip(connection: Connection) -> Any:
        table.create(connection)
        connection.execute(table.insert().values(document={"a": 1}))
        found = connection.scalar(select(table.c.document))
        connection.execute(text(f"DROP TABLE {table.name}"))
        return found

    assert database.run(round_trip) == 'read {"by": "us"}'
    assert written == [{"a": 1}]
