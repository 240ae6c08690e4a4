"""Whether an event loop has anything to do but wait, as seen from a task that it runs."""

from __future__ import annotations

import gc
import select
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Iterable
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

# how long a task may go on without a turn of the loop, which is how late a timer may be
TURN_SECONDS = 1e-3


class LoopView:
    """What of a loop can be seen without asking it, which only its own iterations could answer.

    asyncio and uvloop keep a queue of the callbacks that are due and one descriptor for everything
    they wait for. Neither is public: `of` finds them by what they do, or finds nothing.
    """

    def __init__(self, due: deque[Any], descriptor: int) -> None:
        self._due = due
        self._descriptor = descriptor
        self._turned = 0.0
        # tasks of this loop that wait for an answer on a connection of this package
        self.suspended = 0

    @staticmethod
    def of(loop: AbstractEventLoop) -> LoopView | None:
        """None for a loop that cannot be seen into."""
        try:
            return _views[loop]
        except KeyError:
            view = _views[loop] = _look_into(loop)
            return view
        except TypeError:  # a loop that takes no weak reference
            return None

    def is_idle(self) -> bool:
        """No callback is due, and no other task waits for an answer."""
        return not self.suspended and all(handle.cancelled() for handle in self._due)

    def is_owed_a_turn(self) -> bool:
        """Where a task goes on that has not let go of the loop for a while."""
        return perf_counter() - self._turned > TURN_SECONDS

    def has_turned(self) -> None:
        """Just now."""
        self._turned = perf_counter()

    def poll_with(self, socket: int) -> select.poll:
        """Wakes for the socket, and for whatever would wake the loop."""
        poll = select.poll()
        poll.register(socket, select.POLLIN)
        poll.register(self._descriptor, select.POLLIN)
        return poll


_views: WeakKeyDictionary[AbstractEventLoop, LoopView | None] = WeakKeyDictionary()


def _look_into(loop: AbstractEventLoop) -> LoopView | None:
    descriptor = _descriptor(loop)
    if descriptor is None:
        return None
    probe = loop.call_soon(int)
    queues = [queue for queue in _deques(loop) if any(entry is probe for entry in queue)]
    probe.cancel()
    return LoopView(queues[0], descriptor) if len(queues) == 1 else None


def _deques(loop: AbstractEventLoop) -> Iterable[deque[Any]]:
    held = {id(value): value for value in (*gc.get_referents(loop), *vars(loop).values())}
    return (value for value in held.values() if type(value) is deque)


def _descriptor(loop: AbstractEventLoop) -> int | None:
    """Of the epoll or kqueue that the loop sleeps in; a descriptor that can be waited for."""
    selector = getattr(loop, "_selector", None)
    find = getattr(loop, "_get_backend_id", None) or getattr(selector, "fileno", None)
    try:
        descriptor: int = find() if find is not None else -1
        select.poll().register(descriptor, select.POLLIN)
    except Exception:
        return None
    return descriptor
