"""Reflection, where sqlalchemy-iris's says other than SQLAlchemy asks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from sqlalchemy import __version__ as sqlalchemy_version
from sqlalchemy.engine import reflection
from sqlalchemy_iris.base import IRISDialect

from .types.kept import REFLECTED


class IRISReflection(IRISDialect):
    """Comments, indexes and types that the broker keeps, seen to after they were reflected.

    IRIS does not keep a carriage return in a comment. sqlalchemy-iris writes it as a line break and
    a tab, and knows it by the indentation that IRIS gives to a description; one that comes back as
    it was written is read here.
    """

    @reflection.cache
    def get_table_comment(self, *args: Any, **kw: Any) -> Any:
        comment = super().get_table_comment(*args, **kw)
        return {**comment, "text": _with_returns(comment["text"])}

    def get_multi_columns(self, *args: Any, **kw: Any) -> Any:
        tables: dict[Any, Any] = dict(super().get_multi_columns(*args, **kw))
        for column in _each(tables):
            column["comment"] = _with_returns(column["comment"])
            if kept := REFLECTED.get(getattr(column["type"], "length", None) or 0):
                column["type"] = kept()
        return tables

    def get_multi_indexes(self, *args: Any, **kw: Any) -> Any:
        """Drops a key that only SQLAlchemy 2.0 knows; `iris_include` has its columns."""
        tables: dict[Any, Any] = dict(super().get_multi_indexes(*args, **kw))
        if not sqlalchemy_version.startswith("2.0."):
            for index in _each(tables):
                index.pop("include_columns", None)
        return tables


def _each(tables: dict[Any, list[dict[str, Any]]]) -> Iterable[dict[str, Any]]:
    return chain.from_iterable(tables.values())


def _with_returns(comment: str | None) -> str | None:
    return comment.replace("\n\t", "\r") if comment else comment
