"""What travels over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from .models import DIMENSIONS

Embedding = Annotated[list[float], Field(min_length=DIMENSIONS, max_length=DIMENSIONS)]


class DocumentIn(BaseModel):
    """A document to be stored."""

    title: str = Field(min_length=1, max_length=200)
    embedding: Embedding


class DocumentOut(DocumentIn):
    """A document as stored."""

    model_config = ConfigDict(from_attributes=True)

    id: int


class Query(BaseModel):
    """What to look for."""

    embedding: Embedding
    limit: int = Field(default=5, ge=1, le=100)


class Found(BaseModel):
    """A document and its cosine distance from what was looked for."""

    document: DocumentOut
    distance: float
