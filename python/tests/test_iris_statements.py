"""What `sqlalchemy-iris` compiles is what the pages of IRIS's own SQL show the rules.

`UPDATE=1` writes the statements into the pages; `UPDATE=1 cargo test -p pgiris-rules` then adds
what the rules make of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from itertools import chain

import pytest

import iris_statements
from broker import WORKSPACE

CASE = re.compile(r"```sql postgres[^\n]*\n(.*?)\n```", re.DOTALL)

Statements = list[Callable[[], Iterator[str]]]

# topic, what the page says, tables and rows that are there, statements
PAGES: list[tuple[str, str, Statements, Statements]] = [
    (
        "definitions",
        "Tables and indexes as `sqlalchemy-iris` defines them.",
        [],
        [iris_statements.definitions, iris_statements.removals],
    ),
    (
        "writing",
        "Rows as `sqlalchemy-iris` writes them, with values in the text and with placeholders.",
        [iris_statements.definitions],
        [iris_statements.writing],
    ),
    (
        "reading",
        "Queries of `sqlalchemy-iris`, and its limits for versions without LIMIT.",
        [iris_statements.definitions, iris_statements.rows],
        [iris_statements.reading, iris_statements.paging],
    ),
    (
        "vectors",
        "`IRISVector` of `sqlalchemy-iris` and its comparators.",
        # a version without vectors is left out
        [lambda: iter(["CREATE TABLE any_vector (v vector(1))"])],
        [iris_statements.vectors],
    ),
    (
        "reflection",
        "What `sqlalchemy-iris` asks about tables, with a right to the dictionary and without.",
        [iris_statements.definitions],
        [iris_statements.reflection],
    ),
    (
        "shared_reflection",
        "The same, in the order that PostgreSQL would give.",
        [iris_statements.definitions],
        [iris_statements.ordered_reflection],
    ),
    (
        "shared",
        "Words that both languages have: what `sqlalchemy-iris` compiles to them means what it "
        "means in PostgreSQL.",
        [iris_statements.definitions, iris_statements.rows],
        [iris_statements.shared],
    ),
]


@pytest.mark.parametrize(
    ("topic", "says", "setup", "statements"), PAGES, ids=[page[0] for page in PAGES]
)
def test_a_page_shows_what_is_compiled(
    topic: str,
    says: str,
    setup: Statements,
    statements: Statements,
) -> None:
    path = WORKSPACE / "guest" / "corpus" / f"already_iris-{topic}.md"
    fresh = [statement for part in statements for statement in part()]
    shown = CASE.findall(path.read_text()) if path.exists() else []
    if shown == fresh:
        return
    assert "UPDATE" in os.environ, f"{path} is not what is compiled; UPDATE=1 rewrites it"
    lines = [f"# already_iris: {topic}", "", says, ""]
    if tables := ";\n".join(chain.from_iterable(part() for part in setup)):
        lines += ["```sql setup oracle=iris", tables, "```", ""]
    for statement in fresh:
        lines += ["```sql postgres judge=iris", statement, "```", ""]
    path.write_text("\n".join(lines))
