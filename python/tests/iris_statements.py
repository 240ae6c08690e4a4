"""Statements as `sqlalchemy-iris` itself compiles them, for the pages of IRIS's own SQL.

`test_iris_statements.py` compares them with the pages `guest/corpus/already_iris-*.md`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    extract,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    true,
    union,
    union_all,
    update,
)
from sqlalchemy.engine import ObjectKind, ObjectScope
from sqlalchemy.schema import CreateIndex, CreateTable, DropIndex, DropTable
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy_iris import IRISVector
from sqlalchemy_iris.base import IRISExact
from sqlalchemy_iris.iris import IRISDialect_iris


class Form(Enum):
    """How values stand in the statement."""

    LITERAL = "literal"
    QUESTION = "qmark"
    DOLLAR = "numeric_dollar"


def dialect(form: Form, since: int) -> IRISDialect_iris:
    """What compiles for a server of that year."""
    made = IRISDialect_iris(paramstyle="qmark" if form is Form.LITERAL else form.value)
    made.server_version_info = (since, 1)
    made.supports_modern_pagination = since >= 2025
    return made


def compiled(statement: ClauseElement, form: Form = Form.LITERAL, since: int = 2024) -> str:
    """The text that leaves."""
    options: dict[str, Any] = {}
    if not isinstance(statement, CreateTable | CreateIndex | DropTable | DropIndex):
        options = {"render_postcompile": True}
        if form is Form.LITERAL:
            options["literal_binds"] = True
    written = str(statement.compile(dialect=dialect(form, since), compile_kwargs=options))
    return "\n".join(line.rstrip() for line in written.splitlines() if line.strip())


schema = MetaData()
author = Table(
    "author",
    schema,
    Column("id", Integer, primary_key=True),
    Column("name", String(50), nullable=False, comment="as on the cover"),
    Column("born", Date),
    Column("rating", Float),
    Column("active", Boolean, server_default=text("1")),
    comment="those who write",
)
book = Table(
    "book",
    schema,
    Column("id", Integer, primary_key=True),
    Column("author_id", ForeignKey("author.id", ondelete="CASCADE")),
    Column("title", String(200)),
    Column("price", Numeric(10, 2)),
    Column("pages", SmallInteger),
    Column("sold", BigInteger, server_default="0"),
    Column("cover", LargeBinary),
    Column("summary", Text),
    Column("opens", Time),
    Column("printed", DateTime),
    UniqueConstraint("author_id", "title", name="uq_book"),
)
by_title = Index("ix_book_title", book.c.title, book.c.price)
by_name = Index("ix_author_name", author.c.name, unique=True)
keyless = Table("note", schema, Column("line", Integer), Column("said", String(20)))


def definitions() -> Iterator[str]:
    """Tables and indexes."""
    for table in (author, book, keyless):
        yield compiled(CreateTable(table))
    yield compiled(CreateIndex(by_title))
    yield compiled(CreateIndex(by_name))


def removals() -> Iterator[str]:
    """And their end."""
    yield compiled(DropIndex(by_title))
    for table in (keyless, book, author):
        yield compiled(DropTable(table))


def rows() -> Iterator[str]:
    """A few rows."""
    people = [
        {"id": 1, "name": "Ada", "born": datetime.date(1980, 5, 1), "rating": 4.5, "active": True},
        {"id": 2, "name": "bob", "born": None, "rating": 3.25, "active": False},
        {"id": 3, "name": "Cy", "born": datetime.date(1990, 1, 31), "rating": None, "active": True},
    ]
    for row in people:
        yield compiled(insert(author).values(row))
    for number, (writer, title, price) in enumerate(
        [(1, "Rain", "9.50"), (1, "Sun", "12.00"), (2, "rain", "7.25"), (3, "Wind", None)], 1
    ):
        yield compiled(
            insert(book).values(
                id=number,
                author_id=writer,
                title=title,
                price=price and Decimal(price),
                pages=number * 100,
                printed=datetime.datetime(2020, 1, number, 10, 30),
            )
        )


def writing() -> Iterator[str]:
    """INSERT, UPDATE and DELETE."""
    yield from rows()
    for form in (Form.QUESTION, Form.DOLLAR):
        yield compiled(insert(author).values(name="Di", born=None, rating=1.0, active=True), form)
        yield compiled(
            update(book).where(book.c.id == 1).values(price=Decimal("1.00"), title="Fog"), form
        )
        yield compiled(delete(book).where(book.c.id.in_([7, 8, 9])), form)
    yield compiled(insert(keyless).values(line=1, said="it's"))
    yield compiled(
        insert(keyless).from_select(["line", "said"], select(author.c.id, author.c.name))
    )
    yield compiled(update(book).where(book.c.id == 4).values(price=book.c.pages * 2 + 1))
    yield compiled(update(book).values(sold=book.c.sold + 1))
    yield compiled(
        update(author)
        .where(exists().where(and_(book.c.author_id == author.c.id, book.c.price > 10)))
        .values(active=False)
    )
    yield compiled(delete(keyless))
    yield compiled(delete(book).where(book.c.author_id.not_in(select(author.c.id))))
    yield compiled(insert(author).values(name="Eve", active=True).prefix_with("%NOCHECK"))


def reading() -> Iterator[str]:
    """SELECT, its joins, groups and subqueries."""
    cheap = select(author.c.id, author.c.name).where(author.c.id > 1)
    yield compiled(cheap)
    yield compiled(cheap, Form.QUESTION)
    yield compiled(cheap, Form.DOLLAR)
    yield compiled(select(author.c.name).where(author.c.active.is_(True)))
    yield compiled(select(author.c.name).where(author.c.active == True, author.c.born.is_(None)))  # noqa: E712
    yield compiled(select(author.c.id).where(author.c.id.in_([1, 2, 3])), Form.DOLLAR)
    yield compiled(select(author.c.id).where(author.c.id.in_([])))
    yield compiled(select(author.c.id).where(author.c.id.between(1, 2)).distinct())
    yield compiled(
        select(author.c.id).where(or_(author.c.rating > 4, not_(author.c.id == 3))), Form.QUESTION
    )
    joined = select(author.c.name, book.c.title).join(book, book.c.author_id == author.c.id)
    yield compiled(joined)
    yield compiled(joined.where(book.c.price >= Decimal("7.25")), Form.DOLLAR)
    yield compiled(
        select(author.c.id, func.count(book.c.id))
        .outerjoin(book, book.c.author_id == author.c.id)
        .group_by(author.c.id)
        .having(func.count(book.c.id) > 1)
    )
    other = book.alias("other")
    yield compiled(
        select(book.c.id, other.c.id)
        .join(other, other.c.author_id == book.c.author_id)
        .where(book.c.id < other.c.id)
    )
    priced = select(book.c.author_id, func.sum(book.c.price).label("worth")).group_by(
        book.c.author_id
    )
    worth = priced.subquery("worth")
    yield compiled(select(author.c.id, worth.c.worth).join(worth, worth.c.author_id == author.c.id))
    yield compiled(select(author.c.id).where(exists().where(book.c.author_id == author.c.id)))
    yield compiled(select(author.c.id).where(author.c.id.in_(select(book.c.author_id))))
    yield compiled(
        select(
            author.c.id,
            select(func.count()).where(book.c.author_id == author.c.id).scalar_subquery(),
        )
    )
    yield compiled(select(exists().where(book.c.id == 1)))
    yield compiled(union_all(select(author.c.id), select(book.c.id)))
    yield compiled(union(select(author.c.id), select(book.c.author_id)), Form.QUESTION)
    yield compiled(
        select(author.c.id, case((author.c.rating > 4, 1), else_=0).label("kind")), Form.DOLLAR
    )
    yield compiled(
        select(
            func.min(book.c.price),
            func.max(book.c.price),
            func.count(book.c.author_id.distinct()),
            func.count(),
        )
    )
    yield compiled(select(func.coalesce(author.c.rating, 0.0), func.abs(author.c.rating)))
    yield compiled(select(func.upper(author.c.name), func.lower(author.c.name)))
    yield compiled(select(IRISExact(author.c.name).label("name")))
    yield compiled(select(author.c.name + "!"))
    yield compiled(select(book.c.pages + 1, book.c.pages * 2, -book.c.pages))
    yield compiled(select(author.c.id).with_for_update())


def paging() -> Iterator[str]:
    """Limits as they are written for versions without LIMIT, which every version understands."""
    ids = select(book.c.id, book.c.pages)
    yield compiled(ids.limit(2))
    yield compiled(ids.limit(2), Form.QUESTION)
    yield compiled(ids.limit(2), Form.DOLLAR)
    yield compiled(ids.limit(2).distinct())
    yield compiled(ids.order_by(book.c.id).limit(2).offset(1))
    yield compiled(ids.order_by(book.c.id).limit(2).offset(1), Form.QUESTION)
    yield compiled(ids.order_by(book.c.id).limit(2).offset(1), Form.DOLLAR)
    yield compiled(ids.order_by(book.c.id.desc()).offset(1))
    yield compiled(select(keyless.c.line).limit(2).offset(1))
    top = ids.limit(2).subquery("top2")
    yield compiled(select(author.c.id).join(top, top.c.id == author.c.id))


def shared() -> Iterator[str]:
    """Words that both languages have, with PostgreSQL's meaning."""
    ids = select(book.c.id, book.c.pages)
    yield compiled(ids.order_by(book.c.id).limit(2).offset(1), since=2025)
    yield compiled(ids.order_by(book.c.id).limit(2).offset(1), Form.DOLLAR, since=2025)
    yield compiled(ids.order_by(book.c.pages).limit(2), since=2025)
    yield compiled(ids.order_by(book.c.pages))
    yield compiled(ids.order_by(book.c.pages.desc()))
    yield compiled(select(author.c.name).order_by(author.c.name))
    yield compiled(select(author.c.id).where(author.c.name.like("A%")))
    yield compiled(select(author.c.id).where(author.c.name.ilike("a%")))
    yield compiled(select(func.substr(author.c.name, 1, 2), func.char_length(author.c.name)))
    yield compiled(select(func.now()))
    yield compiled(select(book.c.pages / 3, book.c.pages // 3))
    yield compiled(select(func.sum(book.c.pages).over(order_by=book.c.id)))
    yield compiled(select(cast(author.c.name, String)))
    yield compiled(
        select(author.c.id, case((author.c.rating > 4, "good"), else_="fair").label("kind"))
    )
    yield compiled(select(book.c.pages % 7))
    yield compiled(select(extract("year", author.c.born)))
    yield compiled(select(cast(book.c.price, Integer)))
    yield compiled(select(author.c.id).where(author.c.name == bindparam("name")), Form.DOLLAR)
    yield compiled(select(func.current_timestamp(), func.current_date()).where(true()))
    best = select(func.max(book.c.price)).where(book.c.author_id == author.c.id)
    yield compiled(update(author).values(rating=best.scalar_subquery()))
    yield compiled(delete(keyless).where(keyless.c.said == "it's"))


item = Table(
    "item",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("words", String(50)),
    Column("embedding", IRISVector(3)),
    Column("counts", IRISVector(2, int)),
    Column("exact", IRISVector(2, Decimal)),
)


def vectors() -> Iterator[str]:
    """Columns of IRISVector and its comparators."""
    yield compiled(CreateTable(item))
    new = insert(item).values(words="a", embedding=[1.0, 0.0, 0.5], counts=[1, 2], exact=[1, 2])
    yield compiled(new, Form.QUESTION)
    yield compiled(new, Form.DOLLAR)
    yield "INSERT INTO item (words, embedding) VALUES ('a', TO_VECTOR('[1,0,0.5]', decimal))"
    yield "INSERT INTO item (words, embedding) VALUES ('b', TO_VECTOR('[0,1,0.5]', decimal))"
    near = item.c.embedding.cosine_distance([1.0, 0.0, 0.0])
    for form in Form:
        yield compiled(select(item.c.id, near), form)
        yield compiled(select(item.c.id).where(near > 0.5).limit(5), form)
    yield compiled(select(item.c.id, item.c.embedding.cosine([1.0, 0.0, 0.0])))
    yield compiled(select(item.c.id, item.c.embedding.max_inner_product([1.0, 2.0, 3.0])))
    yield compiled(select(item.c.id, item.c.counts.max_inner_product([1, 2])))
    yield compiled(select(item.c.id).order_by(near.desc()))
    yield compiled(
        update(item).where(item.c.id == 1).values(embedding=[0.5, 0.5, 0.5]), Form.DOLLAR
    )


class Recorder:
    """A connection that notes what is asked, and knows one table."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def execution_options(self, **_: object) -> Recorder:
        return self

    def execute(self, statement: ClauseElement) -> Recorder:
        self.asked.append(compiled(statement))
        return self

    def scalars(self) -> Recorder:
        return self

    def all(self) -> list[str]:
        return ["author"]

    def scalar(self) -> str:
        return "text"

    def mappings(self) -> list[object]:
        return []

    def __iter__(self) -> Iterator[object]:
        return iter(())


def reflection() -> Iterator[str]:
    """What is asked of INFORMATION_SCHEMA and of the dictionary."""
    return (statement for statement in asked() if "ORDER BY" not in statement)


def ordered_reflection() -> Iterator[str]:
    """The same, where the rows come in order."""
    return (statement for statement in asked() if "ORDER BY" in statement)


def asked() -> Iterator[str]:
    """All that is asked about a table."""
    one = {"filter_names": ["author"], "scope": ObjectScope.ANY, "kind": ObjectKind.ANY}
    seen: set[str] = set()
    for dictionary in (False, True):
        asks = dialect(Form.LITERAL, 2024)
        asks._dictionary_access = dictionary
        asks.default_schema_name = "SQLUser"
        connection = Recorder()
        asks.has_table(connection, "author")
        asks.get_schema_names(connection)
        asks.get_table_names(connection)
        asks.get_temp_table_names(connection)
        asks.get_view_names(connection)
        asks.get_view_definition(connection, "shelf")
        asks.get_table_comment(connection, "author")
        asks.get_multi_columns(connection, None, **one)
        asks.get_multi_pk_constraint(connection, None, **one)
        asks.get_multi_indexes(connection, None, **one)
        asks.get_multi_unique_constraints(connection, None, **one)
        asks.get_multi_foreign_keys(connection, None, **one)
        for statement in connection.asked:
            if statement not in seen:
                seen.add(statement)
                yield statement
