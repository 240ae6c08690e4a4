"""psycopg's AsyncConnection, which may look for an answer before its task is suspended."""

from __future__ import annotations

from asyncio import get_running_loop, sleep
from typing import Any

import psycopg

from .lookout import READ, AsyncWait, Lookout, Started
from .loop_view import LoopView


class IRISAsyncConnection(psycopg.AsyncConnection[Any]):
    """Replaces how it waits; how it connects, cancels and fails stays psycopg's.

    A task that is suspended costs its query more than a query itself may: the socket is added to
    the loop and removed again, a timer started and stopped, the loop turned. psycopg waits for what
    was not found in time, and for all that is not an answer.
    """

    _lookout: Lookout | None = None

    def look_out(self, mode: AsyncWait) -> None:
        """What to do from now on; psycopg alone waits unless this was called."""
        self._lookout = None if mode is AsyncWait.SUSPEND else Lookout(mode)

    async def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        """Takes psycopg's generators; whoever gives a timeout or interval gets psycopg's wait."""
        lookout = self._lookout
        view = None if lookout is None else LoopView.of(get_running_loop())
        if lookout is None or view is None or args or kwargs:
            return await super().wait(gen, *args, **kwargs)
        try:
            # first of all: what comes before, the query waits for
            started = Started(gen)
        except StopIteration as returned:
            await _owed_turn(view)
            return returned.value
        if started.state == READ and view.is_idle():
            try:
                # while the server is busy with the answer
                await _owed_turn(view)
                if view.is_idle():
                    lookout.look(started, self.pgconn.socket, view)
            except StopIteration as returned:
                return returned.value
            except BaseException as error:
                # for psycopg, which knows how to end a query that was interrupted
                started.error = error
        view.suspended += 1
        try:
            # what is not a generator, but has the two methods of one that are used
            return await super().wait(started)  # type: ignore[arg-type]
        finally:
            view.suspended -= 1
            view.has_turned()


async def _owed_turn(view: LoopView) -> None:
    """Lets the loop do what is due, if it could not for a while."""
    if view.is_owed_a_turn():
        await sleep(0)
        view.has_turned()
