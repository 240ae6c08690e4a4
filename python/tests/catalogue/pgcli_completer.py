"""Prints what pgcli completes and its backslash commands show: question, tab, answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import psycopg
from pgcli.completion_refresher import CompletionRefresher
from pgcli.pgexecute import PGExecute
from pgspecial.main import PGSpecial
from pgspecial.namedqueries import NamedQueries

LISTS = (
    *("search_path", "schemata", "tables", "views", "table_columns", "view_columns", "databases"),
    *("full_databases", "foreignkeys", "functions", "datatypes", "casing", "is_virtual_database"),
)
COMMANDS = (
    *(r"\d", r"\d+", r"\d city", r"\d+ city", r"\d street", r"\d+ street", r"\d store.shelf"),
    *(r"\d big_city", r"\d city_name", r"\d ticket", r"\d nowhere"),
    *(r"\dt", r"\dt+", r"\dt store.*"),
    *(r"\di", r"\di+", r"\dv", r"\dv+", r"\ds", r"\dm", r"\dn", r"\dn+", r"\df", r"\df length"),
    *(r"\dT", r"\dT+ mood", r"\dD", r"\dE", r"\du", r"\dp", r"\dp city", r"\dx", r"\db", r"\ddp"),
    *(r"\l", r"\l+", r"\sf length", r"\dF"),
)


def answered(value: Any) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | tuple | dict):
        value = list(value)
    return " ".join(repr(value).split())


def told(question: str, ask: Callable[[], Any]) -> None:
    try:
        answer = answered(ask())
    except psycopg.Error as error:
        answer = f"error {error.sqlstate}"
    print(f"{question}\t{answer}")  # noqa: T201


def command(executor: PGExecute, text: str) -> list[Any]:
    """Title, rows, names of columns and status of each of its results."""
    shown = []
    for title, rows, columns, status, _sql, succeeded, *_ in executor.run(
        text, PGSpecial(), on_error_resume=True, exception_formatter=lambda error: error.sqlstate
    ):
        shown.append((title, None if rows is None else list(rows), columns, status, succeeded))
    return shown


def main(url: str) -> None:
    server = urlsplit(url)
    NamedQueries.instance = NamedQueries.from_config({})
    executor = PGExecute(
        server.path.lstrip("/"), server.username, None, server.hostname, str(server.port)
    )
    for name in LISTS:
        told(name, getattr(executor, name))
    told("definition of big_city", lambda: executor.view_definition("big_city"))
    told("definition of version", lambda: executor.function_definition("pg_catalog.version"))
    # what it fills its completer with, in the background
    for name, refresh in CompletionRefresher.refreshers.items():
        if name != "casing":  # a file of the user's
            told(f"completions of {name}", partial(completions, executor, refresh))
    for text in COMMANDS:
        told(text, partial(command, executor, text))


def completions(executor: PGExecute, refresh: Callable[..., None]) -> list[Any]:
    collected = Collected()
    refresh(collected, executor)
    return collected.told


class Collected:
    """In the completer's place: remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def tell(*arguments: Any, **named: Any) -> None:
            self.told.append((name, *map(answered, (*arguments, *named.values()))))

        return tell


if __name__ == "__main__":
    main(sys.argv[1])
