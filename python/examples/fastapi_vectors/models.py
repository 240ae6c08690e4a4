"""The one table: documents and their embeddings."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sqlalchemy_pgiris import IRISVector

DIMENSIONS = 3


class Base(DeclarativeBase):
    """The declarative base."""


class Document(Base):
    """A text and where it lies among the others."""

    __tablename__ = "fastapi_vectors_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    embedding: Mapped[list[float]] = mapped_column(IRISVector(DIMENSIONS))
