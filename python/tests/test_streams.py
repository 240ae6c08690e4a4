"""Rows in portions and in bulk: cursors of SQL, COPY and pipelines, with psycopg and SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import create_engine, text

from broker import Broker

ROWS = 2500


@pytest.fixture
def connection(broker: Broker) -> Iterator[psycopg.Connection]:
    host, port = broker.address.rsplit(":", 1)
    with psycopg.connect(host=host, port=int(port), user="_SYSTEM", dbname="USER") as connection:
        yield connection


@pytest.fixture
def table(connection: psycopg.Connection, fresh: Callable[[str], str]) -> Iterator[str]:
    table = fresh("stream")
    connection.execute(
        f"CREATE TABLE {table} (id int PRIMARY KEY, name varchar(30), price numeric(8,2))"
    )
    connection.commit()
    yield table
    connection.rollback()
    connection.execute(f"DROP TABLE {table}")
    connection.commit()


def fill(connection: psycopg.Connection, table: str) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for number in range(ROWS):
            copy.write_row((number, f"name {number}", Decimal(number) / 4))
    connection.commit()


def test_copy_takes_and_gives_rows(connection: psycopg.Connection, table: str) -> None:
    fill(connection, table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
        copy.set_types(["int4", "varchar", "numeric"])
        rows = list(copy.rows())
    assert len(rows) == ROWS
    assert (7, "name 7", Decimal("1.75")) in rows


def test_copy_takes_and_gives_binary_rows(connection: psycopg.Connection, table: str) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "varchar", "numeric"])
            copy.write_row((1, "a\tb\n", Decimal("2.50")))
            copy.write_row((2, None, None))
        with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "varchar", "numeric"])
            assert sorted(copy.rows()) == [(1, "a\tb\n", Decimal("2.50")), (2, None, None)]


def test_copy_that_fails_leaves_nothing(connection: psycopg.Connection, table: str) -> None:
    with (
        pytest.raises(psycopg.errors.UniqueViolation) as caught,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN") as copy,
    ):
        copy.write("1\ta\t1\n1\tb\t2\n")
    assert caught.value.diag.context == f"COPY {table}, line 2"
    connection.rollback()
    assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.parametrize("binary", [False, True])
def test_a_named_cursor_gives_all_rows(
    connection: psycopg.Connection, table: str, binary: bool
) -> None:
    fill(connection, table)
    with connection.cursor("portion", binary=binary) as cursor:
        cursor.itersize = 100
        cursor.execute(f"SELECT id, price FROM {table} WHERE id >= %s ORDER BY id", (10,))
        assert [column.name for column in cursor.description or ()] == ["id", "price"]
        rows = list(cursor)
    assert rows == [(number, Decimal(number) / 4) for number in range(10, ROWS)]


def test_a_named_cursor_scrolls_and_outlives_its_transaction(
    connection: psycopg.Connection, table: str
) -> None:
    fill(connection, table)
    with connection.cursor("roll", scrollable=True, withhold=True) as cursor:
        cursor.execute(f"SELECT id FROM {table} ORDER BY id")
        cursor.scroll(2000, mode="absolute")
        assert cursor.fetchmany(2) == [(2000,), (2001,)]
        connection.commit()
        cursor.scroll(-12)
        assert cursor.fetchone() == (1990,)


def test_a_pipeline_is_one_transaction(connection: psycopg.Connection, table: str) -> None:
    connection.rollback()
    connection.autocommit = True

    def same_key_twice() -> None:
        with connection.pipeline():
            connection.execute(f"INSERT INTO {table} (id) VALUES (1)")
            connection.execute(f"INSERT INTO {table} (id) VALUES (1)")

    with pytest.raises(psycopg.errors.UniqueViolation):
        same_key_twice()
    assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    with connection.pipeline():
        connection.execute(f"INSERT INTO {table} (id) VALUES (1)")
        connection.execute(f"INSERT INTO {table} (id) VALUES (2)")
    assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (2,)
    connection.autocommit = False


def test_sqlalchemy_streams_results(url: str, connection: psycopg.Connection, table: str) -> None:
    fill(connection, table)
    engine = create_engine(url)
    with engine.connect() as streaming:
        query = text(f"SELECT id FROM {table} ORDER BY id")
        result = streaming.execution_options(stream_results=True, max_row_buffer=50).execute(query)
        assert [row.id for row in result] == list(range(ROWS))
    engine.dispose()
