"""What is taken out of a document, written with PostgreSQL's operators.

IRIS takes JSON apart in FROM only; the broker does it in the select list and in conditions.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BinaryExpression, False_, Grouping, True_
from sqlalchemy.sql.sqltypes import JSON, String

from .types.kept import element_cast

_ELEMENT_OPERATORS = (operators.json_getitem_op, operators.json_path_getitem_op)


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

    def visit_cast(self, cast: Any, **kw: Any) -> str:
        """Replaces VARCHAR with a length, which the broker does not cut a document to."""
        type_ = cast.type
        if _is_element(cast.clause) and isinstance(type_, String) and type_.length is None:
            return f"CAST({self.process(cast.clause, **kw)} AS TEXT)"
        return super().visit_cast(cast, **kw)

    def visit_binary(self, binary: Any, *args: Any, **kw: Any) -> str:
        """Replaces 1 and 0, for what is taken out of a document is no BIT of IRIS's."""
        if isinstance(binary.right, True_ | False_) and _is_element(binary.left):
            return self._compared(binary.left, isinstance(binary.right, True_), **kw)
        return super().visit_binary(binary, *args, **kw)

    def visit_is_true_unary_operator(self, element: Any, operator: Any, **kw: Any) -> str:
        if _is_element(element.element):
            return self._compared(element.element, True, **kw)
        return super().visit_is_true_unary_operator(element, operator, **kw)

    def visit_is_false_unary_operator(self, element: Any, operator: Any, **kw: Any) -> str:
        if _is_element(element.element):
            return self._compared(element.element, False, **kw)
        return super().visit_is_false_unary_operator(element, operator, **kw)

    def _compared(self, element: Any, truth: bool, **kw: Any) -> str:
        return f"{self.process(element, **kw)} = {str(truth).lower()}"


def _is_element(expression: Any) -> bool:
    if isinstance(expression, Grouping):
        expression = expression.element
    return isinstance(expression, BinaryExpression) and expression.operator in _ELEMENT_OPERATORS
