"""Statements: what the broker does better than sqlalchemy-iris's compiler is left to the broker.

The broker translates PostgreSQL's SQL into what its version of IRIS takes, for all its clients
alike; what is IRIS's own, `%ID` and its kin, it lets through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from sqlalchemy.dialects.postgresql.base import PGCompiler
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import (
    BindParameter,
    ClauseList,
    ColumnClause,
    ExpressionClauseList,
    Grouping,
)
from sqlalchemy.sql.sqltypes import _AbstractInterval
from sqlalchemy_iris.base import IRISCompiler

from .json_compiler import JSONCompiler

# of functions whose translation depends on an argument: its place
_WRITTEN_ARGUMENTS = {
    "date_part": 0,
    "date_trunc": 0,
    "to_char": 1,
    "to_date": 1,
    "to_number": 1,
    "to_timestamp": 1,
}

_ON_BITS = {
    operators.bitwise_and_op,
    operators.bitwise_or_op,
    operators.bitwise_lshift_op,
    operators.bitwise_rshift_op,
}


def next_value(preparer: Any, sequence: Any) -> str:
    """The call that counts on; PostgreSQL takes the sequence's name as a string."""
    name = preparer.format_sequence(sequence).replace("'", "''")
    return f"nextval('{name}')"


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
        clauses = (select._fetch_clause, select._offset_clause)
        self._is_told = all(
            clause is None or isinstance(clause, BindParameter) for clause in clauses
        )
        try:
            text: str = PGCompiler.fetch_clause(self, select, *args, **kw)
        finally:
            self._is_told = False
        return text

    # replaces one that drops ORDER BY beside a LIMIT and in subqueries
    order_by_clause = SQLCompiler.order_by_clause

    # replaces one that writes nothing: the broker locks the rows
    for_update_clause = PGCompiler.for_update_clause

    # replaces one that deletes all rows of a table with foreign keys unchecked, also those that
    # another table refers to
    visit_delete = SQLCompiler.visit_delete

    # IRIS spells these joins differently, the broker takes PostgreSQL's
    update_from_clause = PGCompiler.update_from_clause
    delete_extra_from_clause = PGCompiler.delete_extra_from_clause

    def visit_exists_unary_operator(self, element: Any, operator: Any, **kw: Any) -> str:
        """Replaces `(SELECT 1 WHERE EXISTS …)`, which is a number, or NULL for false."""
        kw.pop("within_columns_clause", None)
        return self._generate_generic_unary_operator(element, "EXISTS ", **kw)

    # replaces 1 and 0, which are numbers in a select list
    visit_true = SQLCompiler.visit_true
    visit_false = SQLCompiler.visit_false
    visit_is_true_unary_operator = SQLCompiler.visit_is_true_unary_operator
    visit_is_false_unary_operator = SQLCompiler.visit_is_false_unary_operator

    def visit_is__binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Replaces `=`, which is NULL for NULL."""
        return self._generate_generic_binary(binary, " IS ", **kw)

    def visit_is_not_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Replaces `<>`, as above."""
        return self._generate_generic_binary(binary, " IS NOT ", **kw)

    def visit_concat_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Replaces STRING(), which takes NULL for an empty string."""
        return self._generate_generic_binary(binary, " || ", **kw)

    def visit_concat_func(self, func: Any, **kw: Any) -> str:
        """Replaces `||`, which is NULL where one argument is."""
        return f"concat{self.function_argspec(func, **kw)}"

    # replaces `#`, which is another operator of PostgreSQL's
    visit_mod_binary = SQLCompiler.visit_mod_binary

    # what sqlalchemy-iris has not
    _regexp_match = PGCompiler._regexp_match
    visit_regexp_match_op_binary = PGCompiler.visit_regexp_match_op_binary
    visit_not_regexp_match_op_binary = PGCompiler.visit_not_regexp_match_op_binary
    visit_regexp_replace_op_binary = PGCompiler.visit_regexp_replace_op_binary
    visit_aggregate_order_by = PGCompiler.visit_aggregate_order_by

    def visit_sequence(self, sequence: Any, **kw: Any) -> str:
        return next_value(self.preparer, sequence)

    def visit_aggregate_strings_func(self, fn: Any, **kw: Any) -> str:
        """By the name that PostgreSQL has for it; SQLAlchemy 2.0 leaves all of it to dialects."""
        visit: Any = getattr(super(), "visit_aggregate_strings_func", None)
        if visit is None:
            return f"string_agg{self.function_argspec(fn, **kw)}"
        text: str = visit(fn, use_function_name="string_agg", **kw)
        return text

    # parts of arrays, which the broker takes out of what it keeps
    visit_array = PGCompiler.visit_array
    visit_slice = PGCompiler.visit_slice
    visit_getitem_binary = PGCompiler.visit_getitem_binary

    def visit_frame_clause(self, frameclause: Any, **kw: Any) -> str:
        """Replaces parameters by numbers, for each execution: IRIS takes no other in a frame."""
        return super().visit_frame_clause(frameclause, **{**kw, "literal_execute": True})

    def _format_frame_clause(self, range_: Any, **kw: Any) -> str:
        """The same in SQLAlchemy 2.0."""
        return super()._format_frame_clause(range_, **{**kw, "literal_execute": True})

    def visit_function(self, func: Any, *args: Any, **kw: Any) -> str:
        """With an argument written out that says what the function does: its translation."""
        place = _WRITTEN_ARGUMENTS.get(func.name.lower())
        if place is not None and len(func.clauses.clauses) > place:
            self._written.add(func.clauses.clauses[place])
        text: str = super().visit_function(func, *args, **kw)
        return text

    def visit_bitwise_xor_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        """Of the operators that IRIS computes: PostgreSQL's `#` is IRIS's modulus."""
        left, right = (self.process(side, **kw) for side in self._on_bits(binary))
        return f"({left} + {right} - 2 * ({left} & {right}))"

    def visit_binary(self, binary: Any, *args: Any, **kw: Any) -> str:
        """With those operands written out that a translation depends on."""
        if binary.operator in _ON_BITS:
            self._on_bits(binary)
        else:
            self._written.update(_computed_durations(binary))
        text: str = super().visit_binary(binary, *args, **kw)
        return text

    @cached_property
    def _written(self) -> set[Any]:
        """Parameters that are written out, for each execution."""
        return set()

    def _on_bits(self, binary: Any) -> tuple[Any, Any]:
        """Both sides: one has to be a number that is written out."""
        for side in (binary.left, binary.right):
            self._written.add(side.element if isinstance(side, Grouping) else side)
        return binary.left, binary.right

    # whether the statement itself tells the type of the parameter that is being written
    _is_told = False

    def visit_bindparam(self, bindparam: Any, *args: Any, **kw: Any) -> str:
        """Notes what goes into a column just as it comes."""
        if bindparam in self._written:
            kw["literal_execute"] = True
        told = self._is_told
        self._is_told = told or (
            bindparam._is_crud
            and not kw.get("skip_bind_expression")
            and not bindparam.type.dialect_impl(self.dialect)._has_bind_expression
            and not any(map(_is_of_select, self.stack))
        )
        try:
            text: str = super().visit_bindparam(bindparam, *args, **kw)
        finally:
            self._is_told = told
        return text

    def render_bind_cast(self, type_: Any, dbapi_type: Any, sqltext: str) -> str:
        """Used where a type asks for it, see `types`; what needs none is done without."""
        if self._is_told:
            return sqltext
        name = getattr(dbapi_type, "postgresql_name", None)
        return f"{sqltext}::{name or self.dialect.type_compiler_instance.process(dbapi_type)}"


def _is_of_select(entry: Any) -> bool:
    """An INSERT ... SELECT, whose select list tells no types."""
    return getattr(entry["selectable"], "is_insert", False) and (
        entry["selectable"].select is not None
    )


def _computed_durations(binary: Any) -> Iterator[Any]:
    """Durations beside what is computed with or from times, where IRIS takes no parameter."""
    sides = [binary.left, *_operands(binary.right)]
    if not all(isinstance(side, ColumnClause) or _is_duration(side) for side in sides) or (
        binary.operator in (operators.add, operators.sub)
    ):
        yield from filter(_is_duration, sides)


def _operands(side: Any) -> Iterable[Any]:
    """Both bounds of BETWEEN, else the one operand itself."""
    return side.clauses if isinstance(side, ClauseList | ExpressionClauseList) else (side,)


def _is_duration(side: Any) -> bool:
    return isinstance(side, BindParameter) and isinstance(side.type, _AbstractInterval)
