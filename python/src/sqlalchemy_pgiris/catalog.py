"""What PostgreSQL's catalog, as the broker shows it, says of columns beyond INFORMATION_SCHEMA.

Types that IRIS keeps as strings, comments, and defaults in the words that they were given in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, text
from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import JSONB

from .types.pgvector import counterparts
from .types.vector import IRISVectorText

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

# table and column, in lower case: IRIS's names differ in no more than that from PostgreSQL's
Key = tuple[str, str]


@dataclass
class CatalogColumn:
    """A column, as PostgreSQL's catalog has it."""

    type_: str
    default: str | None
    comment: str | None
    identity: dict[str, Any] | None = None


_COLUMNS = text("""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
           pg_get_expr(d.adbin, d.adrelid) AS default, col_description(c.oid, a.attnum) AS comment,
           a.attidentity
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE lower(n.nspname) = :schema AND lower(c.relname) IN :tables
          AND a.attnum > 0 AND NOT a.attisdropped
""").bindparams(bindparam("tables", expanding=True))

_IDENTITIES = text("""
    SELECT table_name, column_name, identity_generation, identity_start, identity_increment,
           identity_minimum, identity_maximum, identity_cycle
    FROM information_schema.columns
    WHERE lower(table_schema) = :schema AND lower(table_name) IN :tables AND is_identity = 'YES'
""").bindparams(bindparam("tables", expanding=True))

_COMMENTS = text("""
    SELECT obj_description(c.oid, 'pg_class')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE lower(n.nspname) = :schema AND lower(c.relname) = :table
""")

_SEQUENCES = text("""
    SELECT sequence_name FROM information_schema.sequences
    WHERE lower(sequence_schema) = :schema ORDER BY sequence_name
""")

# INFORMATION_SCHEMA calls a vector a VARCHAR
_VECTORS = text("""
    SELECT t.TABLE_NAME, p.SqlFieldName, p.Parameters
    FROM %Dictionary.CompiledProperty p, INFORMATION_SCHEMA.TABLES t
    WHERE p.parent = t.CLASSNAME AND t.TABLE_SCHEMA = :schema AND t.TABLE_NAME IN :tables
          AND p.Type = '%Library.Vector'
""").bindparams(bindparam("tables", expanding=True))


def columns(connection: Connection, schema: str, tables: Iterable[str]) -> dict[Key, CatalogColumn]:
    """Of those tables."""
    parameters = {"schema": _namespace(schema), "tables": [str(name).lower() for name in tables]}
    found: dict[Key, CatalogColumn] = {}
    has_identity = False
    for table, name, type_, default, comment, identity in connection.execute(_COLUMNS, parameters):
        found[table.lower(), name.lower()] = CatalogColumn(type_, default, comment)
        has_identity = has_identity or bool(identity)
    if has_identity:
        for table, name, generation, *options in connection.execute(_IDENTITIES, parameters):
            found[table.lower(), name.lower()].identity = _identity(generation, *options)
    return found


def _identity(generation: str, *options: str | None) -> dict[str, Any]:
    """As SQLAlchemy has it; a column whose sequence is gone has no options."""
    *numbers, cycle = options
    names = ("start", "increment", "minvalue", "maxvalue")
    known = {name: int(n) for name, n in zip(names, numbers, strict=True) if n is not None}
    return {"always": generation == "ALWAYS", **known, "cache": 1, "cycle": cycle == "YES"}


def table_comment(connection: Connection, schema: str, table: str) -> str | None:
    """Of a table or view."""
    parameters = {"schema": _namespace(schema), "table": table.lower()}
    comment: str | None = connection.scalar(_COMMENTS, parameters)
    return comment


def sequences(connection: Connection, schema: str) -> list[str]:
    """Those that were created as such."""
    return list(connection.scalars(_SEQUENCES, {"schema": _namespace(schema)}))


def vector_elements(connection: Connection, schema: str, tables: Iterable[str]) -> dict[Key, str]:
    """The type of the elements of each column of vectors."""
    parameters = {"schema": schema, "tables": [str(name) for name in tables]}
    found: dict[Key, str] = {}
    for table, name, parameters_ in connection.execute(_VECTORS, parameters):
        element = re.search(r"DATATYPE\W+(\w+)", parameters_ or "")
        found[table.lower(), name.lower()] = element[1].upper() if element else ""
    return found


def _namespace(schema: str) -> str:
    """PostgreSQL's name of it."""
    return "public" if schema.lower() == "sqluser" else schema.lower()


_NAME = re.compile(r"([a-z ]+?)(?:\((\d+)\))?((?:\[\])*)$")

# the types that INFORMATION_SCHEMA does not tell, or not wholly
_TYPES: dict[str, Callable[[], Any]] = {
    "interval": sqltypes.Interval,
    "json": sqltypes.JSON,
    "jsonb": JSONB,
    "text": sqltypes.TEXT,
    "timestamp with time zone": lambda: sqltypes.TIMESTAMP(timezone=True),
}

_ITEMS: dict[str, Callable[[], Any]] = {
    **_TYPES,
    "bigint": sqltypes.BIGINT,
    "boolean": sqltypes.BOOLEAN,
    "character varying": sqltypes.VARCHAR,
    "date": sqltypes.DATE,
    "double precision": sqltypes.DOUBLE_PRECISION,
    "integer": sqltypes.INTEGER,
    "numeric": sqltypes.NUMERIC,
    "real": sqltypes.REAL,
    "smallint": sqltypes.SMALLINT,
    "time without time zone": sqltypes.TIME,
    "timestamp without time zone": sqltypes.TIMESTAMP,
    "uuid": sqltypes.UUID,
}


def shown_type(name: str, element: str) -> Any:
    """The type of that name, or None for INFORMATION_SCHEMA's; `element` is a vector's."""
    found = _NAME.match(name)
    if found is None:
        return None
    base, length, dimensions = found.groups()
    if dimensions:
        return sqltypes.ARRAY(_ITEMS[base]()) if base in _ITEMS else None
    if base == "vector":
        return _vector(element, int(length) if length else None)
    if base == "character":
        return sqltypes.CHAR(int(length or 1))
    if base == "character varying" and length == "1":
        return sqltypes.VARCHAR(1)
    return _TYPES[base]() if base in _TYPES else None


def _vector(element: str, length: int | None) -> Any:
    if element == "DOUBLE" and counterparts:
        (counterpart,) = counterparts
        return counterpart(length)
    python_types: dict[str, type] = {"INTEGER": int, "INT": int, "FLOAT": Decimal}
    return IRISVectorText(length, python_types.get(element, float))
