"""CREATE and DROP: PostgreSQL's, which the broker translates.

A table with a computed column is IRIS's own, as the broker takes none: it is written in IRIS's
words throughout, and passes the broker as it is.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Computed, Table
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler
from sqlalchemy.schema import CreateSequence, DropIndex
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy_iris.base import IRISDDLCompiler

from .type_compiler import IRISWordsTypeCompiler

# a name in ObjectScript that is neither a function nor in a string
_COLUMN = re.compile(r"""(?<![\w$%'"])[^\W\d]\w*\b(?!\s*\(|['"])""")

# what the broker makes of these defaults
_IRIS_DEFAULTS = {
    "now()": "GETUTCDATE(6)",
    "CURRENT_TIMESTAMP": "GETUTCDATE(6)",
    "true": "1",
    "false": "0",
}


class IRISDDLCompiler_pgiris(IRISDDLCompiler):
    """PostgreSQL's DDL, and what of sqlalchemy-iris's only IRIS has."""

    # replace two that write nothing, which no server takes for a statement
    visit_create_schema = DDLCompiler.visit_create_schema
    visit_drop_schema = DDLCompiler.visit_drop_schema

    # replace two that leave CHECK out without a word: the broker says what it does with it
    visit_check_constraint = DDLCompiler.visit_check_constraint
    visit_add_constraint = DDLCompiler.visit_add_constraint

    # replaces one that writes a comment into CREATE TABLE, where no PostgreSQL has it
    create_table_constraints = DDLCompiler.create_table_constraints

    def visit_create_sequence(self, create: CreateSequence, **kw: Any) -> str:
        """With the type that it counts in."""
        type_ = create.element.data_type
        prefix = None if type_ is None else f" AS {self.type_compiler.process(type_)}"
        text: str = super().visit_create_sequence(create, prefix=prefix, **kw)
        return text

    def get_column_specification(self, column: Column[Any], **kwargs: Any) -> str:
        """Replaces IRIS's words, which would keep the broker from translating the others."""
        if _is_iris_s(column.table):
            return self._iris_s_specification(column)
        text: str = PGDDLCompiler.get_column_specification(self, column, **kwargs)
        return text

    def _iris_s_specification(self, column: Column[Any]) -> str:
        words = [self.preparer.format_column(column)]
        if column.primary_key and column is column.table._autoincrement_column:
            words.append("INTEGER IDENTITY")
        else:
            words.append(self._iris_s_types.process(column.type, type_expression=column))
        default = self.get_column_default_string(column)
        if default is not None:
            words.append(f"DEFAULT {_IRIS_DEFAULTS.get(default, default)}")
        if column.computed is not None:
            words.append(self.process(column.computed))
        if not column.nullable:
            words.append("NOT NULL")
        return " ".join(words)

    def visit_computed_column(self, generated: Computed, **kwargs: Any) -> str:
        """Replaces one that takes a function for a column, and one letter for none."""
        code = self.sql_compiler.process(generated.sqltext, literal_binds=True)
        code = _COLUMN.sub(r"{\g<0>}", code)
        when = " CALCULATED" if generated.persisted is False else ' COMPUTEONCHANGE ("%%UPDATE")'
        return f"COMPUTECODE {{Set {{*}} = {code}}}{when}"

    @cached_property
    def _iris_s_types(self) -> IRISWordsTypeCompiler:
        return IRISWordsTypeCompiler(self.dialect)

    def post_create_table(self, table: Table) -> str:
        """Replaces a class parameter for keys of one's own, which the broker sees to."""
        text: str = super().post_create_table(table) if _is_iris_s(table) else ""
        return text

    def visit_drop_index(self, drop: DropIndex, **kw: Any) -> str:
        """Replaces one that forgets IF EXISTS."""
        text: str = super().visit_drop_index(drop, **kw)
        return text.replace("DROP INDEX", "DROP INDEX IF EXISTS", 1) if drop.if_exists else text


def _is_iris_s(table: Table) -> bool:
    return any(column.computed is not None for column in table.columns)
