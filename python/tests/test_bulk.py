"""FR-007: many rows at once, sync and async."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from database import Database

ROWS = 1000


def test_fr007_executemany(database: Database, fresh: Callable[[str], str]) -> None:
    table = Table(
        fresh("bulk"),
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("name", String(50)),
    )

    def fill(connection: Connection) -> tuple[int, list[object]]:
        table.create(connection)
        rows = [{"id": number, "name": f"row {number}"} for number in range(ROWS)]
        # SQLAlchemy keeps the count of UPDATE and DELETE only, unless it is asked to
        counted = {"preserve_rowcount": True}
        count = connection.execute(insert(table), rows, execution_options=counted).rowcount
        statement = select(func.count(), func.min(table.c.id), func.max(table.c.id))
        found = list(connection.execute(statement).one())
        table.drop(connection)
        return count, found

    assert database.run(fill) == (ROWS, [ROWS, 0, ROWS - 1])


def test_fr007_add_all_learns_every_generated_key(
    database: Database, fresh: Callable[[str], str]
) -> None:
    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = fresh("bulk")

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    def fill(session: Session) -> list[tuple[int, str]]:
        Base.metadata.create_all(session.connection())
        items = [Item(name=f"row {number}") for number in range(50)]
        session.add_all(items)
        session.flush()
        assert len({item.id for item in items}) == len(items)
        for item in items:
            session.expire(item)
        learned = [(item.id, item.name) for item in items]
        session.rollback()
        Base.metadata.drop_all(session.connection())
        session.commit()
        return learned

    assert [name for _, name in database.session(fill)] == [f"row {number}" for number in range(50)]
