"""Types for asyncpg, which sends a value as the server says and converts nothing.

A placeholder gets a cast where Python's value says more than the statement: of an integer compared
with a string, say. Strings, bytes and times get none: IRIS cuts what it casts to a length, and to
TIME it casts whole seconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from . import COLSPECS
from .array import IRISArrayLiteral
from .datetime import IRISDateTime


def _sent_as(name: str, type_: Any) -> Any:
    """A type whose placeholders are cast to one of PostgreSQL's."""
    attributes = {"render_bind_cast": True, "postgresql_name": name, "__module__": __name__}
    return type(f"Asyncpg{type_.__name__.removeprefix('Asyncpg')}", (type_,), attributes)


ASYNCPG_COLSPECS: dict[type[Any], type[Any]] = {
    **COLSPECS,
    sqltypes.Boolean: _sent_as("BOOLEAN", sqltypes.Boolean),
    sqltypes.SmallInteger: _sent_as("SMALLINT", sqltypes.SmallInteger),
    sqltypes.Integer: _sent_as("INTEGER", sqltypes.Integer),
    sqltypes.BigInteger: _sent_as("BIGINT", sqltypes.BigInteger),
    sqltypes.Numeric: _sent_as("NUMERIC", PGDialect_asyncpg.colspecs[sqltypes.Numeric]),
    sqltypes.Float: _sent_as("DOUBLE PRECISION", PGDialect_asyncpg.colspecs[sqltypes.Float]),
    sqltypes.Date: _sent_as("DATE", sqltypes.Date),
    # sent as lists, whose elements asyncpg writes as the server says
    sqltypes.ARRAY: IRISArrayLiteral,
    sqltypes.JSON.JSONIntIndexType: _sent_as("INTEGER", sqltypes.JSON.JSONIntIndexType),
    sqltypes.DateTime: _sent_as("TIMESTAMP", IRISDateTime),
}
