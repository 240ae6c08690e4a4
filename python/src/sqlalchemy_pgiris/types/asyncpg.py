"""Types for asyncpg, which sends a value as the server says and converts nothing.

A placeholder gets a cast where Python's value says more than the statement: of an integer compared
with a string, say. Strings, bytes and times get none: IRIS cuts what it casts to a length, and to
TIME it casts whole seconds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from . import COLSPECS
from .array import IRISArrayLiteral
from .datetime import IRISDateTime, IRISInterval


def _sent_as(name: str, type_: Any) -> Any:
    """A type whose placeholders are cast to one of PostgreSQL's."""
    attributes = {"render_bind_cast": True, "postgresql_name": name, "__module__": __name__}
    return type(f"Asyncpg{type_.__name__.removeprefix('Asyncpg')}", (type_,), attributes)


class AsyncpgDateTime(IRISDateTime):
    """Cast to the one of PostgreSQL's two types that takes the value."""

    render_bind_cast = True

    @property
    def postgresql_name(self) -> str:
        return "TIMESTAMPTZ" if self.timezone else "TIMESTAMP"


class AsyncpgArray(IRISArrayLiteral):
    """Sent as a list, whose elements asyncpg writes as the server says."""

    cache_ok = True
    render_bind_cast = True


_INTERVAL = _sent_as("INTERVAL", IRISInterval)
_UUID = _sent_as("UUID", sqltypes.UUID)

ASYNCPG_COLSPECS: dict[type[Any], type[Any]] = {
    **COLSPECS,
    sqltypes.Boolean: _sent_as("BOOLEAN", sqltypes.Boolean),
    sqltypes.SmallInteger: _sent_as("SMALLINT", sqltypes.SmallInteger),
    sqltypes.Integer: _sent_as("INTEGER", sqltypes.Integer),
    sqltypes.BigInteger: _sent_as("BIGINT", sqltypes.BigInteger),
    sqltypes.Numeric: _sent_as("NUMERIC", PGDialect_asyncpg.colspecs[sqltypes.Numeric]),
    sqltypes.Float: _sent_as("DOUBLE PRECISION", PGDialect_asyncpg.colspecs[sqltypes.Float]),
    sqltypes.Date: _sent_as("DATE", sqltypes.Date),
    sqltypes.ARRAY: AsyncpgArray,
    sqltypes.JSON.JSONIntIndexType: _sent_as("INTEGER", sqltypes.JSON.JSONIntIndexType),
    sqltypes.DateTime: AsyncpgDateTime,
    sqltypes.Interval: _INTERVAL,
    INTERVAL: _INTERVAL,
    sqltypes.Uuid: _UUID,
}

_EPOCH = datetime(2000, 1, 1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=timezone.utc)
_FIRST_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)


def _days(value: date) -> tuple[int]:
    return (value.toordinal() - _FIRST_DAY,)


def _date(days: tuple[int]) -> date:
    return date.fromordinal(days[0] + _FIRST_DAY)


def _microseconds(value: date) -> tuple[int]:
    """Of UTC, as everything that has a zone."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    elif value.tzinfo is not None:
        value = value.astimezone(timezone.utc).replace(tzinfo=None)
    return ((value - _EPOCH) // _MICROSECOND,)


def _datetime(microseconds: tuple[int]) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds[0])


def _datetime_utc(microseconds: tuple[int]) -> datetime:
    return _EPOCH_UTC + timedelta(microseconds=microseconds[0])


_CODECS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "date": (_days, _date),
    "timestamp": (_microseconds, _datetime),
    "timestamptz": (_microseconds, _datetime_utc),
}


async def keep_the_last_day(set_type_codec: Callable[..., Awaitable[None]]) -> None:
    """Replaces codecs that send the last day of the calendar as infinity, which IRIS has not."""
    for name, (encoder, decoder) in _CODECS.items():
        await set_type_codec(
            name, schema="pg_catalog", encoder=encoder, decoder=decoder, format="tuple"
        )
