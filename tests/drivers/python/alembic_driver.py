"""Alembic with SQLAlchemy's own dialects: `python alembic_driver.py URL` prints what is found."""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from report import section, show
from sqlalchemy.dialects import postgresql

URL = sys.argv[1].replace("postgres://", "postgresql+psycopg://")
ENVIRONMENT = """\
from alembic import context

options = context.config.attributes
context.configure(
    connection=options["connection"], target_metadata=options["metadata"], compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
"""
TEMPLATE = '''\
"""${message}"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def first() -> sa.MetaData:
    metadata = sa.MetaData(naming_convention=NAMES)
    sa.Table(
        "author",
        metadata,
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("name", sa.String(50), nullable=False, unique=True),
        sa.Column("mood", sa.Enum("sad", "ok", name="mood"), server_default="ok"),
        sa.Column("born", sa.Date),
        comment="who writes",
    )
    sa.Table(
        "book",
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("author_id", sa.ForeignKey("author.id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.String(100), index=True),
        sa.Column("price", sa.Numeric(10, 2), server_default=sa.text("1.5")),
        sa.Column("extra", postgresql.JSONB),
        sa.Column("cover", sa.LargeBinary),
        sa.Column("weight", sa.Double),
        sa.Column("pages", sa.SmallInteger),
        sa.Column("sold", sa.BigInteger),
        sa.Column("seen", sa.DateTime(timezone=True)),
        sa.Column("out", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("note", sa.Text, comment="what is to be said"),
    )
    return metadata


def second() -> sa.MetaData:
    """With a table and columns more and less, and others of another type."""
    metadata = first()
    author, book = metadata.tables["author"], metadata.tables["book"]
    author.append_column(sa.Column("country", sa.String(2), server_default="xx", nullable=False))
    book.c.title.type = sa.String(200)
    book.c.pages.type = sa.Integer()
    book.c.note.nullable = False
    book._columns.remove(book.c.weight)
    sa.Index("book_sold", book.c.sold, book.c.price)
    sa.Table("tag", metadata, sa.Column("label", sa.String(20), primary_key=True))
    sa.Table(
        "book_tag",
        metadata,
        sa.Column("book_id", sa.ForeignKey("book.id"), primary_key=True),
        sa.Column("label", sa.ForeignKey("tag.label"), primary_key=True),
    )
    return metadata


def differences(connection: sa.Connection, metadata: sa.MetaData) -> list[str]:
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    # tables come in the order of a set
    return sorted(str(it) for it in compare_metadata(context, metadata))


def described(connection: sa.Connection) -> None:
    inspector = sa.inspect(connection)
    for table in sorted(inspector.get_table_names()):
        for column in inspector.get_columns(table):
            show(table, {name: str(it) for name, it in sorted(column.items())})
        show("key", inspector.get_pk_constraint(table))
        for kind in ("foreign_keys", "indexes", "unique_constraints"):
            found = getattr(inspector, f"get_{kind}")(table)
            show(kind, sorted(found, key=lambda it: str(it["name"])))


def main(directory: Path) -> None:
    (directory / "versions").mkdir()
    (directory / "env.py").write_text(ENVIRONMENT)
    (directory / "script.py.mako").write_text(TEMPLATE)
    config = Config()
    config.set_main_option("script_location", str(directory))

    def run(connection: sa.Connection, step: Any, *arguments: str, **options: Any) -> None:
        # it says where it writes
        with redirect_stdout(io.StringIO()):
            step(config, *arguments, **options)
        connection.commit()

    with sa.create_engine(URL).connect() as connection:
        config.attributes["connection"] = connection
        for number, metadata in enumerate((first(), second())):
            section(f"revision {number}")
            config.attributes["metadata"] = metadata
            show("to do", len(differences(connection, metadata)))
            run(connection, command.revision, message="changes", autogenerate=True)
            run(connection, command.upgrade, "head")
            run(connection, command.upgrade, "head")
            run(connection, command.check)
            show("left", differences(connection, metadata))
            described(connection)
        section("back")
        run(connection, command.downgrade, "-1")
        show("left", differences(connection, first()))
        run(connection, command.downgrade, "base")
        show("tables", sa.inspect(connection).get_table_names())
        show("enums", [it["name"] for it in sa.inspect(connection).get_enums()])


with tempfile.TemporaryDirectory() as directory:
    main(Path(directory))
section("end")
