"""Prints what psycopg and asyncpg find out of types: a question, a tab, and the answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import psycopg
from psycopg.types import TypeInfo
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.multirange import MultirangeInfo
from psycopg.types.range import RangeInfo

# types of PostgreSQL's own, some by other names of theirs, of the schema, and none
NAMES = (
    *("int4", "integer", "pg_catalog.int4", "varchar", "_text", "text[]", "numeric", "timestamptz"),
    *("json", "name", "regclass", "int4range", "int4multirange", "mood", "public.mood", "_mood"),
    *("city", "store.shelf", "information_schema.sql_identifier", "nowhere"),
)
VALUES = (
    *("'ok'::mood", "ARRAY['ok', 'sad']::mood[]", "(SELECT feeling FROM city LIMIT 1)"),
    *("ARRAY[1, 2]", "ARRAY['a', 'b']::varchar[]", "1.5::numeric(4,2)", "'city'::regclass"),
    *("'[1,5)'::int4range", "'1 day'::interval", "'a'::\"char\"", "'{\"a\": 1}'::jsonb"),
    *("'c'::name", "'12:00+02'::timetz", "1::oid", "current_schemas(true)"),
)
# what asyncpg says of a statement's parameters and columns
STATEMENTS = (
    *("SELECT * FROM city", "SELECT * FROM street", "SELECT * FROM store.shelf"),
    *("SELECT * FROM big_city", "INSERT INTO city (name, feeling) VALUES ($1, $2)"),
    "SELECT name FROM city WHERE id = ANY($1) AND founded < $2 AND feeling = $3",
    "UPDATE city SET area = area + $1, seen = $2 WHERE capital = $3 RETURNING area, seen",
    "SELECT oid, relname, relkind, relacl FROM pg_class WHERE relname = $1",
)
Ask = Callable[[], Awaitable[Any]]


def shown(value: Any) -> str:
    if isinstance(value, TypeInfo):
        names = (name for name in vars(value) if not name.startswith("_") and name != "typemod")
        return shown({name: getattr(value, name) for name in names})
    if isinstance(value, dict):
        # the numbers of objects are each server's own
        pairs = (f"{key}: {known(key, of_key)}" for key, of_key in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return "[" + ", ".join(map(shown, value)) + "]"
    return repr(value)


def known(key: str, value: Any) -> str:
    if key.endswith("oid") and isinstance(value, int) and value >= FIRST_OF_USERS:
        return "of its own"
    return shown(value)


FIRST_OF_USERS = 16384


async def told(question: str, ask: Ask) -> None:
    try:
        answer = shown(await ask())
    except psycopg.Error as error:
        answer = f"error {error.sqlstate}"
    except asyncpg.PostgresError as error:
        answer = f"error {error.sqlstate}"
    except (asyncpg.InterfaceError, ValueError) as error:
        answer = f"refused: {error}"
    print(question, " ".join(answer.split()), sep="\t")  # noqa: T201


async def of_psycopg(connection: psycopg.AsyncConnection[Any]) -> None:
    kinds = (TypeInfo, EnumInfo, CompositeInfo, RangeInfo, MultirangeInfo)
    for kind in kinds:
        for name in NAMES:

            async def fetch(kind: Any = kind, name: str = name) -> Any:
                return await kind.fetch(connection, name)

            await told(f"{kind.__name__} {name}", fetch)

    async def enum() -> Any:
        info = await EnumInfo.fetch(connection, "mood")
        if info is None:
            return "no such type"
        register_enum(info, connection)
        query = "SELECT 'ok'::mood, %s::mood"
        assert info.enum is not None
        cursor = await connection.execute(query, [info.enum["happy"]])
        return [str(value) for value in await cursor.fetchone() or ()]

    async def composite() -> Any:
        info = await CompositeInfo.fetch(connection, "store.shelf")
        if info is None:
            return "no such type"
        register_composite(info, connection)
        cursor = await connection.execute("SELECT '(1,top)'::store.shelf")
        row = await cursor.fetchone()
        return [] if row is None else list(row[0])

    await told("an enum", enum)
    await told("a composite", composite)
    for value in VALUES:

        async def describe(value: str = value) -> Any:
            cursor = await connection.execute(f"SELECT {value} AS it")
            assert cursor.description is not None
            code = cursor.description[0].type_code
            return (
                code if code < FIRST_OF_USERS else "of its own",
                cursor.description[0].type_display,
                await cursor.fetchall(),
            )

        await told(f"psycopg's {value}", describe)


def type_of(found: asyncpg.Type) -> dict[str, Any]:
    return found._asdict()


async def of_asyncpg(connection: asyncpg.Connection) -> None:
    for value in VALUES:

        async def fetch(value: str = value) -> Any:
            statement = await connection.prepare(f"SELECT {value} AS it")
            (attribute,) = statement.get_attributes()
            return [type_of(attribute.type), await statement.fetchval()]

        await told(f"asyncpg's {value}", fetch)
    for query in STATEMENTS:

        async def describe(query: str = query) -> Any:
            statement = await connection.prepare(query)
            columns = [(it.name, type_of(it.type)) for it in statement.get_attributes()]
            return [[type_of(it) for it in statement.get_parameters()], columns]

        await told(f"asyncpg's {query}", describe)
    for name, schema in ("mood", "public"), ("shelf", "store"), ("json", "pg_catalog"):

        async def codec(name: str = name, schema: str = schema) -> Any:
            return await connection.set_type_codec(name, schema=schema, encoder=str, decoder=str)

        await told(f"asyncpg's codec of {name}", codec)

    async def builtin() -> Any:
        return await connection.set_builtin_type_codec("mood", codec_name="text")

    await told("asyncpg's builtin codec of mood", builtin)


async def main(url: str) -> None:
    psycopg_connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    await of_psycopg(psycopg_connection)
    await psycopg_connection.close()
    connection = await asyncpg.connect(url)
    await of_asyncpg(connection)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
