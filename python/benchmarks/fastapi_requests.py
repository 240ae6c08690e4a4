"""FR-014: requests per second of the FastAPI example, beside an answer without a database.

    python benchmarks/fastapi_requests.py [--clients 1 20 100] [--requests 4000]

uvicorn and the broker are processes of their own; the clients share this one, each with a
connection that it keeps. Rounds of the ways to wait alternate. Printed is what the README has.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from broker import running_broker

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

ROUNDS = 4
DOCUMENTS = 200
START_SECONDS = 30

# serves the example, and a route that only answers
SERVER = """
import asyncio, socket, sys
import uvicorn
from fastapi_vectors.app import create_app

app = create_app(sys.argv[1])

@app.get("/floor")
async def floor() -> dict[str, str]:
    return {"title": "floor"}

listener = socket.create_server(("127.0.0.1", 0))
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print(listener.getsockname()[1], flush=True)
server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
asyncio.run(server.serve([listener]))
"""

SEARCH = json.dumps({"embedding": [0, 1, 0], "limit": 3})
ROUTES = {
    "no database": ("GET", "/floor", ""),
    "one document": ("GET", "/documents/{key}", ""),
    "vector search": ("POST", "/documents/search", SEARCH),
}


class Client:
    """One keep-alive connection; httpx would take longer than the server does."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Client:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def request(self, method: str, path: str, body: str) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        assert answer.startswith(b"http/1.1 20"), answer
        length = answer.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return await self._reader.readexactly(int(length))


@contextmanager
def served(url: str) -> Iterator[int]:
    """The port of a uvicorn that has the example."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, url], cwd=EXAMPLES, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            readable, _, _ = select.select([server.stdout], [], [], START_SECONDS)
            assert readable, "uvicorn did not start"
            yield int(server.stdout.readline())
        finally:
            server.terminate()


async def fill(port: int) -> list[int]:
    async with Client(port) as client:
        bodies = (
            json.dumps({"title": f"document {n}", "embedding": [n % 7, 1.0, n % 3]})
            for n in range(DOCUMENTS)
        )
        return [
            json.loads(await client.request("POST", "/documents", body))["id"] for body in bodies
        ]


async def load(port: int, route: str, keys: list[int], clients: int, requests: int) -> list[float]:
    """The seconds of each request; the clients share them."""
    method, path, body = ROUTES[route]
    seconds = []

    async def one(count: int) -> None:
        async with Client(port) as client:
            for _ in range(count):
                began = time.perf_counter()
                await client.request(method, path.format(key=random.choice(keys)), body)
                seconds.append(time.perf_counter() - began)

    await asyncio.gather(*(one(requests // clients) for _ in range(clients)))
    return seconds


async def measure(ports: dict[str, int], clients: int, requests: int, warm_up: int) -> None:
    keys = await fill(next(iter(ports.values())))
    for route in ROUTES:
        times: dict[str, list[float]] = {mode: [] for mode in ports}
        elapsed = dict.fromkeys(ports, 0.0)
        for port in ports.values():
            await load(port, route, keys, clients, warm_up)
        for _ in range(ROUNDS):
            for mode in random.sample(list(ports), len(ports)):
                began = time.perf_counter()
                share = requests // ROUNDS
                times[mode] += await load(ports[mode], route, keys, clients, share)
                elapsed[mode] += time.perf_counter() - began
        for mode, seconds in times.items():
            cuts = statistics.quantiles(seconds, n=100)
            rate = len(seconds) / elapsed[mode]
            p50, p95 = cuts[49] * 1e3, cuts[94] * 1e3
            cells = f"{rate:,.0f} | {p50:.1f} ms | {p95:.1f} ms"
            print(f"| {clients} | {route} | {mode} | {cells} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 20, 100])
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--warm-up", type=int, default=200)
    arguments = parser.parse_args()
    print("| clients | answer | async_wait | requests/s | p50 | p95 |")
    print("|--:|---|---|--:|--:|--:|")
    with running_broker() as broker, ExitStack() as stack:
        url = f"iris+psycopg://{broker.address}/USER?async_wait="
        ports = {mode: stack.enter_context(served(url + mode)) for mode in ("spin", "suspend")}
        for clients in arguments.clients:
            asyncio.run(measure(ports, clients, arguments.requests, arguments.warm_up))
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
