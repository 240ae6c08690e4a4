"""sqlalchemy-iris's vector, read back with or without brackets.

IRIS writes a vector as `1,2,3`; the broker may write it `[1,2,3]`, as pgvector does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy_iris.types import IRISVector


def numbers(text: str) -> list[str]:
    """The elements of a vector's text."""
    return text.strip("[]").split(",")


class IRISVectorText(IRISVector):
    """Stands in for `IRISVector`; same columns, same comparators."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        """Replaces `VECTOR(decimal, )` where no length is given."""
        length = f", {self.max_items}" if self.max_items else ""
        return f"VECTOR({self.item_type_server}{length})"

    def result_processor(self, dialect: Any, coltype: object) -> Callable[[str | None], Any]:
        item_type = self.item_type

        def process(value: str | None) -> list[Any] | None:
            return [item_type(number) for number in numbers(value)] if value else None

        return process
