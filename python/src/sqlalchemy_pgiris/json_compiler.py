"""What is taken out of a document, written with PostgreSQL's operators.

IRIS takes JSON apart in FROM only; the broker does it in the select list and in conditions.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.sqltypes import JSON

from .types.kept import element_cast


class JSONCompiler(SQLCompiler):
    """The part of the compiler that knows documents."""

    def visit_json_getitem_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        return self._element(binary, "->", **kw)

    def visit_json_path_getitem_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        # a list to asyncpg, which has to ask for the definition of its type
        kw["literal_execute"] = self.dialect.driver == "asyncpg"
        return self._element(binary, "#>", **kw)

    def _element(self, binary: Any, arrow: str, **kw: Any) -> str:
        """A document, or a value as text, or that text cast to a type."""
        kw["eager_grouping"] = True
        if isinstance(binary.type, JSON):
            return self._generate_generic_binary(binary, f" {arrow} ", **kw)
        text = self._generate_generic_binary(binary, f" {arrow}> ", **kw)
        cast = element_cast(binary.type)
        return f"CAST({text} AS {cast})" if cast else text
