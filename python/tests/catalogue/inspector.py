"""Prints what SQLAlchemy's Inspector tells of a schema: a question, a tab, and the answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGInspector
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.ext.asyncio import create_async_engine

KINDS = ("columns", "pk_constraint", "foreign_keys", "indexes", "unique_constraints")


def shown(value: Any) -> str:
    """The same for the same answer: dictionaries by key, types in words."""
    if isinstance(value, dict):
        pairs = sorted((str(key), shown(of_key)) for key, of_key in value.items())
        return "{" + ", ".join(f"{key}: {text}" for key, text in pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    return repr(value)


def told(question: str, ask: Callable[[], Any]) -> None:
    try:
        answer = shown(ask())
    except NoSuchTableError:
        answer = "no such table"
    except NotImplementedError:
        # by this release of SQLAlchemy
        answer = "not implemented"
    except DBAPIError as error:
        answer = f"error {getattr(error.orig, 'sqlstate', None)}"
    print(f"{question}\t{answer}")  # noqa: T201


def inspect(connectable: sa.Engine | sa.Connection) -> None:
    inspector = sa.inspect(connectable)
    assert isinstance(inspector, PGInspector)
    told("default schema", lambda: inspector.default_schema_name)
    told("schemas", inspector.get_schema_names)
    told("sequences", inspector.get_sequence_names)
    told("enums", inspector.get_enums)
    told("temporary tables", inspector.get_temp_table_names)
    told("temporary views", inspector.get_temp_view_names)
    told("materialized views", inspector.get_materialized_view_names)
    for schema in (None, "store"):
        told(f"tables of {schema}", partial(inspector.get_table_names, schema))
        told(f"views of {schema}", partial(inspector.get_view_names, schema))
        for kind in KINDS:
            ask = getattr(inspector, f"get_multi_{kind}")
            told(f"{kind} of all of {schema}", partial(ask, schema))
    for table, schema in (
        ("city", None),
        ("street", None),
        ("shelf", "store"),
        ("big_city", None),
        ("nowhere", None),
    ):
        for kind in (*KINDS, "check_constraints", "table_comment", "table_options"):
            ask = getattr(inspector, f"get_{kind}")
            told(f"{kind} of {table}", partial(ask, table, schema))
        told(f"has {table}", partial(inspector.has_table, table, schema))
    metadata = sa.MetaData()
    told("reflect", lambda: metadata.reflect(connectable, views=True))
    told("reflected", lambda: [table.name for table in metadata.sorted_tables])


async def inspect_async(url: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.run_sync(inspect)
    await engine.dispose()


def main(driver: str, url: str) -> None:
    url = url.replace("postgresql", f"postgresql+{driver}")
    if driver == "asyncpg":
        asyncio.run(inspect_async(url))
    else:
        inspect(sa.create_engine(url))


if __name__ == "__main__":
    main(*sys.argv[1:])
