"""How a column's type is written in CREATE TABLE and CAST: as PostgreSQL's, for the broker.

IRIS's own types, `BIT`, `TINYINT`, `VECTOR(DECIMAL, 3)` and their kin, stay IRIS's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, CHAR, NCHAR, TIMESTAMP, VARCHAR, DateTime
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.exc import CompileError
from sqlalchemy.sql.type_api import TypeEngine
from sqlalchemy_iris.base import IRISTypeCompiler

from .types.kept import IRIS_LENGTHS, LONGEST_STRING, array_length


class IRISTypeCompiler_pgiris(PGTypeCompiler):
    """PostgreSQL's, with the types that only IRIS has."""

    visit_TINYINT = IRISTypeCompiler.visit_TINYINT  # noqa: N815
    visit_LONGVARBINARY = IRISTypeCompiler.visit_LONGVARBINARY  # noqa: N815
    visit_LONGVARCHAR = IRISTypeCompiler.visit_LONGVARCHAR  # noqa: N815

    def visit_BIT(self, type_: Any, **kw: Any) -> str:
        """sqlalchemy-iris's is a boolean, PostgreSQL's a string of bits."""
        return super().visit_BIT(type_, **kw) if isinstance(type_, BIT) else "BIT"

    def visit_large_binary(self, type_: Any, **kw: Any) -> str:
        """A stream, as over iris://, which holds more than a BYTEA."""
        return "BLOB"

    def visit_ENUM(self, type_: Any, *args: Any, **kw: Any) -> str:
        """PostgreSQL's, whose type nobody creates here: by name, as SQLAlchemy's own."""
        return self.visit_VARCHAR(type_, **kw)

    def visit_ARRAY(self, type_: Any, **kw: Any) -> str:
        """One of those that the broker keeps."""
        if array_length(type_.item_type) is None:
            raise CompileError(f"the broker keeps no arrays of {type_.item_type!r}")
        return super().visit_ARRAY(_kept_array(type_), **kw)

    def visit_user_defined(self, type_: TypeEngine[Any], **kw: Any) -> str:
        """Asks the type that stands in for it on IRIS, see `types`."""
        counterpart: Any = type_.dialect_impl(self.dialect)
        return counterpart.get_col_spec(**kw)


def _kept_array(type_: Any) -> Any:
    """One of any number of dimensions, of which PostgreSQL takes no notice.

    Its items have no zone, which values of UTC do without, and no blanks at their end.
    """
    item = type_.item_type
    if isinstance(item, DateTime):
        item = TIMESTAMP()
    elif isinstance(item, CHAR | NCHAR):
        item = VARCHAR(item.length)
    return ARRAY(item)


class IRISWordsTypeCompiler(IRISTypeCompiler):
    """For a table that is IRIS's own: the words that the broker makes of PostgreSQL's types."""

    def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:
        length = LONGEST_STRING if type_.length is None else type_.length
        return f"VARCHAR({length}) COLLATE %EXACT"

    visit_CHAR = visit_NCHAR = visit_NVARCHAR = visit_VARCHAR  # noqa: N815

    def visit_TEXT(self, type_: Any, **kw: Any) -> str:
        return f"VARCHAR({LONGEST_STRING}) COLLATE %EXACT"

    def visit_NUMERIC(self, type_: Any, **kw: Any) -> str:
        if type_.precision is None:
            return "NUMERIC(36, 18)"
        return super().visit_NUMERIC(type_, **kw)

    visit_DECIMAL = visit_NUMERIC  # noqa: N815

    def visit_TIMESTAMP(self, type_: Any, **kw: Any) -> str:
        """With the description that the broker knows a zone by."""
        zone = " %DESCRIPTION 'timestamp with time zone, kept in UTC'"
        return f"TIMESTAMP{zone if type_.timezone else ''}"

    visit_datetime = visit_DATETIME = visit_TIMESTAMP  # noqa: N815

    def visit_TIME(self, type_: Any, **kw: Any) -> str:
        return "TIME(6)"

    def visit_uuid(self, type_: Any, **kw: Any) -> str:
        return self.visit_UUID(type_, **kw) if type_.native_uuid else super().visit_uuid(type_)

    def visit_JSON(self, type_: Any, **kw: Any) -> str:
        return self._kept("JSON")

    def visit_JSONB(self, type_: Any, **kw: Any) -> str:
        return self._kept("JSONB")

    def visit_INTERVAL(self, type_: Any, **kw: Any) -> str:
        return self._kept("INTERVAL")

    def visit_ARRAY(self, type_: Any, **kw: Any) -> str:
        length = array_length(type_.item_type)
        if length is None:
            raise CompileError(f"the broker keeps no arrays of {type_.item_type!r}")
        return f"VARCHAR({length}) COLLATE %EXACT"

    def _kept(self, name: str) -> str:
        return f"VARCHAR({IRIS_LENGTHS[name]}) COLLATE %EXACT"

    visit_user_defined = IRISTypeCompiler_pgiris.visit_user_defined
