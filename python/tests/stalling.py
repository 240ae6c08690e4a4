"""The broker behind a proxy that keeps its answers back, or loses the connections."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress

from broker import Broker

CHUNK = 1 << 16
WAIT_SECONDS = 30


class Stalling:
    """A proxy on a port of its own; until told otherwise it only passes on."""

    def __init__(self, broker: Broker) -> None:
        self._target = (broker.host, broker.port)
        self._listener = socket.create_server((broker.host, 0))
        host, port = self._listener.getsockname()
        self.url = f"iris+psycopg://{host}:{port}/USER"
        self.conninfo = f"host={host} port={port} dbname=USER user=ann sslmode=disable"
        self._open = threading.Event()
        self._open.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        # connections whose clients wait for an answer that is kept back
        self._asked: set[socket.socket] = set()
        self._news = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Passes on what clients say from now on, and nothing that they are answered."""
        self._asked.clear()
        self._open.clear()

    def wait_until_asked(self, connections: int) -> None:
        """Until that many clients wait for what is kept back."""
        with self._news:
            assert self._news.wait_for(lambda: len(self._asked) >= connections, WAIT_SECONDS)

    def release(self) -> None:
        self._open.set()

    def cut(self) -> None:
        """Loses every connection there is; new ones are accepted."""
        pairs, self._pairs = self._pairs, []
        for ends in pairs:
            for end in ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._open.set()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                pair = client, socket.create_connection(self._target)
                self._pairs.append(pair)
                threading.Thread(target=self._relay, args=pair, daemon=True).start()

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, suppress(OSError):
            while True:
                readable, _, _ = select.select([client, server], [], [])
                if client in readable:
                    if not (chunk := client.recv(CHUNK)):
                        return
                    server.sendall(chunk)
                    if not self._open.is_set():
                        with self._news:
                            self._asked.add(client)
                            self._news.notify_all()
                if server in readable:
                    if not (chunk := server.recv(CHUNK)):
                        return
                    self._open.wait()
                    client.sendall(chunk)
