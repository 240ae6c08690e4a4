"""Alembic: what autogenerate compares and writes, and how a column is altered.

Alembic finds its implementations by the dialect's name, so that these serve iris:// too: what is
the broker's is left as it was for others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from alembic.ddl import DefaultImpl, base
from sqlalchemy import types as sqltypes
from sqlalchemy.ext.compiler import compiles
from sqlalchemy_iris import alembic as iris
from sqlalchemy_iris.types import IRISListBuild, IRISVector

from .broker_dialect import IRISDialect_pgiris
from .types.kept import array_length
from .types.pgvector import counterparts

# IRIS has so many digits before the point at most, and shows no more
_DIGITS = 19

_VECTORS = (IRISVector, *counterparts)


class IRISImpl_pgiris(iris.IRISImpl):
    """sqlalchemy-iris's, and what the broker shows as PostgreSQL does."""

    # replaces the class above in Alembic's list
    __dialect__ = "iris"

    type_synonyms = (
        *iris.IRISImpl.type_synonyms,
        {"DOUBLE", "DOUBLE PRECISION", "FLOAT", "REAL"},
        {"TEXT", "VARCHAR"},
    )

    # as a column of its type has them anyway
    identity_attrs_ignore = ("minvalue", "maxvalue", "cache", "cycle", "on_null", "order")

    def compare_type(self, inspector_column: Any, metadata_column: Any) -> bool:
        """Replaces a comparison of words where those of the same column differ."""
        found, wanted = inspector_column.type, metadata_column.type
        if not _is_broker_s(self):
            return not _shown_as_string(found, wanted) and super().compare_type(
                inspector_column, metadata_column
            )
        impl = wanted.dialect_impl(self.dialect)
        for compare in _COMPARISONS:
            if (answer := compare(self.dialect, found, impl)) is not None:
                return answer
        return super().compare_type(inspector_column, metadata_column)

    def compare_server_default(
        self,
        inspector_column: Any,
        metadata_column: Any,
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """With the casts, and the other names of values, that PostgreSQL shows."""
        defaults = (rendered_metadata_default, rendered_inspector_default)
        if _is_broker_s(self):
            is_boolean = isinstance(metadata_column.type, sqltypes.Boolean)
            defaults = tuple(_plain(default, is_boolean) for default in defaults)  # type: ignore[assignment]
        return super().compare_server_default(inspector_column, metadata_column, *defaults)

    def _compare_identity_default(self, metadata_identity: Any, inspector_identity: Any) -> Any:
        """A key that counts is shown as an identity column, however it was declared."""
        if metadata_identity is None and not getattr(inspector_identity, "always", False):
            return set(), set(), False
        return super()._compare_identity_default(metadata_identity, inspector_identity)

    def render_type(self, type_: Any, autogen_context: Any) -> Any:
        """With the import that the migration needs."""
        if isinstance(type_, IRISVector | IRISListBuild):
            autogen_context.imports.add("import sqlalchemy_pgiris")
            if getattr(type_, "item_type", float) is Decimal:
                autogen_context.imports.add("import decimal")
            return f"sqlalchemy_pgiris.{_written(type_)}"
        if type(type_) in counterparts:
            autogen_context.imports.add("import pgvector.sqlalchemy")
            dimensions = type_.dim or ""
            return f"pgvector.sqlalchemy.Vector({dimensions})"
        if type(type_).__module__ == "sqlalchemy_iris.types":
            autogen_context.imports.add("import sqlalchemy_iris.types")
            return f"sqlalchemy_iris.types.{type_!r}"
        return super().render_type(type_, autogen_context)

    def add_constraint(self, const: Any, **kw: Any) -> None:
        """Replaces one that leaves CHECK out without a word."""
        if _is_broker_s(self):
            DefaultImpl.add_constraint(self, const, **kw)
        else:
            super().add_constraint(const)


def _is_broker_s(owner: Any) -> bool:
    return isinstance(owner.dialect, IRISDialect_pgiris)


def _shown_as_string(found: Any, wanted: Any) -> bool:
    """Over iris://: whether a string becomes one of these is not seen."""
    shown = (*_VECTORS, sqltypes.JSON, sqltypes.Uuid)
    return isinstance(wanted, shown) and isinstance(found, sqltypes.String)


def _compare_vectors(dialect: Any, found: Any, wanted: Any) -> bool | None:
    if not (isinstance(found, _VECTORS) and isinstance(wanted, _VECTORS)):
        return None
    specifications = (type_.dialect_impl(dialect).get_col_spec() for type_ in (found, wanted))
    return len({specification.lower() for specification in specifications}) > 1


def _compare_arrays(dialect: Any, found: Any, wanted: Any) -> bool | None:
    if not (isinstance(found, sqltypes.ARRAY) and isinstance(wanted, sqltypes.ARRAY)):
        return None
    return array_length(found.item_type) != array_length(wanted.item_type)


def _compare_strings(dialect: Any, found: Any, wanted: Any) -> bool | None:
    """Their lengths: SQLAlchemy's String and Text without one are the same column."""
    if not (isinstance(found, sqltypes.String) and isinstance(wanted, sqltypes.String)):
        return None
    if isinstance(wanted, sqltypes.CLOB) or isinstance(found, sqltypes.CLOB):
        return None
    is_padded = {isinstance(type_, sqltypes.CHAR | sqltypes.NCHAR) for type_ in (found, wanted)}
    lengths = {type_.length or (1 if is_padded == {True} else None) for type_ in (found, wanted)}
    return len(is_padded) > 1 or len(lengths) > 1


def _compare_numbers(dialect: Any, found: Any, wanted: Any) -> bool | None:
    """As many digits as IRIS has of those that were asked for."""
    exact = sqltypes.Numeric
    if not (isinstance(found, exact) and isinstance(wanted, exact)) or (
        isinstance(found, sqltypes.Float) or isinstance(wanted, sqltypes.Float)
    ):
        return None
    if wanted.precision is None:
        return False
    scale = wanted.scale or 0
    return (found.precision, found.scale or 0) != (min(wanted.precision, _DIGITS + scale), scale)


_COMPARISONS: list[Callable[[Any, Any, Any], bool | None]] = [
    _compare_vectors,
    _compare_arrays,
    _compare_strings,
    _compare_numbers,
]

_CAST = re.compile(r"::[a-z][a-z ]*(\(\d+(,\d+)?\))?(\[\])*")
_NOW = {"now()", "current_timestamp", "localtimestamp", "transaction_timestamp()"}
_BOOLEANS = {"1": "true", "t": "true", "0": "false", "f": "false"}


def _plain(default: str | None, is_boolean: bool) -> str | None:
    if default is None or default.upper() == "NULL":
        return None
    default = _CAST.sub("", default)
    if default.lower() in _NOW:
        return "CURRENT_TIMESTAMP"
    if is_boolean:
        word = default.strip("'").lower()
        return _BOOLEANS.get(word, word)
    return default


def _written(type_: IRISVector | IRISListBuild) -> str:
    """With the arguments that are not as they are without."""
    arguments = [] if type_.max_items is None else [str(type_.max_items)]
    item_type = getattr(type_, "item_type", float)
    if item_type is not float:
        name = "decimal.Decimal" if item_type is Decimal else item_type.__name__
        arguments.append(f"item_type={name}")
    kind = IRISVector if isinstance(type_, IRISVector) else IRISListBuild
    return f"{kind.__name__}({', '.join(arguments)})"


def _altered(element: type[Any], postgresql_s: Callable[..., str], iris_s: Any) -> None:
    """Replaces IRIS's words, which the broker would not translate what follows of."""

    @compiles(element, "iris")
    def visit(element: Any, compiler: Any, **kw: Any) -> str:
        text: str = (postgresql_s if _is_broker_s(compiler) else iris_s)(element, compiler, **kw)
        return text


_altered(base.ColumnNullable, base.visit_column_nullable, iris.visit_column_nullable)
_altered(base.ColumnType, base.visit_column_type, iris.visit_column_type)
_altered(base.ColumnName, base.visit_column_name, iris.visit_rename_column)


@compiles(base.ColumnComment, "iris")
def _comment(element: base.ColumnComment, compiler: Any, **kw: Any) -> str:
    """What sqlalchemy-iris has not; only the broker takes it."""
    table = base.format_table_name(compiler, element.table_name, element.schema)
    column = base.format_column_name(compiler, element.column_name)
    comment = "NULL"
    if element.comment is not None:
        comment = compiler.sql_compiler.render_literal_value(element.comment, sqltypes.String())
    return f"COMMENT ON COLUMN {table}.{column} IS {comment}"
