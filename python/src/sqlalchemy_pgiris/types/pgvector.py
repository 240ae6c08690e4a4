"""pgvector's `Vector` as an IRIS column of DOUBLEs, if pgvector is installed.

Its operators `<=>`, `<#>` and `<->` are sent as they are: the broker translates them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from .vector import numbers

counterparts: dict[type[Any], type[Any]] = {}

try:
    from pgvector.sqlalchemy import VECTOR
except ImportError:
    pass
else:

    class IRISPgvector(VECTOR):
        """Stands in for pgvector's `Vector`, which is written VECTOR(n) and bound as text."""

        cache_ok = True

        def get_col_spec(self, **kw: Any) -> str:
            return "VECTOR(DOUBLE)" if self.dim is None else f"VECTOR(DOUBLE, {self.dim})"

        def bind_expression(self, bindvalue: BindParameter[Any]) -> ColumnElement[Any]:
            return func.to_vector(bindvalue, text("DOUBLE"))

        def result_processor(
            self, dialect: Any, coltype: object
        ) -> Callable[[str | None], list[float] | None]:
            def process(value: str | None) -> list[float] | None:
                return [float(number) for number in numbers(value)] if value else None

            return process

    counterparts[VECTOR] = IRISPgvector
