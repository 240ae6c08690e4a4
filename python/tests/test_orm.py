"""FR-011: models and sessions, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import ForeignKey, func, select, update
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from database import Database


@dataclass
class Models:
    """Classes mapped to tables of this test's own."""

    base: Any
    author: Any
    book: Any


@pytest.fixture
def models(fresh: Callable[[str], str]) -> Models:
    authors = fresh("author")

    class Base(AsyncAttrs, DeclarativeBase):
        pass

    class Author(Base):
        __tablename__ = authors

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        books: Mapped[list[Book]] = relationship(back_populates="author", order_by="Book.title")

    class Book(Base):
        __tablename__ = fresh("book")

        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        author_id: Mapped[int] = mapped_column(ForeignKey(f"{authors}.id"))
        author: Mapped[Author] = relationship(back_populates="books")

    return Models(Base, Author, Book)


LIBRARY = {"Ann": ["Alpha", "Beta"], "Bob": ["Gamma"], "Eve": []}


def authors(models: Models) -> list[Any]:
    return [
        models.author(name=name, books=[models.book(title=title) for title in titles])
        for name, titles in LIBRARY.items()
    ]


@pytest.fixture
def library(database: Database, models: Models) -> Iterator[Models]:
    def fill(session: Session) -> None:
        models.base.metadata.create_all(session.connection())
        session.add_all(authors(models))
        session.commit()

    database.session(fill)
    yield models
    database.run(models.base.metadata.drop_all)


@pytest.mark.parametrize("strategy", [None, selectinload, joinedload])
def test_fr011_relationships_load(database: Database, library: Models, strategy: Any) -> None:
    def load(session: Session) -> dict[str, list[str]]:
        statement = select(library.author).order_by(library.author.id)
        if strategy is not None:
            statement = statement.options(strategy(library.author.books))
        loaded = session.scalars(statement).unique()
        return {author.name: [book.title for book in author.books] for author in loaded}

    assert database.session(load) == LIBRARY


def test_fr011_a_row_is_got_changed_and_deleted(database: Database, library: Models) -> None:
    def change(session: Session) -> list[str]:
        first = session.scalar(select(func.min(library.author.id)))
        ann = session.get(library.author, first)
        assert ann is not None
        ann.name = "Anna"
        session.delete(ann.books[0])
        session.commit()
        session.execute(update(library.book).values(title=library.book.title + "!"))
        session.commit()
        return [f"{book.author.name}: {book.title}" for book in session.scalars(books(library))]

    assert database.session(change) == ["Anna: Beta!", "Bob: Gamma!"]


def books(models: Models) -> Any:
    return select(models.book).order_by(models.book.title)


@pytest_asyncio.fixture
async def async_library(
    async_engine: AsyncEngine, models: Models
) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    async with async_engine.begin() as connection:
        await connection.run_sync(models.base.metadata.create_all)
    make = async_sessionmaker(async_engine)
    async with make.begin() as session:
        session.add_all(authors(models))
    yield make
    async with async_engine.begin() as connection:
        await connection.run_sync(models.base.metadata.drop_all)


async def test_fr011_awaitable_attributes(
    async_library: async_sessionmaker[AsyncSession], models: Models
) -> None:
    async with async_library() as session:
        ann = await session.scalar(select(models.author).where(models.author.name == "Ann"))
        assert ann is not None
        assert [book.title for book in await ann.awaitable_attrs.books] == ["Alpha", "Beta"]


async def test_fr011_streaming(
    async_library: async_sessionmaker[AsyncSession], models: Models
) -> None:
    async with async_library() as session:
        stream = await session.stream_scalars(books(models))
        assert [book.title async for book in stream] == ["Alpha", "Beta", "Gamma"]
        # the connection is free again
        assert await session.scalar(select(func.count()).select_from(models.book)) == 3


async def test_fr011_streaming_in_parts(
    async_library: async_sessionmaker[AsyncSession], models: Models
) -> None:
    async with async_library() as session:
        stream = await session.stream(books(models).execution_options(yield_per=2))
        parts = [[row[0].title for row in part] async for part in stream.partitions()]
        assert parts == [["Alpha", "Beta"], ["Gamma"]]


def test_fr011_yield_per(database: Database, library: Models) -> None:
    def load(session: Session) -> list[list[str]]:
        result = session.scalars(books(library).execution_options(yield_per=2))
        return [[book.title for book in part] for part in result.partitions()]

    assert database.session(load) == [["Alpha", "Beta"], ["Gamma"]]
