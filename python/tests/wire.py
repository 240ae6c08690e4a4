"""Counts round trips where they happen: between client and broker."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from broker import Broker

CHUNK = 1 << 16
# a client that has sent nothing for as long waits for an answer; one that pauses in the midst of
# what it sends is counted too often, never too seldom
QUIET_SECONDS = 0.03


class Wire:
    """A proxy on a port of its own that counts how often its client waits for an answer.

    Answers are held back until nothing has come from either side for a while, so that what a client
    sends without having read the answers before, as in a pipeline, adds no round trip.
    """

    def __init__(self, broker: Broker) -> None:
        self._target = (broker.host, broker.port)
        self._listener = socket.create_server((broker.host, 0))
        host, port = self._listener.getsockname()
        self.broker = Broker(host, port)
        self._count = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def counted(self) -> Iterator[list[int]]:
        """A list that has the number of round trips of the block, after it."""
        before = self._count
        trips: list[int] = []
        yield trips
        trips.append(self._count - before)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server:
            asked, held = False, b""
            while True:
                readable, _, _ = select.select([client, server], [], [], QUIET_SECONDS)
                if client in readable:
                    chunk = client.recv(CHUNK)
                    if not chunk:
                        return
                    asked = True
                    server.sendall(chunk)
                elif server in readable:
                    chunk = server.recv(CHUNK)
                    if not chunk:
                        return
                    held += chunk
                elif held:
                    self._count += asked
                    client.sendall(held)
                    asked, held = False, b""
