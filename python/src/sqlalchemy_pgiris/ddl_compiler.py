"""CREATE and DROP of what is not a table."""

from __future__ import annotations

from typing import Any

from sqlalchemy.schema import DropIndex
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy_iris.base import IRISDDLCompiler


class IRISDDLCompiler_pgiris(IRISDDLCompiler):
    """sqlalchemy-iris's DDL, with schemas and conditional drops."""

    # replaces two that write nothing, which no server takes for a statement
    visit_create_schema = DDLCompiler.visit_create_schema
    visit_drop_schema = DDLCompiler.visit_drop_schema

    def visit_drop_index(self, drop: DropIndex, **kw: Any) -> str:
        """Replaces one that forgets IF EXISTS."""
        text: str = super().visit_drop_index(drop, **kw)
        return text.replace("DROP INDEX", "DROP INDEX IF EXISTS", 1) if drop.if_exists else text
