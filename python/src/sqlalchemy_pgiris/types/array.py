"""Arrays, which the broker keeps as PostgreSQL writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects.postgresql import ARRAY


class IRISArrayLiteral(ARRAY[Any]):
    """An array that stands in the statement as text, which the broker nests."""

    cache_ok = True

    def literal_processor(self, dialect: Any) -> Any:
        """Replaces ARRAY[…], which the broker does not nest."""
        prepare: Any = ARRAY.bind_processor(self, dialect)

        def quoted(value: Any) -> str:
            text = array_text(prepare(value)).replace("'", "''")
            return f"'{text}'"

        return quoted


class IRISArray(IRISArrayLiteral):
    """Sent as text, of which the column tells the type, where a list would tell another.

    A list of floats, say, for a column of numerics. Beside anything else than a column the
    placeholder gets a cast.
    """

    cache_ok = True
    render_bind_cast = True

    def bind_processor(self, dialect: Any) -> Callable[[Any], str | None]:
        prepare: Any = super().bind_processor(dialect)
        return lambda value: None if value is None else array_text(prepare(value))


def array_text(values: Any) -> str:
    """Of a list, or a list of lists."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list | tuple):
        return array_text(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
