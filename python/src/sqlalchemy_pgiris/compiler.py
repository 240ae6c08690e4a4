"""Statements: what the broker does better than sqlalchemy-iris's compiler is left to the broker.

The broker translates LIMIT, OFFSET, ORDER BY, DISTINCT, RETURNING and joins of UPDATE and DELETE
into what its version of IRIS takes, for all its clients alike.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.base import PGCompiler
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy_iris.base import IRISCompiler

from .json_compiler import JSONCompiler


class IRISCompiler_pgiris(JSONCompiler, IRISCompiler):
    """sqlalchemy-iris's compiler without its rewriting of SELECT, and with RETURNING."""

    # replaces the rewriting for versions without OFFSET, which marks the statement itself and so
    # leaves it alone when a second engine of the process compiles it
    translate_select_structure = SQLCompiler.translate_select_structure

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """Replaces one that adds LIMIT 100 to an OFFSET alone."""
        text = ""
        if select._limit_clause is not None:
            text += "\n LIMIT " + self.process(select._limit_clause, **kw)
        if select._offset_clause is not None:
            text += "\n OFFSET " + self.process(select._offset_clause, **kw)
        return text

    def fetch_clause(self, select: Any, *args: Any, **kw: Any) -> str:
        """With the placeholder alone in its parentheses, as WITH TIES wants it."""
        self._is_told = True
        try:
            text: str = PGCompiler.fetch_clause(self, select, *args, **kw)
        finally:
            self._is_told = False
        return text

    def order_by_clause(self, select: Any, **kw: Any) -> str:
        """Replaces one that drops ORDER BY beside a LIMIT.

        In a subquery without LIMIT it stays dropped: IRIS takes it there only beside TOP.
        """
        if self.is_subquery() and not select._has_row_limiting_clause:
            return ""
        return SQLCompiler.order_by_clause(self, select, **kw)

    # IRIS spells these joins differently, the broker takes PostgreSQL's
    update_from_clause = PGCompiler.update_from_clause
    delete_extra_from_clause = PGCompiler.delete_extra_from_clause

    # parts of arrays, which the broker takes out of what it keeps
    visit_array = PGCompiler.visit_array
    visit_slice = PGCompiler.visit_slice
    visit_getitem_binary = PGCompiler.visit_getitem_binary

    def visit_now_func(self, fn: Any, **kw: Any) -> str:
        """Replaces `now()`, which IRIS takes in a query but not as a DEFAULT."""
        return "CURRENT_TIMESTAMP"

    def visit_frame_clause(self, frameclause: Any, **kw: Any) -> str:
        """Replaces parameters by numbers, for each execution: IRIS takes no other in a frame."""
        return super().visit_frame_clause(frameclause, **{**kw, "literal_execute": True})

    def _format_frame_clause(self, range_: Any, **kw: Any) -> str:
        """The same in SQLAlchemy 2.0."""
        return super()._format_frame_clause(range_, **{**kw, "literal_execute": True})

    # whether the statement itself tells the type of the parameter that is being written
    _is_told = False

    def visit_bindparam(self, bindparam: Any, *args: Any, **kw: Any) -> str:
        """Notes what goes into a column just as it comes."""
        told = self._is_told
        self._is_told = told or (
            bindparam._is_crud
            and not kw.get("skip_bind_expression")
            and not bindparam.type.dialect_impl(self.dialect)._has_bind_expression
            and getattr(self.statement, "select", None) is None
        )
        try:
            text: str = super().visit_bindparam(bindparam, *args, **kw)
        finally:
            self._is_told = told
        return text

    def render_bind_cast(self, type_: Any, dbapi_type: Any, sqltext: str) -> str:
        """Used where a type asks for it, see `types.asyncpg`; what needs none is done without."""
        return sqltext if self._is_told else f"{sqltext}::{dbapi_type.postgresql_name}"
