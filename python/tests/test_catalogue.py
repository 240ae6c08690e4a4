"""What clients show of a schema: the broker's answers beside those of a real PostgreSQL.

Each client asks both the same about one schema, and the answers are compared word for word.
`docs/catalogue.md` says how many are the same; none of them may become less. `PGIRIS_UPDATE=1`
writes it anew, `PGIRIS_SHOW=1` prints what differs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker import WORKSPACE, running_broker
from real_postgres import real_postgres

SOURCES = Path(__file__).resolve().parent / "catalogue"
# beside the packages that they use
NODE_SOURCES = WORKSPACE / "tests/drivers/node/catalogue"
PAGE = WORKSPACE / "docs/catalogue.md"
# the namespace, and the database of the same name
DATABASE = "USER"
# Debian's
PGJDBC = "/usr/share/java/postgresql.jar"
MARK = "=== "

Answers = dict[str, str]
Ports = tuple[int, int]


def psql(port: int, script: str, database: str = DATABASE) -> str:
    """What psql prints, errors as their SQLSTATEs."""
    ran = subprocess.run(
        ["psql", "-X", f"host=127.0.0.1 port={port} user=postgres dbname={database}"],  # noqa: S607
        input=f"\\set VERBOSITY sqlstate\n{script}\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return ran.stdout


def psql_commands(port: int) -> Answers:
    commands = (SOURCES / "psql.txt").read_text().splitlines()
    asked = [f"\\echo '{MARK}{number}'\n{command}" for number, command in enumerate(commands)]
    parts = psql(port, "\n".join(asked)).split(MARK)[1:]
    answers = dict(part.split("\n", 1) for part in parts)
    return {command: answers[str(number)] for number, command in enumerate(commands)}


def told_by(*command: str) -> Callable[[int], Answers]:
    """By a program of `catalogue/` that prints for a URL questions, tabs and answers."""

    def ask(port: int) -> Answers:
        url = f"postgresql://postgres@127.0.0.1:{port}/{DATABASE}"
        ran = subprocess.run(
            [*command, url],
            cwd=SOURCES,
            env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return dict(line.split("\t", 1) for line in ran.stdout.splitlines())

    return ask


def of_node(file: str) -> Callable[[int], Answers]:
    """By one whose packages lie beside it."""
    return told_by("node", "--no-deprecation", str(NODE_SOURCES / file))


CLIENTS: dict[str, Callable[[int], Answers]] = {
    "psql": psql_commands,
    "pg_dump": told_by(sys.executable, "pg_dump.py"),
    "pgcli": told_by(sys.executable, "pgcli_completer.py"),
    "SQLAlchemy Inspector": told_by(sys.executable, "inspector.py", "psycopg"),
    "SQLAlchemy Inspector by asyncpg": told_by(sys.executable, "inspector.py", "asyncpg"),
    "Alembic autogenerate": told_by(sys.executable, "alembic_autogenerate.py"),
    "psycopg and asyncpg, types": told_by(sys.executable, "type_info.py"),
    "Django": told_by(sys.executable, "django_introspection.py"),
    "ActiveRecord": told_by("ruby", "active_record.rb"),
    "pgjdbc DatabaseMetaData": told_by("java", "-cp", PGJDBC, "Metadata.java"),
    "Knex": of_node("knex.mjs"),
    "Sequelize": of_node("sequelize.mjs"),
    "TypeORM": of_node("typeorm.mjs"),
    "Drizzle": of_node("drizzle.mjs"),
    "Prisma": of_node("prisma.mjs"),
}


@pytest.fixture(scope="module")
def ports() -> Iterator[Ports]:
    """Of a PostgreSQL and of a broker, each with the schema."""
    schema = (SOURCES / "schema.sql").read_text()
    with real_postgres() as theirs, running_broker() as broker:
        psql(theirs, f'CREATE DATABASE "{DATABASE}";', "postgres")
        # IRIS makes a schema with its first table
        for port, script in (theirs, f"CREATE SCHEMA store;\n{schema}"), (broker.port, schema):
            made = psql(port, script)
            assert "ERROR" not in made, made
        yield theirs, broker.port


@pytest.mark.parametrize("client", list(CLIENTS))
def test_what_a_client_shows(client: str, ports: Ports) -> None:
    expected, found = (CLIENTS[client](port) for port in ports)
    differ = {question for question, answer in expected.items() if found.get(question) != answer}
    if os.environ.get("PGIRIS_SHOW"):
        for question in expected:
            if question in differ:
                print(f"{question}\nPostgreSQL: {expected[question]}")  # noqa: T201
                print(f"broker: {found.get(question)}\n")  # noqa: T201
    same = len(expected) - len(differ)
    page = PAGE.read_text()
    line = re.search(rf"^\| {re.escape(client)} \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert line is not None
    if os.environ.get("PGIRIS_UPDATE"):
        PAGE.write_text(page.replace(line[0], f"| {client} | {len(expected)} | {same} |"))
        return
    assert len(expected) == int(line[1]), "PGIRIS_UPDATE=1 counts anew"
    assert same >= int(line[2]), f"these differ: {sorted(differ)}"
