"""Alembic: which types IRIS shows as strings, so that autogenerate finds no change in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy_iris.alembic import IRISImpl
from sqlalchemy_iris.types import IRISVector

from .types.pgvector import counterparts

_SHOWN_AS_STRINGS = (IRISVector, sqltypes.JSON, sqltypes.Uuid, *counterparts)


class IRISImpl_pgiris(IRISImpl):
    """sqlalchemy-iris's, for vectors, JSON and UUIDs too."""

    # replaces the class above in Alembic's list
    __dialect__ = "iris"

    def compare_type(self, inspector_column: Any, metadata_column: Any) -> bool:
        """Replaces a comparison that finds each such column changed, each time.

        Whether a column of strings is to become one of vectors is not seen either.
        """
        if isinstance(metadata_column.type, _SHOWN_AS_STRINGS) and isinstance(
            inspector_column.type, sqltypes.String
        ):
            return False
        return super().compare_type(inspector_column, metadata_column)
