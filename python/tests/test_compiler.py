"""The SQL that leaves: IRIS's, except where the broker knows better than a compiler can."""

from __future__ import annotations

import pytest
from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    ARRAY,
    CHAR,
    JSON,
    Boolean,
    Column,
    Computed,
    DateTime,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    case,
    create_engine,
    delete,
    false,
    func,
    insert,
    literal_column,
    select,
    text,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import BIT, ENUM
from sqlalchemy.schema import CreateSchema, CreateTable, DropIndex, DropSchema
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy_iris.base import IRISExact
from sqlalchemy_iris.types import BIT as IRIS_BIT
from sqlalchemy_iris.types import LONGVARCHAR, TINYINT

from sqlalchemy_pgiris import IRISVector

DIALECT = create_engine("iris+psycopg://localhost/USER").dialect

items = Table(
    "items",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(50)),
    Column("iris", IRISVector(3)),
    Column("double", Vector(3)),
    comment="100 % vectors",
)


def compiled(statement: ClauseElement) -> str:
    return " ".join(str(statement.compile(dialect=DIALECT)).split())


first = select(items.c.id).order_by(items.c.name)


@pytest.mark.parametrize(
    ("statement", "sql"),
    [
        (first.limit(5), "SELECT items.id FROM items ORDER BY items.name LIMIT $1"),
        (first.offset(5), "SELECT items.id FROM items ORDER BY items.name OFFSET $1"),
        (
            first.limit(5).offset(2).distinct(),
            "SELECT DISTINCT items.id FROM items ORDER BY items.name LIMIT $1 OFFSET $2",
        ),
        (
            select(first.subquery().c.id),
            "SELECT anon_1.id FROM "
            "(SELECT items.id AS id FROM items ORDER BY items.name) AS anon_1",
        ),
        (
            select(first.limit(3).subquery().c.id),
            "SELECT anon_1.id FROM "
            "(SELECT items.id AS id FROM items ORDER BY items.name LIMIT $1) AS anon_1",
        ),
        (
            union(select(items.c.id), select(items.c.id)).order_by("id").limit(2),
            "SELECT items.id FROM items UNION SELECT items.id FROM items ORDER BY id LIMIT $1",
        ),
    ],
)
def test_rows_are_ordered_and_limited(statement: ClauseElement, sql: str) -> None:
    assert compiled(statement) == sql
    assert compiled(statement) == sql, "a second engine of the process compiles it again"


@pytest.mark.parametrize(
    ("statement", "sql"),
    [
        (
            text("SELECT %ID, :x FROM items WHERE name LIKE '100%'"),
            "SELECT %ID, $1 FROM items WHERE name LIKE '100%'",
        ),
        (
            select(literal_column("%ID"), IRISExact(items.c.name).label("exact")),
            "SELECT %ID, %EXACT(items.name) AS exact FROM items",
        ),
        (
            select(items.c.id).where(items.c.name.op("%STARTSWITH")("a")),
            "SELECT items.id FROM items WHERE items.name %STARTSWITH $1",
        ),
    ],
)
def test_percent_words_stay_as_they_are(statement: ClauseElement, sql: str) -> None:
    assert compiled(statement) == sql


def test_create_table_is_postgresql_s_for_the_broker_to_translate() -> None:
    assert compiled(CreateTable(items)) == (
        "CREATE TABLE items ( id SERIAL NOT NULL, name VARCHAR(50), "
        'iris VECTOR(decimal, 3), "double" VECTOR(DOUBLE, 3), PRIMARY KEY (id) )'
    )


def test_a_table_with_a_computed_column_is_iris_s_own() -> None:
    table = Table(
        "computed",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("name", String),
        Column("note", Text, server_default="x"),
        Column("price", Numeric),
        Column("document", JSON),
        Column("numbers", ARRAY(Integer)),
        Column("lasts", Interval),
        Column("key", Uuid),
        Column("made", DateTime, server_default=func.now()),
        Column("seen", DateTime(timezone=True)),
        Column("sold", Boolean, server_default=false()),
        Column("twice", Integer, Computed("id * 2")),
    )
    assert compiled(CreateTable(table)) == (
        "CREATE TABLE computed ( id INTEGER IDENTITY NOT NULL, "
        "name VARCHAR(3641144) COLLATE %EXACT, "
        "note VARCHAR(3641144) COLLATE %EXACT DEFAULT 'x', price NUMERIC(36, 18), "
        "document VARCHAR(3641143) COLLATE %EXACT, numbers VARCHAR(3641134) COLLATE %EXACT, "
        "lasts VARCHAR(3641120) COLLATE %EXACT, key UNIQUEIDENTIFIER, "
        "made TIMESTAMP DEFAULT GETUTCDATE(6), "
        "seen TIMESTAMP %DESCRIPTION 'timestamp with time zone, kept in UTC', "
        "sold BIT DEFAULT 0, twice INTEGER COMPUTECODE {Set {*} = {id} * 2} "
        'COMPUTEONCHANGE ("%%UPDATE"), PRIMARY KEY (id) ) '
        "WITH %CLASSPARAMETER ALLOWIDENTITYINSERT = 1"
    )


@pytest.mark.parametrize(
    ("statement", "sql"),
    [
        (
            insert(items).values(iris=[1, 2, 3], double=[1, 2, 3]),
            'INSERT INTO items (iris, "double") '
            "VALUES (to_vector($1, decimal), to_vector($2, DOUBLE)) RETURNING items.id",
        ),
        (
            select(items.c.id).order_by(items.c.iris.cosine([1, 2, 3])).limit(5),
            "SELECT items.id FROM items "
            "ORDER BY $1 - vector_cosine(items.iris, to_vector($2, decimal)) LIMIT $3",
        ),
        (
            select(items.c.id).where(items.c.iris.max_inner_product([1, 2, 3]) > 1),
            "SELECT items.id FROM items "
            "WHERE vector_dot_product(items.iris, to_vector($1, decimal)) > $2",
        ),
        (
            select(items.c.id).order_by(items.c.double.cosine_distance([1, 2, 3])).limit(5),
            'SELECT items.id FROM items ORDER BY items."double" <=> to_vector($1, DOUBLE) LIMIT $2',
        ),
    ],
)
def test_fr004_vectors(statement: ClauseElement, sql: str) -> None:
    assert compiled(statement) == sql


@pytest.mark.parametrize(
    ("type_", "sql"),
    [
        (String(), "VARCHAR"),
        (String(20), "VARCHAR(20)"),
        (Text(), "TEXT"),
        (Numeric(), "NUMERIC"),
        (Numeric(10, 2), "NUMERIC(10, 2)"),
        (JSON(), "JSON"),
        (Uuid(), "UUID"),
        (Uuid(native_uuid=False), "CHAR(32)"),
        (Interval(second_precision=3), "INTERVAL"),
        (DateTime(timezone=True), "TIMESTAMP WITH TIME ZONE"),
        (ARRAY(DateTime(timezone=True)), "TIMESTAMP WITHOUT TIME ZONE[]"),
        (ARRAY(CHAR(3)), "VARCHAR(3)[]"),
        (ENUM("a", "bc"), "VARCHAR(2)"),
        (BIT(3), "BIT(3)"),
        # IRIS's own
        (IRIS_BIT(), "BIT"),
        (TINYINT(), "TINYINT"),
        (LONGVARCHAR(), "LONGVARCHAR"),
        (LargeBinary(), "BLOB"),
        (Vector(), "VECTOR(DOUBLE)"),
        (IRISVector(), "VECTOR(decimal)"),
        (IRISVector(2, int), "VECTOR(int, 2)"),
    ],
)
def test_a_type_is_postgresql_s_or_iris_s_own(type_: String, sql: str) -> None:
    assert DIALECT.type_compiler_instance.process(type_) == sql


def test_a_value_of_case_is_not_cut_to_the_30_characters_of_a_bare_varchar() -> None:
    statement = select(case((items.c.id == 1, "one"), else_="other"))
    assert "CAST($2 AS VARCHAR)" in compiled(statement)


other = Table("other", MetaData(), Column("id", Integer, primary_key=True), Column("name", Text))
index = Index("items_name", items.c.name)


@pytest.mark.parametrize(
    ("statement", "sql"),
    [
        (
            update(items).values(name=other.c.name).where(items.c.id == other.c.id),
            "UPDATE items SET name=other.name FROM other WHERE items.id = other.id",
        ),
        (
            delete(items).where(items.c.id == other.c.id),
            "DELETE FROM items USING other WHERE items.id = other.id",
        ),
        (
            update(items).values(name="x").returning(items.c.id),
            "UPDATE items SET name=$1 RETURNING items.id",
        ),
        (delete(items).returning(items.c.id), "DELETE FROM items RETURNING items.id"),
        (
            select(func.sum(items.c.id).over(order_by=items.c.id, rows=(-1, 0))),
            "SELECT sum(items.id) OVER (ORDER BY items.id "
            "ROWS BETWEEN __[POSTCOMPILE_param_1] PRECEDING AND CURRENT ROW) AS anon_1 FROM items",
        ),
        (select(func.now()), "SELECT now() AS now_1"),
        (DropIndex(index, if_exists=True), "DROP INDEX IF EXISTS items_name ON items"),
        (DropIndex(index), "DROP INDEX items_name ON items"),
        (CreateSchema("s", if_not_exists=True), "CREATE SCHEMA IF NOT EXISTS s"),
        (DropSchema("s", if_exists=True, cascade=True), "DROP SCHEMA IF EXISTS s CASCADE"),
    ],
)
def test_what_the_broker_takes_from_postgresql(statement: ClauseElement, sql: str) -> None:
    assert compiled(statement) == sql
