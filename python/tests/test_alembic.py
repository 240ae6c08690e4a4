"""Alembic over the broker: upgrade, downgrade, and what autogenerate finds, sync and async."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    ARRAY,
    CHAR,
    Column,
    Connection,
    DateTime,
    Double,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    exc,
    inspect,
    text,
)
from sqlalchemy import types as sqltypes
from sqlalchemy.types import TypeEngine
from sqlalchemy_iris.types import LONGVARCHAR

from database import Database
from sqlalchemy_pgiris import IRISListBuild, IRISVector
from test_definitions import DEFAULTS, is_now
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


STOCK_ENVIRONMENT = """\
from alembic import context

options = context.config.attributes
if context.is_offline_mode():
    # as the stock env.py has it
    context.configure(
        url=context.config.get_main_option("sqlalchemy.url"),
        target_metadata=options["metadata"],
        version_table=options["version_table"],
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
else:
    context.configure(
        connection=options["connection"],
        target_metadata=options["metadata"],
        version_table=options["version_table"],
        include_name=lambda name, type_, parents: type_ != "table" or name in options["tables"],
        compare_type=True,
        compare_server_default=True,
    )
with context.begin_transaction():
    context.run_migrations()
"""


@pytest.fixture
def stock(tmp_path: Path, fresh: Callable[[str], str], database: Database) -> Iterator[Project]:
    """A project whose migrations are written by Alembic's own template."""
    project = Project(tmp_path, fresh)
    template = files("alembic") / "templates/generic/script.py.mako"
    (tmp_path / "script.py.mako").write_text(template.read_text())
    (tmp_path / "env.py").write_text(STOCK_ENVIRONMENT)
    project.config.set_main_option(
        "sqlalchemy.url", database.engine.url.render_as_string(hide_password=False)
    )
    yield project
    for table in (project.author, project.versions):
        database.run(lambda connection, table=table: drop(connection, table))  # type: ignore[misc]


TYPES: list[TypeEngine[Any]] = [
    IRISVector(3),
    IRISVector(2, int),
    IRISVector(2, Decimal),
    Vector(3),
    IRISListBuild(10),
    IRISListBuild(),
    String(1),
    CHAR(2),
    CHAR(1),
    Enum("a", "b"),
    Numeric(38, 2),
    Numeric(30),
    Numeric(),
    Text(),
    String(),
    Float(),
    Double(),
    ARRAY(String(20)),
    ARRAY(Integer, dimensions=2),
    LONGVARCHAR(),
]


def with_every_type(name: str) -> MetaData:
    metadata = MetaData()
    Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        *(Column(f"t{number}", type_) for number, type_ in enumerate(TYPES)),
        *(
            Column(f"d{number}", type_, server_default=default)
            for number, (type_, default, _) in enumerate(DEFAULTS)
        ),
        comment="typed",
    )
    return metadata


def test_a_generated_migration_runs_and_finds_no_change(database: Database, stock: Project) -> None:
    metadata = with_every_type(stock.author)
    stock.config.attributes["tables"] = {stock.author}

    def migrate(connection: Connection) -> list[Any]:
        stock.run(connection, metadata, autogenerate)
        stock.run(connection, metadata, upgrade)
        stock.run(connection, metadata, autogenerate)
        (second, *_) = ScriptDirectory.from_config(stock.config).walk_revisions()
        written = Path(second.path).read_text()
        # and the way back, with what was reflected
        stock.run(connection, MetaData(), upgrade)
        stock.run(connection, MetaData(), autogenerate)
        for step in (upgrade, downgrade, upgrade, downgrade):
            stock.run(connection, MetaData(), step)
        body = written[written.index("def upgrade") :]
        row = {"t0": [1, 2, 3], "t3": [1, 2, 3]}
        connection.execute(metadata.tables[stock.author].insert().values(row))
        return [line for line in body.splitlines() if "op." in line]

    assert database.connected(migrate) == []


def test_a_changed_type_is_found(database: Database, stock: Project) -> None:
    changes: dict[str, tuple[TypeEngine[Any], TypeEngine[Any]]] = {
        "longer": (String(1), String(2)),
        "unlimited": (String(20), Text()),
        "padded": (String(2), CHAR(2)),
        "scale": (Numeric(10, 2), Numeric(10, 3)),
        "digits": (Numeric(10, 2), Numeric(38, 2)),
        "vector": (IRISVector(3), IRISVector(4)),
        "array": (ARRAY(Integer), ARRAY(String)),
        "zone": (DateTime(), DateTime(timezone=True)),
        "text": (String(36), Uuid()),
    }

    def of(number: int) -> MetaData:
        metadata = MetaData()
        columns = (Column(name, types[number]) for name, types in changes.items())
        Table(stock.author, metadata, Column("id", Integer, primary_key=True), *columns)
        return metadata

    def compare(connection: Connection) -> tuple[list[Any], list[Any]]:
        of(0).create_all(connection)
        return stock.differences(connection, of(0)), stock.differences(connection, of(1))

    same, changed = database.run(compare)
    assert same == []
    assert [change[0][3] for change in changed] == list(changes)


def test_a_column_is_altered(database: Database, stock: Project) -> None:
    metadata = MetaData()
    Table(
        stock.author,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("note", String(5), nullable=False),
        Column("at", DateTime),
    )

    def alter(connection: Connection) -> Any:
        metadata.create_all(connection)
        operations = Operations(MigrationContext.configure(connection))
        operations.alter_column(
            stock.author,
            "note",
            existing_type=String(5),
            type_=Text(),
            nullable=True,
            comment="longer",
        )
        operations.alter_column(
            stock.author,
            "at",
            existing_type=DateTime(),
            new_column_name="made",
            server_default=text("now()"),
        )
        table = Table(stock.author, MetaData(), autoload_with=connection)
        connection.execute(table.insert().values(id=1))
        connection.execute(table.insert().values(id=2, note="x" * 100_000))
        note = table.c.note
        assert (note.comment, note.nullable, type(note.type)) == ("longer", True, sqltypes.TEXT)
        return connection.scalars(table.select().with_only_columns(table.c.made)).all()

    assert all(is_now(made) for made in database.run(alter))


def test_a_check_constraint_of_a_migration_is_refused(database: Database, stock: Project) -> None:
    def check(connection: Connection) -> None:
        with_every_type(stock.author).create_all(connection)
        Operations(MigrationContext.configure(connection)).create_check_constraint(
            "positive", stock.author, "id > 0"
        )

    with pytest.raises(exc.DBAPIError, match="CHECK constraints are not supported"):
        database.run(check)


def test_migrations_are_written_as_sql(database: Database, stock: Project) -> None:
    metadata = with_every_type(stock.author)
    stock.config.attributes["tables"] = {stock.author}
    stock.config.output_buffer = buffer = StringIO()
    database.connected(lambda connection: stock.run(connection, metadata, autogenerate))
    command.upgrade(stock.config, "head", sql=True)
    script = buffer.getvalue()
    assert f"CREATE TABLE {stock.author}" in script

    def run(connection: Connection) -> list[Any]:
        # which autogenerate has made
        drop(connection, stock.versions)
        for statement in filter(str.strip, script.split(";\n")):
            connection.exec_driver_sql(statement)
        return stock.differences(connection, metadata)

    assert database.run(run) == []
