"""Prints what Alembic's autogenerate finds to do: a question, a tab, and the answer."""

from __future__ import annotations

import sys
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import api, compare_metadata, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import UpgradeOps
from sqlalchemy.dialects import postgresql

MOODS = ("sad", "ok", "happy")


def modelled() -> sa.MetaData:
    """The tables of `schema.sql`, as a program would declare them."""
    metadata = sa.MetaData()
    sa.Table(
        "city",
        metadata,
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False, comment="as its people call it"),
        sa.Column("founded", sa.Date),
        sa.Column("area", sa.Numeric(10, 2), server_default=sa.text("0.5")),
        sa.Column("capital", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("seen", sa.DateTime),
        sa.Column("note", sa.Text),
        sa.Column("feeling", postgresql.ENUM(*MOODS, name="mood", create_type=False)),
        sa.Index("city_name", "name", "founded"),
        comment="where people live",
    )
    sa.Table(
        "street",
        metadata,
        sa.Column(
            "city_id",
            sa.ForeignKey("city.id", name="street_city", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text),
        sa.Column("length", sa.Double),
        sa.UniqueConstraint("name", name="street_name"),
    )
    sa.Table(
        "shelf",
        metadata,
        sa.Column("code", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("label", sa.String(10), server_default="none"),
        schema="store",
    )
    return metadata


def changed() -> sa.MetaData:
    """The same after somebody has worked on it."""
    metadata = modelled()
    city, street = metadata.tables["city"], metadata.tables["street"]
    city.append_column(sa.Column("mayor", sa.String(20), server_default="nobody"))
    city.c.name.type = sa.String(80)
    city.c.note.nullable = False
    city.c.area.server_default = sa.DefaultClause(sa.text("1.5"))
    city.c.name.comment = "in Latin letters"
    city.comment = None
    street.constraints = {it for it in street.constraints if it.name != "street_name"}
    sa.Index("street_length", street.c.length)
    metadata.remove(metadata.tables["store.shelf"])
    return metadata


def main(url: str) -> None:
    engine = sa.create_engine(url.replace("postgresql", "postgresql+psycopg"))
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_schemas": True,
        "include_object": lambda it, name, kind, reflected, other: (
            kind != "table" or name != "big_city"
        ),
    }

    def told(question: str, answer: Any) -> None:
        print(question, " ".join(str(answer).split()), sep="\t")  # noqa: T201

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        told("nothing to do", compare_metadata(context, modelled()))
        for question, metadata in ("changed", changed()), ("all anew", sa.MetaData()):
            script = api.produce_migrations(context, metadata)
            for direction, operations in (
                ("upgrade", script.upgrade_ops),
                ("downgrade", script.downgrade_ops),
            ):
                assert operations is not None
                steps = (render_python_code(UpgradeOps([it])) for it in operations.ops)
                # tables come in the order of a set
                for number, code in enumerate(sorted(steps)):
                    told(f"{question}, {direction}, step {number}", code)


if __name__ == "__main__":
    main(sys.argv[1])
