"""How a column's type is written in CREATE TABLE and CAST.

The same as over iris://, so that a model finds its tables over both, except where IRIS would read
a shorter column out of it than SQLAlchemy means, or knows no such type.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import CompileError
from sqlalchemy.sql.type_api import TypeEngine
from sqlalchemy_iris.base import IRISTypeCompiler

from .types.kept import JSON_LENGTH, array_length


class IRISTypeCompiler_pgiris(IRISTypeCompiler):
    """sqlalchemy-iris's type compiler with lengths and scales spelled out."""

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:
        """IRIS reads VARCHAR alone as VARCHAR(1); SQLAlchemy means no limit, as in TEXT."""
        if type_.length is None:
            return self.visit_TEXT(type_, **kw)
        return super().visit_VARCHAR(type_, **kw)

    def visit_NUMERIC(self, type_: Any, **kw: Any) -> str:
        """IRIS reads NUMERIC alone as 15 digits, none after the point."""
        if type_.precision is None:
            return "NUMERIC(36, 18)"
        return super().visit_NUMERIC(type_, **kw)

    visit_DECIMAL = visit_NUMERIC  # noqa: N815

    def visit_uuid(self, type_: Any, **kw: Any) -> str:
        """Hexadecimal digits, as over iris://, where SQLAlchemy 2.1 cannot compile it."""
        return "CHAR(32)"

    def visit_JSON(self, type_: Any, **kw: Any) -> str:
        """IRIS has no type of this name; the broker knows such a column by its length."""
        return f"VARCHAR({JSON_LENGTH})"

    def visit_ARRAY(self, type_: Any, **kw: Any) -> str:
        """As JSON; nested ones have the length of plain ones, as in PostgreSQL."""
        length = array_length(type_.item_type)
        if length is None:
            raise CompileError(f"the broker keeps no arrays of {type_.item_type!r}")
        return f"VARCHAR({length})"

    def visit_user_defined(self, type_: TypeEngine[Any], **kw: Any) -> str:
        """Asks the type that stands in for it on IRIS, see `types`."""
        counterpart: Any = type_.dialect_impl(self.dialect)
        return counterpart.get_col_spec(**kw)
