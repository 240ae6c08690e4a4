"""Alembic over the broker: upgrade, downgrade, and what autogenerate finds, sync and async."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    inspect,
    text,
)

from database import Database
from sqlalchemy_pgiris import IRISVector
from test_types import VALUES

ENVIRONMENT = """\
from alembic import context

options = context.config.attributes
context.configure(
    connection=options["connection"],
    target_metadata=options["metadata"],
    version_table=options["version_table"],
    include_name=lambda name, type_, parents: type_ != "table" or name in options["tables"],
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
"""

TEMPLATE = '''\
"""${message}"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''


class Project:
    """A directory of migrations, and the names of its tables."""

    def __init__(self, directory: Path, fresh: Callable[[str], str]) -> None:
        (directory / "versions").mkdir()
        (directory / "env.py").write_text(ENVIRONMENT)
        (directory / "script.py.mako").write_text(TEMPLATE)
        self.author, self.book, self.versions = (
            fresh(stem) for stem in ("author", "book", "alembic_version")
        )
        self.config = Config()
        self.config.set_main_option("script_location", str(directory))
        self.config.attributes["version_table"] = self.versions
        self.config.attributes["tables"] = {self.author, self.book}

    def first(self) -> MetaData:
        metadata = MetaData()
        Table(
            self.author,
            metadata,
            Column("id", Integer, primary_key=True),
            Column("name", String(50), nullable=False),
        )
        Table(
            self.book,
            metadata,
            Column("id", Integer, primary_key=True),
            Column("author_id", ForeignKey(f"{self.author}.id", name=f"{self.book}_author")),
            Column("title", String(100)),
            Column("price", Numeric(10, 2)),
        )
        return metadata

    def second(self) -> MetaData:
        """With a column more, one wider, one less, an index and a unique constraint."""
        metadata = self.first()
        author, book = metadata.tables[self.author], metadata.tables[self.book]
        author.append_column(Column("country", String(2)))
        author.append_constraint(UniqueConstraint("name", name=f"{self.author}_name"))
        book.c.title.type = String(200)
        book._columns.remove(book.c.price)
        Index(f"{self.book}_title", book.c.title)
        return metadata

    def run(self, connection: Connection, metadata: MetaData, step: Callable[..., Any]) -> None:
        self.config.attributes |= {"connection": connection, "metadata": metadata}
        step(self.config)
        connection.commit()

    def differences(self, connection: Connection, metadata: MetaData) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": self.versions,
                "compare_type": True,
                "include_name": lambda name, type_, _: (
                    type_ != "table" or name in (self.author, self.book)
                ),
            },
        )
        return list(compare_metadata(context, metadata))


@pytest.fixture
def project(tmp_path: Path, fresh: Callable[[str], str], database: Database) -> Iterator[Project]:
    project = Project(tmp_path, fresh)
    yield project
    for table in (project.book, project.author, project.versions):
        database.run(lambda connection, table=table: drop(connection, table))  # type: ignore[misc]


def drop(connection: Connection, table: str) -> None:
    connection.execute(text(f"DROP TABLE IF EXISTS {table}"))


def autogenerate(config: Config) -> None:
    command.revision(config, message="generated", autogenerate=True)


def upgrade(config: Config) -> None:
    command.upgrade(config, "head")


def downgrade(config: Config) -> None:
    command.downgrade(config, "-1")


def test_alembic_generates_upgrades_and_downgrades(database: Database, project: Project) -> None:
    def migrate(connection: Connection) -> None:
        for metadata in (project.first(), project.second()):
            assert project.differences(connection, metadata) != []
            project.run(connection, metadata, autogenerate)
            project.run(connection, metadata, upgrade)
            assert project.differences(connection, metadata) == []
        inspector = inspect(connection)
        names = [column["name"] for column in inspector.get_columns(project.author)]
        assert names == ["id", "name", "country"]
        project.run(connection, project.second(), downgrade)
        assert project.differences(connection, project.first()) == []
        project.run(connection, project.first(), downgrade)
        assert not inspect(connection).has_table(project.book)

    database.connected(migrate)
    assert len(list(ScriptDirectory.from_config(project.config).walk_revisions())) == 2


def test_alembic_finds_no_change_in_types(database: Database, fresh: Callable[[str], str]) -> None:
    """What create_all has made is what the model says, type by type."""
    metadata = MetaData()
    name = fresh("typed")
    Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(20), nullable=False, server_default="x"),
        Column("iris", IRISVector(3)),
        Column("pgvector", Vector(3)),
        *(Column(f"value_{number}", type_) for number, (type_, _) in enumerate(VALUES)),
    )

    def compare(connection: Connection) -> list[Any]:
        metadata.create_all(connection)
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "include_name": lambda n, t, _: t != "table" or n == name},
        )
        found = list(compare_metadata(context, metadata))
        metadata.drop_all(connection)
        return found

    assert [change[0][3:] for change in database.run(compare)] == []
