"""Existing PostgreSQL clients, used directly: the broker is a PostgreSQL server to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from broker import Broker
from clients import CLIENTS, Client

COLUMNS = """
    id INTEGER PRIMARY KEY, big BIGINT, label VARCHAR(200), flag BIT,
    price NUMERIC(18, 4), ratio DOUBLE, born DATE, seen TIMESTAMP
"""
ROWS: list[tuple[Any, ...]] = [
    (
        *(1, 9223372036854775807, "it's 100 % “quoted” \\ ünï 🦉", True),
        *(Decimal("12345678901234.5678"), 0.1, date(2024, 2, 29), datetime(2024, 2, 29, 23, 59)),
    ),
    (
        *(-2147483647, -1, "SELECT $1; -- ?", False),
        *(Decimal("-0.0001"), -1.5e-300, date(1900, 1, 1), datetime(1970, 1, 1, 0, 0, 0, 123456)),
    ),
    (3, None, None, None, None, None, None, None),
]


@pytest_asyncio.fixture(params=list(CLIENTS))
async def client(request: pytest.FixtureRequest, broker: Broker) -> AsyncIterator[Client]:
    client = CLIENTS[request.param]()
    await client.connect(broker)
    yield client
    await client.close()


@pytest_asyncio.fixture
async def table(client: Client, fresh: Callable[[str], str]) -> AsyncIterator[str]:
    table = fresh("client")
    await client.run(f"CREATE TABLE {table} ({COLUMNS})")
    yield table
    await client.run(f"DROP TABLE {table}")


async def insert(client: Client, table: str) -> None:
    for row in ROWS:
        assert (
            await client.count(f"INSERT INTO {table} VALUES ($1,$2,$3,$4,$5,$6,$7,$8)", *row) == 1
        )


async def test_select_1(client: Client) -> None:
    assert await client.run("SELECT 1") == [(1,)]


async def test_values_come_back_unchanged(client: Client, table: str) -> None:
    await insert(client, table)
    for row in ROWS:
        (back,) = await client.run(f"SELECT * FROM {table} WHERE id = $1", row[0])
        assert back == row
        assert [type(value) for value in back] == [type(value) for value in row]


async def test_a_repeated_statement_is_prepared_and_answers_the_same(
    client: Client, table: str
) -> None:
    await insert(client, table)
    answers = [await client.run(f"SELECT * FROM {table} WHERE id = $1", 1) for _ in range(12)]
    assert answers == [[ROWS[0]]] * 12


async def test_an_empty_string_is_not_null(client: Client, table: str) -> None:
    await client.run(f"INSERT INTO {table} (id, label) VALUES ($1, $2)", 1, "")
    assert await client.run(f"SELECT label FROM {table}") == [("",)]


async def test_update_and_delete_count_their_rows(client: Client, table: str) -> None:
    await insert(client, table)
    assert await client.count(f"UPDATE {table} SET label = $1 WHERE id > $2", "new", 0) == 2
    assert await client.count(f"DELETE FROM {table} WHERE id = $1", 3) == 1
    assert await client.count(f"DELETE FROM {table} WHERE id = $1", 3) == 0
    assert await client.run(f"SELECT id, label FROM {table} WHERE id > 0") == [(1, "new")]


async def test_rollback_undoes_and_commit_keeps(client: Client, table: str) -> None:
    await client.run("BEGIN")
    await insert(client, table)
    await client.run("ROLLBACK")
    assert await client.run(f"SELECT count(*) FROM {table}") == [(0,)]
    await client.run("BEGIN")
    await insert(client, table)
    await client.run("COMMIT")
    assert await client.run(f"SELECT count(*) FROM {table}") == [(len(ROWS),)]


@pytest.mark.parametrize(
    ("sqlstate", "statement"),
    [
        ("42601", "SELECT FROM WHERE"),
        ("42P01", "SELECT id FROM {table}_missing"),
        ("42703", "SELECT missing FROM {table}"),
        ("23505", "INSERT INTO {table} (id) VALUES (1)"),
    ],
)
async def test_an_error_has_its_sqlstate_and_the_session_goes_on(
    client: Client, table: str, sqlstate: str, statement: str
) -> None:
    await insert(client, table)
    assert await client.sqlstate(statement.format(table=table)) == sqlstate
    assert await client.run("SELECT 1") == [(1,)]


async def test_after_an_error_a_transaction_takes_nothing_but_its_end(
    client: Client, table: str
) -> None:
    await client.run("BEGIN")
    assert await client.sqlstate(f"SELECT id FROM {table}_missing") == "42P01"
    assert await client.sqlstate("SELECT 1") == "25P02"
    await client.run("ROLLBACK")
    assert await client.run("SELECT 1") == [(1,)]


async def test_a_thousand_rows_go_in_with_one_statement(client: Client, table: str) -> None:
    rows = [(number, f"row {number}") for number in range(1000)]
    await client.run_many(f"INSERT INTO {table} (id, label) VALUES ($1, $2)", rows)
    assert await client.run(f"SELECT count(*), min(id), max(id) FROM {table}") == [(1000, 0, 999)]


async def test_pgvector_s_operator_finds_what_iris_s_function_finds(
    client: Client, fresh: Callable[[str], str]
) -> None:
    table = fresh("vectors")
    await client.run(f"CREATE TABLE {table} (id INTEGER, embedding VECTOR(DOUBLE, 3))")
    for number in range(12):
        await client.run(
            f"INSERT INTO {table} VALUES ($1, TO_VECTOR($2, DOUBLE, 3))",
            *(number, f"[{number % 5},{number % 3},1]"),
        )
    pgvector = await client.run(
        f"SELECT id FROM {table} ORDER BY embedding <=> '[4,1,1]', id LIMIT 5"
    )
    iris = await client.run(
        f"SELECT TOP 5 id FROM {table} "
        "ORDER BY VECTOR_COSINE(embedding, TO_VECTOR('[4,1,1]', DOUBLE, 3)) DESC, id"
    )
    assert pgvector == iris
    assert iris[0] == (4,)
    await client.run(f"DROP TABLE {table}")


async def test_documents_and_arrays_are_changed_where_they_are(
    client: Client, fresh: Callable[[str], str]
) -> None:
    table = fresh("changed")
    await client.run(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, doc JSONB, tags TEXT[])")
    try:
        await client.run(f"""INSERT INTO {table} VALUES (1, '{{"a": 1}}', '{{x}}')""")
        change = (
            f"UPDATE {table} SET doc = jsonb_set(doc, '{{b}}', $1), "
            "tags = array_append(tags, $2) WHERE id = $3"
        )
        assert await client.count(change, '"v"', "y", 1) == 1
        row = f"SELECT doc ->> 'b', doc ->> 'a', tags FROM {table}"
        assert await client.run(row) == [("v", "1", ["x", "y"])]
    finally:
        await client.run(f"DROP TABLE {table}")


async def test_a_value_too_long_for_its_column_has_postgresql_s_sqlstate(
    client: Client, table: str
) -> None:
    insert = f"INSERT INTO {table} (id, label) VALUES ($1, $2)"
    assert await client.sqlstate(insert, 9, "x" * 201) == "22001"
    assert await client.sqlstate(f"UPDATE {table} SET price = $1", Decimal(10) ** 15) == "22003"
    assert await client.count(insert, 9, "x" * 200) == 1


async def test_void_and_names_of_types_are_read(client: Client) -> None:
    assert len(await client.run("SELECT pg_sleep(0)")) == 1
    [(name,)] = await client.run("SELECT pg_typeof(1)")
    # By its name, or in binary by its OID.
    assert name in ("integer", 23, b"\x00\x00\x00\x17")
