"""sqlalchemy-iris's list, also where it is empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy_iris.types import IRISListBuild


class IRISListBytes(IRISListBuild):
    """Stands in for `IRISListBuild`; same columns, same comparators."""

    cache_ok = True

    def bind_processor(self, dialect: Any) -> Callable[[Any], Any]:
        """Replaces an empty list itself, which no driver sends, by none of its bytes."""
        prepare: Any = super().bind_processor(dialect)
        return lambda value: b"" if value is not None and not len(value) else prepare(value)

    def result_processor(self, dialect: Any, coltype: object) -> Callable[[Any], Any]:
        read: Any = super().result_processor(dialect, coltype)
        return lambda value: [] if value is not None and not len(value) else read(value)
