"""psycopg's AsyncConnection, which may look for an answer before its task is suspended."""

from __future__ import annotations

from asyncio import get_running_loop, sleep
from typing import Any

import psycopg

from .lookout import READ, Answer, AsyncWait, Lookout, Started
from .loop_view import LoopView


class IRISAsyncConnection(psycopg.AsyncConnection[Any]):
    """Replaces how it waits; how it connects, cancels and fails stays psycopg's.

    A task that is suspended costs its query more than a query itself may: the socket is added to
    the loop and removed again, a timer started and stopped, two switches of greenlets. psycopg
    waits for what was not found in time, and for all that is not an answer.
    """

    _lookout: Lookout | None = None

    def look_out(self, mode: AsyncWait) -> None:
        """What to do from now on; psycopg alone waits unless this was called."""
        self._lookout = None if mode is AsyncWait.SUSPEND else Lookout(mode)

    async def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        """Takes psycopg's generators; whoever gives a timeout or interval gets psycopg's wait."""
        view = LoopView.of(get_running_loop())
        if self._lookout is None or view is None or args or kwargs:
            return await super().wait(gen, *args, **kwargs)
        try:
            started = Started(gen)
        except StopIteration as returned:
            return returned.value
        answer = await self._look(started, self._lookout, view)
        if answer is not None:
            return answer.value
        view.suspended += 1
        try:
            # what is not a generator, but has the two methods of one that are used
            return await super().wait(started)  # type: ignore[arg-type]
        finally:
            view.suspended -= 1

    async def _look(self, started: Started, lookout: Lookout, view: LoopView) -> Answer | None:
        """Any error is left for psycopg, which knows how to end a query that was interrupted."""
        if started.state != READ:
            return None
        try:
            # a turn for everyone else, while the server is busy with the answer
            await sleep(0)
            if view.is_idle():
                return lookout.look(started, self.pgconn.socket, view)
        except BaseException as error:
            started.error = error
        return None
