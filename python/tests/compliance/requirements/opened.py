"""Requirements turned round: on is what no reason turns off.

SQLAlchemy's own are off by default, so that what nobody thought of is never asked.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements
from target import SUITE_IS_OLDER

_CLOSED_BY_DEFAULT = SuiteRequirements()


class OpenedRequirements(SuiteRequirements):
    """Its subclasses name what is off, each with the reason."""

    def __init_subclass__(cls, off: dict[str, str], **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        known = {name for name in dir(SuiteRequirements) if _is_requirement(name)}
        unknown = off.keys() - known
        if unknown and not SUITE_IS_OLDER:
            raise TypeError(f"SQLAlchemy knows no requirement {sorted(unknown)}")
        for name in known:
            if name in off:
                setattr(cls, name, _off(off[name]))
            elif _is_closed(getattr(_CLOSED_BY_DEFAULT, name)):
                setattr(cls, name, _on())


def _is_requirement(name: str) -> bool:
    return isinstance(getattr(SuiteRequirements, name), property)


def _is_closed(requirement: Any) -> bool:
    return isinstance(requirement, exclusions.compound) and any(
        isinstance(predicate, exclusions.BooleanPredicate) and predicate.value
        for predicate in requirement.skips
    )


def _off(reason: str) -> property:
    text = reason.replace("%", "%%")
    return property(lambda self: exclusions.skip_if(lambda config: True, text))


def _on() -> property:
    return property(lambda self: exclusions.open())
