"""How Python values become IRIS's and come back: one list, from SQLAlchemy's type to ours."""

from __future__ import annotations

from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy_iris import base

from .array import IRISArray
from .datetime import IRISDateTime, IRISInterval
from .kept import IRISJSONPathType
from .listbuild import IRISListBytes
from .pgvector import counterparts as pgvector_counterparts
from .vector import IRISVectorText

# without those of sqlalchemy-iris, which are encodings for IRIS's own protocol
COLSPECS: dict[type[Any], type[Any]] = {
    # Decimal where the column is exact and float where it is not, whatever the model says
    sqltypes.Numeric: PGDialect_psycopg.colspecs[sqltypes.Numeric],
    sqltypes.Float: PGDialect_psycopg.colspecs[sqltypes.Float],
    sqltypes.DateTime: IRISDateTime,
    sqltypes.Interval: IRISInterval,
    INTERVAL: IRISInterval,
    sqltypes.ARRAY: IRISArray,
    sqltypes.JSON.JSONPathType: IRISJSONPathType,
    base.IRISVector: IRISVectorText,
    base.IRISListBuild: IRISListBytes,
    **pgvector_counterparts,
}

# INFORMATION_SCHEMA.COLUMNS.DATA_TYPE → the type that a reflected column gets
ISCHEMA_NAMES: dict[str, type[Any]] = {
    **base.ischema_names,
    "BIT": sqltypes.BOOLEAN,
    "DOUBLE": sqltypes.DOUBLE_PRECISION,
    "GUID": sqltypes.UUID,
    "TIME": sqltypes.TIME,
    "TIMESTAMP": sqltypes.TIMESTAMP,
}

__all__ = ["COLSPECS", "ISCHEMA_NAMES"]
