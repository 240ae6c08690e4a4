"""FR-014: the FastAPI example answers requests, one session each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest_asyncio
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from fastapi_vectors.app import create_app
from fastapi_vectors.models import Base


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


async def test_fr014_a_stream_of_documents(client: AsyncClient) -> None:
    for number in range(20):
        await store(client, f"document {number}", number, 1, 0)
    async with client.stream("GET", "/documents") as response:
        titles = [json.loads(line)["title"] async for line in response.aiter_lines()]
    assert titles == [f"document {number}" for number in range(20)]


async def test_fr014_a_hundred_requests_at_once(client: AsyncClient) -> None:
    await store(client, "north", 0, 1, 0)
    query = {"embedding": [0, 1, 0]}
    responses = await asyncio.gather(
        *(client.post("/documents/search", json=query) for _ in range(100))
    )
    assert {response.json()[0]["document"]["title"] for response in responses} == {"north"}
