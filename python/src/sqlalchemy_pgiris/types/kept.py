"""Types that IRIS has not, and that the broker keeps as strings: JSON and arrays.

The broker knows such a column by its length, a few characters less than the longest string, and
shows its values, and what is inside of them, as PostgreSQL does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy.dialects.postgresql import JSONB

# the longest string that IRIS holds outside a stream
LONGEST_STRING = 3_641_144

# the length of columns of other types than arrays
IRIS_LENGTHS = {
    "JSON": LONGEST_STRING - 1,
    "JSONB": LONGEST_STRING - 2,
    "INTERVAL": LONGEST_STRING - 24,
}

# how much shorter the columns of arrays of the first type are; those of others are shorter by their
# number more; what is a kind of another type stands before that
_ARRAYS_FROM = 8
_ARRAYS: list[tuple[type[Any], int]] = [
    (sqltypes.Boolean, 0),
    (sqltypes.SmallInteger, 1),
    (sqltypes.BigInteger, 3),
    (sqltypes.Integer, 2),
    (sqltypes.Text, 4),
    (sqltypes.String, 5),
    (sqltypes.Float, 7),
    (sqltypes.Numeric, 8),
    (sqltypes.Uuid, 9),
    (sqltypes.Date, 10),
    (sqltypes.Time, 11),
    (sqltypes.DateTime, 12),
    (JSONB, 14),
    (sqltypes.JSON, 13),
]


def array_length(item: Any) -> int | None:
    """Of a column of arrays of a type; None if the broker keeps no such arrays."""
    numbers = (number for known, number in _ARRAYS if isinstance(item, known))
    number = next(numbers, None)
    return None if number is None else LONGEST_STRING - _ARRAYS_FROM - number


# what `as_boolean()` and its kin make of an element, in the words that the broker computes
_ELEMENTS: list[tuple[type[Any], str]] = [
    (sqltypes.Boolean, "BOOLEAN"),
    (sqltypes.Integer, "BIGINT"),
    (sqltypes.Float, "DOUBLE PRECISION"),
]


def element_cast(type_: Any) -> str | None:
    """The type that an element is cast to; None for one of text."""
    for known, name in _ELEMENTS:
        if isinstance(type_, known):
            return name
    if isinstance(type_, sqltypes.Numeric):
        return f"NUMERIC({type_.precision}, {type_.scale})" if type_.precision else "NUMERIC"
    return None


class IRISJSONPathType(sqltypes.JSON.JSONPathType):
    """A path as an array's text: `{"a","0"}`."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], str]:
        return path

    def literal_processor(self, dialect: Any) -> Callable[[Any], str]:
        literal: Any = self.string_literal_processor(dialect)
        return lambda value: literal(path(value))


def path(keys: Any) -> str:
    """Text that is one already stays."""
    if isinstance(keys, str):
        return keys
    quoted = (str(key).replace("\\", "\\\\").replace('"', '\\"') for key in keys)
    return "{" + ",".join(f'"{key}"' for key in quoted) + "}"
