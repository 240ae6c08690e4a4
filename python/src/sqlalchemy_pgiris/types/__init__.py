"""How Python values become IRIS's and come back: one list, from SQLAlchemy's type to ours."""

from __future__ import annotations

from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy_iris import base

from .array import IRISArray
from .datetime import IRISDateTime
from .kept import IRISJSONPathType
from .pgvector import counterparts as pgvector_counterparts
from .vector import IRISVectorText

_HOROLOG = {
    sqltypes.Boolean,
    sqltypes.Date,
    sqltypes.DateTime,
    sqltypes.TIMESTAMP,
    sqltypes.Time,
}

COLSPECS: dict[type[Any], type[Any]] = {
    # those of sqlalchemy-iris, but not its encodings for IRIS's own protocol: psycopg has bool,
    # date, time and datetime
    **{type_: impl for type_, impl in base.colspecs.items() if type_ not in _HOROLOG},
    # Decimal where the column is exact and float where it is not, whatever the model says
    sqltypes.Numeric: PGDialect_psycopg.colspecs[sqltypes.Numeric],
    sqltypes.Float: PGDialect_psycopg.colspecs[sqltypes.Float],
    sqltypes.DateTime: IRISDateTime,
    sqltypes.ARRAY: IRISArray,
    sqltypes.JSON.JSONPathType: IRISJSONPathType,
    base.IRISVector: IRISVectorText,
    **pgvector_counterparts,
}

# INFORMATION_SCHEMA.COLUMNS.DATA_TYPE → the type that a reflected column gets
ISCHEMA_NAMES: dict[str, type[Any]] = {
    **base.ischema_names,
    "GUID": sqltypes.UUID,
    "TIME": sqltypes.TIME,
    "TIMESTAMP": sqltypes.TIMESTAMP,
}

__all__ = ["COLSPECS", "ISCHEMA_NAMES"]
