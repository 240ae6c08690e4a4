"""The routes: create, read, update, delete, list, and search by vector.

uvicorn --factory fastapi_vectors.app:create_app
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

from fastapi import APIRouter, FastAPI, HTTPException, status
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from .database import Session, database
from .models import Document
from .schemas import DocumentIn, DocumentOut, Found, Query

DATABASE_URL = "iris+psycopg://localhost:5432/USER"

router = APIRouter(prefix="/documents")


def create_app(database_url: str | None = None) -> FastAPI:
    """The application on `database_url`, else on the environment's DATABASE_URL."""
    app = FastAPI(title="Nearest documents", lifespan=database)
    app.state.database_url = database_url or os.environ.get("DATABASE_URL", DATABASE_URL)
    app.include_router(router)
    return app


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(body: DocumentIn, session: Session) -> DocumentOut:
    document = Document(**body.model_dump())
    session.add(document)
    await session.commit()
    return DocumentOut.model_validate(document)


@router.get("")
async def stream(session: Session) -> StreamingResponse:
    """All documents, a line of JSON each."""

    async def lines() -> AsyncIterator[str]:
        documents = await session.stream_scalars(select(Document).order_by(Document.id))
        async for document in documents:
            yield DocumentOut.model_validate(document).model_dump_json() + "\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@router.post("/search")
async def search(query: Query, session: Session) -> list[Found]:
    """The nearest first; sqlalchemy-iris calls the cosine distance `cosine`.

    A vector of zeros has no direction, and so no distance: it is near to nothing.
    """
    distance = Document.embedding.cosine(query.embedding)
    nearest = (
        select(Document, distance)
        .where(distance.is_not(None))
        .order_by(distance)
        .limit(query.limit)
    )
    return [
        Found(document=DocumentOut.model_validate(document), distance=found)
        for document, found in await session.execute(nearest)
    ]


@router.get("/{id_}")
async def read(id_: int, session: Session) -> DocumentOut:
    return DocumentOut.model_validate(await _existing(session, id_))


@router.put("/{id_}")
async def update(id_: int, body: DocumentIn, session: Session) -> DocumentOut:
    document = await _existing(session, id_)
    document.title, document.embedding = body.title, body.embedding
    await session.commit()
    return DocumentOut.model_validate(document)


@router.delete("/{id_}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(id_: int, session: Session) -> None:
    await session.delete(await _existing(session, id_))
    await session.commit()


async def _existing(session: Session, id_: int) -> Document:
    document = await session.get(Document, id_)
    if document is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"no document {id_}")
    return document
