"""FR-014: the FastAPI example answers requests, one session each."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest_asyncio
import uvicorn
from httpx import ASGITransport, AsyncClient, Limits
from sqlalchemy.ext.asyncio import AsyncEngine

from fastapi_vectors.app import create_app
from fastapi_vectors.models import Base

REQUESTS = 100


@pytest_asyncio.fixture
async def client(url: str, async_engine: AsyncEngine) -> AsyncIterator[AsyncClient]:
    app = create_app(url)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        yield client
    async with async_engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)


@pytest_asyncio.fixture
async def served(url: str, async_engine: AsyncEngine) -> AsyncIterator[AsyncClient]:
    """A client of uvicorn, over TCP."""
    server = uvicorn.Server(uvicorn.Config(create_app(url), log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        host, port = listener.getsockname()
        limits = Limits(max_connections=REQUESTS)
        async with AsyncClient(
            base_url=f"http://{host}:{port}", limits=limits, timeout=60
        ) as client:
            while not server.started:
                assert not serving.done()
                await asyncio.sleep(0.01)
            yield client
        server.should_exit = True
        await serving
    async with async_engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)


async def store(client: AsyncClient, title: str, *embedding: float) -> int:
    body = {"title": title, "embedding": list(embedding)}
    response = await client.post("/documents", json=body)
    assert response.status_code == 201
    stored = response.json()
    assert {name: stored[name] for name in body} == body
    return int(stored["id"])


async def test_fr014_create_read_update_delete(client: AsyncClient) -> None:
    id_ = await store(client, "north", 0, 1, 0)
    path = f"/documents/{id_}"
    assert (await client.get(path)).json()["title"] == "north"
    changed = {"title": "east", "embedding": [1.0, 0.0, 0.0]}
    assert (await client.put(path, json=changed)).json() == {"id": id_, **changed}
    assert (await client.get(path)).json() == {"id": id_, **changed}
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_fr014_search_by_vector(client: AsyncClient) -> None:
    await store(client, "north", 0, 1, 0)
    await store(client, "east", 1, 0, 0)
    await store(client, "north-east", 0.6, 0.8, 0)
    query = {"embedding": [0, 2, 0], "limit": 2}
    found = (await client.post("/documents/search", json=query)).json()
    assert [hit["document"]["title"] for hit in found] == ["north", "north-east"]
    assert [round(hit["distance"], 6) for hit in found] == [0, 0.2]


async def test_fr014_a_vector_without_direction_is_near_to_nothing(client: AsyncClient) -> None:
    await store(client, "nowhere", 0, 0, 0)
    await store(client, "north", 0, 1, 0)
    for embedding, titles in (([0, 1, 0], ["north"]), ([0, 0, 0], [])):
        response = await client.post("/documents/search", json={"embedding": embedding})
        assert response.status_code == 200
        assert [hit["document"]["title"] for hit in response.json()] == titles


async def test_fr014_a_stream_of_documents(client: AsyncClient) -> None:
    for number in range(20):
        await store(client, f"document {number}", number, 1, 0)
    async with client.stream("GET", "/documents") as response:
        titles = [json.loads(line)["title"] async for line in response.aiter_lines()]
    assert titles == [f"document {number}" for number in range(20)]


async def test_fr014_a_hundred_requests_at_once(client: AsyncClient) -> None:
    await store(client, "north", 0, 1, 0)
    assert await search_at_once(client) == {"north"}


async def test_fr014_uvicorn_answers_a_hundred_requests_at_once(served: AsyncClient) -> None:
    """Each writes a document of its own, reads it, and searches."""

    async def write_and_read(number: int) -> str:
        id_ = await store(served, f"document {number}", number, 1, 0)
        return str((await served.get(f"/documents/{id_}")).json()["title"])

    titles = await asyncio.gather(*(write_and_read(number) for number in range(REQUESTS)))
    assert titles == [f"document {number}" for number in range(REQUESTS)]
    assert await search_at_once(served) == {"document 0"}
    async with served.stream("GET", "/documents") as response:
        streamed = [json.loads(line)["title"] async for line in response.aiter_lines()]
    assert sorted(streamed) == sorted(titles)


async def search_at_once(client: AsyncClient) -> set[str]:
    query = {"embedding": [0, 1, 0], "limit": 1}
    responses = await asyncio.gather(
        *(client.post("/documents/search", json=query) for _ in range(REQUESTS))
    )
    return {response.json()[0]["document"]["title"] for response in responses}
