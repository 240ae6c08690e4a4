"""Looking for an answer before the task is suspended, while the loop has nothing else to do."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Enum
from time import perf_counter
from typing import Any

from sqlalchemy import exc

from .loop_view import LoopView

Events = list[tuple[int, int]]

# psycopg's Wait.R and Ready.R
READ = 1


class AsyncWait(str, Enum):
    """`async_wait` of a URL: what a task does that waits for an answer while its loop is idle."""

    SPIN = "spin"
    HOLD = "hold"
    SUSPEND = "suspend"

    @classmethod
    def named(cls, name: str) -> AsyncWait:
        """Of the URL, or an error that has all names."""
        try:
            return cls(name)
        except ValueError:
            names = ", ".join(mode.value for mode in cls)
            raise exc.ArgumentError(f"async_wait is one of {names}, not {name!r}") from None


# about what it costs a thread to be put to sleep and woken, which is what looking on saves
SPIN_SECONDS = 100e-6
# after so many vain spins in a row only every sixteenth wait is begun with one: it wastes less than
# a twentieth of the time that a query takes which is longer than a spin
MISSES = 4
MISSES_PER_TRY = 16
# as long as the loop's clock, and epoll's, may be late anyway
HOLD_SECONDS = 1e-3
_HOLD_MILLISECONDS = 1


class Started:
    """A generator of psycopg's that has run up to its first wait, given to who would start it."""

    __slots__ = ("_generator", "error", "send", "state")

    def __init__(self, generator: Generator[int, int, Any]) -> None:
        self.state: int | None = next(generator)
        self.send = generator.send
        self.error: BaseException | None = None
        self._generator = generator

    def __next__(self) -> int:
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        if self.state is None:
            return next(self._generator)
        state, self.state = self.state, None
        return state


class Lookout:
    """Looks after one socket. Nothing is missed: whatever wakes the loop ends the look."""

    def __init__(self, mode: AsyncWait) -> None:
        self._spins = mode is AsyncWait.SPIN
        self._misses = 0
        self._view: LoopView | None = None
        self._ready: Callable[[int], Events]

    def look(self, started: Started, socket: int, view: LoopView) -> None:
        """Raises StopIteration, as the generator does, with an answer that comes soon.

        It returns when something else comes before that concerns the loop, or nothing at all.
        """
        if view is not self._view:
            self._ready = view.poll_with(socket).poll
            self._view = view
        until = perf_counter() + HOLD_SECONDS
        while started.state == READ and perf_counter() < until and self._is_ready(socket):
            started.state = started.send(READ)

    def _is_ready(self, socket: int) -> bool:
        """Whether the socket is what woke it."""
        events = (self._spins and self._spin()) or self._ready(_HOLD_MILLISECONDS)
        return any(descriptor == socket for descriptor, _ in events)

    def _spin(self) -> Events:
        """What comes in the time that a sleep would cost; seldom tried where that fails."""
        events: Events = []
        if self._misses < MISSES or self._misses % MISSES_PER_TRY == 0:
            ready = self._ready
            until = perf_counter() + SPIN_SECONDS
            while not events and perf_counter() < until:
                events = ready(0)
        self._misses = 0 if events else self._misses + 1
        return events
