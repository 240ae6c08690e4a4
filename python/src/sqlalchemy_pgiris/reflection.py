"""Reflection, where sqlalchemy-iris's says other than SQLAlchemy asks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from sqlalchemy import __version__ as sqlalchemy_version
from sqlalchemy.engine import reflection
from sqlalchemy_iris.base import IRISDialect

from . import catalog
from .catalog import CatalogColumn


class IRISReflection(IRISDialect):
    """INFORMATION_SCHEMA's columns and indexes, with what the broker knows of them besides."""

    @reflection.cache
    def get_table_comment(
        self, connection: Any, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        """Replaces IRIS's description alone: the broker keeps comments of its own."""
        described = super().get_table_comment(connection, table_name, schema, **kw)
        comment = catalog.table_comment(connection, self.get_schema(schema), table_name)
        return {"text": _comment(comment, described["text"])}

    def get_multi_columns(self, connection: Any, schema: str | None, *args: Any, **kw: Any) -> Any:
        """Replaces strings by the types that IRIS keeps in them, and marks by what they mean."""
        reflected: dict[Any, Any] = dict(super().get_multi_columns(connection, schema, *args, **kw))
        tables = [name for _, name in reflected]
        if not tables:
            return reflected
        name = self.get_schema(schema)
        known = catalog.columns(connection, name, tables)
        elements: dict[catalog.Key, str] = {}
        if self._dictionary_access and any(c.type_.startswith("vector") for c in known.values()):
            elements = catalog.vector_elements(connection, name, tables)
        for (_, table), columns in reflected.items():
            for column in columns:
                key = (str(table).lower(), str(column["name"]).lower())
                if key in known:
                    _complete(column, known[key], elements.get(key, ""))
        return reflected

    def get_multi_indexes(self, *args: Any, **kw: Any) -> Any:
        """Drops a key that only SQLAlchemy 2.0 knows; `iris_include` has its columns."""
        tables: dict[Any, Any] = dict(super().get_multi_indexes(*args, **kw))
        if not sqlalchemy_version.startswith("2.0."):
            for index in _each(tables):
                index.pop("include_columns", None)
        return tables

    @reflection.cache
    def get_sequence_names(self, connection: Any, schema: str | None = None, **kw: Any) -> Any:
        return catalog.sequences(connection, self.get_schema(schema))

    @reflection.cache
    def has_sequence(
        self, connection: Any, sequence_name: str, schema: str | None = None, **kw: Any
    ) -> bool:
        return sequence_name in self.get_sequence_names(connection, schema, **kw)


def _complete(column: dict[str, Any], known: CatalogColumn, element: str) -> None:
    if (type_ := catalog.shown_type(known.type_, element)) is not None:
        column["type"] = type_
    column["comment"] = _comment(known.comment, column["comment"])
    column["default"] = known.default
    column["autoincrement"] = known.identity is not None
    if known.identity:
        column["identity"] = known.identity


def _comment(comment: str | None, description: str | None) -> str | None:
    """The broker's comment; or IRIS's description, which sqlalchemy-iris has read.

    IRIS does not keep a carriage return in a description. sqlalchemy-iris writes it as a line break
    and a tab, and knows it by the indentation that IRIS gives; one that comes back as it was
    written is read here.
    """
    if comment is None or description is None:
        return comment
    is_iris_s = comment.replace(" \t\t\t\t", "\r").replace(" \t\t\t", "\n") == description
    return description.replace("\n\t", "\r") if is_iris_s else comment


def _each(tables: dict[Any, list[dict[str, Any]]]) -> Iterable[dict[str, Any]]:
    return chain.from_iterable(tables.values())
