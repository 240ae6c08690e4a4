"""Times with a zone are UTC, and durations are PostgreSQL's intervals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import INTERVAL

Processor = Callable[[datetime | None], datetime | None]


class IRISDateTime(sqltypes.DateTime):
    """With `timezone=True` a value goes in and comes out as UTC, whatever the session's zone.

    A column without one, as over iris://, is taken for UTC too.
    """

    def bind_processor(self, dialect: Any) -> Processor | None:
        return _to_utc if self.timezone else None

    def literal_processor(self, dialect: Any) -> Any:
        literal: Any = super().literal_processor(dialect)
        return (lambda value: literal(_to_utc(value))) if self.timezone else literal

    def result_processor(self, dialect: Any, coltype: object) -> Processor | None:
        return _to_utc if self.timezone else None


class IRISInterval(INTERVAL):
    """Replaces dates since 1970, which nothing can be computed with."""

    @classmethod
    def adapt_emulated_to_native(cls, impl: Any, **kw: Any) -> IRISInterval:  # type: ignore[override]
        """Without a precision: the broker keeps microseconds."""
        return cls()

    def literal_processor(self, dialect: Any) -> Any:
        """Replaces a function, which IRIS computes in few places."""
        return _written


def _to_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        return value.replace(tzinfo=timezone.utc)
    return value.astimezone(timezone.utc)


def _written(value: timedelta) -> str:
    return f"INTERVAL '{value.days} days {value.seconds}.{value.microseconds:06} seconds'"
