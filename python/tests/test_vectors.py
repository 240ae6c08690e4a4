"""FR-004: vectors, in sqlalchemy-iris's words and in pgvector's, sync and async."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from pgvector.sqlalchemy import Vector
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from database import Database
from sqlalchemy_pgiris import IRISVector

EMBEDDINGS = {"north": [0.0, 1.0, 0.0], "east": [1.0, 0.0, 0.0], "north-east": [0.6, 0.8, 0.0]}
NORTH = [0.0, 2.0, 0.0]


@pytest.mark.parametrize("vector", [IRISVector(3), Vector(3)], ids=["IRISVector", "pgvector"])
def test_fr004_an_orm_model_is_found_by_cosine_similarity(
    database: Database, fresh: Callable[[str], str], vector: Any
) -> None:
    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = fresh("vector")

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        embedding: Mapped[list[float] | None] = mapped_column(vector)

    def search(session: Session) -> dict[str, Any]:
        Base.metadata.create_all(session.connection())
        session.add_all(Item(name=name, embedding=value) for name, value in EMBEDDINGS.items())
        session.add(Item(name="nowhere"))
        session.commit()
        distance = cosine_distance(Item.embedding)
        # IRIS sorts NULL, the distance of an item without embedding, before every number
        somewhere = Item.embedding.is_not(None)
        nearest = select(Item).where(somewhere).order_by(distance)
        distances = select(distance).where(somewhere).order_by(distance)
        found = {
            "nearest": [item.name for item in session.scalars(nearest.limit(2))],
            "distances": list(session.scalars(distances.limit(2))),
            "back": {item.name: item.embedding for item in session.scalars(select(Item))},
        }
        session.rollback()
        Base.metadata.drop_all(session.connection())
        session.commit()
        return found

    def cosine_distance(column: Any) -> ColumnElement[float]:
        """sqlalchemy-iris calls the distance `cosine`, and the similarity `cosine_distance`."""
        method = "cosine" if isinstance(vector, IRISVector) else "cosine_distance"
        distance: ColumnElement[float] = getattr(column, method)(NORTH)
        return distance

    found = database.session(search)
    assert found["nearest"] == ["north", "north-east"]
    assert found["distances"] == pytest.approx([0.0, 1 - 0.8])
    assert found["back"] == {**EMBEDDINGS, "nowhere": None}


@pytest.mark.parametrize(
    ("vector", "sign"), [(IRISVector(3), 1), (Vector(3), -1)], ids=["IRISVector", "pgvector"]
)
def test_fr004_the_inner_product(
    database: Database, fresh: Callable[[str], str], vector: Any, sign: int
) -> None:
    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = fresh("vector")

        id: Mapped[int] = mapped_column(primary_key=True)
        embedding: Mapped[list[float]] = mapped_column(vector)

    def search(session: Session) -> list[float]:
        Base.metadata.create_all(session.connection())
        session.add(Item(embedding=EMBEDDINGS["north-east"]))
        session.flush()
        product: Any = Item.embedding.max_inner_product([3, 4, 5])
        products = list(session.scalars(select(product)))
        session.rollback()
        Base.metadata.drop_all(session.connection())
        session.commit()
        return products

    (product,) = database.session(search)
    assert math.isclose(product, sign * (0.6 * 3 + 0.8 * 4))


def test_fr004_the_euclidean_distance(database: Database, fresh: Callable[[str], str]) -> None:
    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = fresh("vector")

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        embedding: Mapped[list[float]] = mapped_column(Vector(3))

    def search(session: Session) -> list[tuple[str, float]]:
        Base.metadata.create_all(session.connection())
        session.add_all(Item(name=name, embedding=value) for name, value in EMBEDDINGS.items())
        session.flush()
        distance: Any = Item.embedding.l2_distance(NORTH)
        found = session.execute(select(Item.name, distance).order_by(distance).limit(2)).all()
        session.rollback()
        Base.metadata.drop_all(session.connection())
        session.commit()
        return [(name, value) for name, value in found]

    (first, near), (second, far) = database.session(search)
    assert (first, second) == ("north", "north-east")
    assert (near, far) == pytest.approx((1.0, math.hypot(0.6, 1.2)))
