"""A time zone is not stored: with `timezone=True` a value goes in and comes out as UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import types as sqltypes

Processor = Callable[[datetime | None], datetime | None]


class IRISDateTime(sqltypes.DateTime):
    """DATETIME or TIMESTAMP, which IRIS has without a zone only."""

    def bind_processor(self, dialect: Any) -> Processor | None:
        return _to_utc if self.timezone else None

    def literal_processor(self, dialect: Any) -> Any:
        """Replaces one that writes the zone into the literal."""
        literal: Any = super().literal_processor(dialect)
        return (lambda value: literal(_to_utc(value))) if self.timezone else literal

    def result_processor(self, dialect: Any, coltype: object) -> Processor | None:
        return _from_utc if self.timezone else None


def _to_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is None:
        return value
    return value.astimezone(timezone.utc).replace(tzinfo=None)


def _from_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is not None:
        return value
    return value.replace(tzinfo=timezone.utc)
