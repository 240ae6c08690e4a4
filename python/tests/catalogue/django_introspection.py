"""Prints what Django tells of a schema: a question, a tab, and the answer."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.backends.postgresql.introspection import FieldInfo

TABLES = ("city", "street", "shelf", "big_city", "nowhere")
# beyond it are the numbers of a server's own objects
LAST_OF_POSTGRES = 16383


def told(question: str, ask: Callable[[], Any]) -> None:
    try:
        answer = shown(ask())
    except DatabaseError as error:
        answer = f"error {getattr(error.__cause__, 'sqlstate', None)}"
    print(question, " ".join(answer.split()), sep="\t")  # noqa: T201


def shown(value: Any) -> str:
    """Dictionaries by key: constraints come in the order of their OIDs."""
    if isinstance(value, dict):
        pairs = sorted((str(key), shown(of_key)) for key, of_key in value.items())
        return "{" + ", ".join(f"{key}: {text}" for key, text in pairs) + "}"
    if isinstance(value, FieldInfo) and value.type_code > LAST_OF_POSTGRES:
        value = value._replace(type_code="of its own")
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return str(value)


def inspectdb(*arguments: str) -> str:
    printed = io.StringIO()
    call_command("inspectdb", *arguments, stdout=printed, stderr=printed)
    return printed.getvalue()


def of_table(table: str) -> None:
    with connection.cursor() as cursor:
        for kind in (
            *("table_description", "relations", "constraints", "sequences"),
            *("primary_key_column", "primary_key_columns"),
        ):
            ask = getattr(connection.introspection, f"get_{kind}")
            told(f"{kind} of {table}", partial(ask, cursor, table))
    told(f"model of {table}", partial(inspectdb, table))


def main(url: str) -> None:
    server = urlsplit(url)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": server.path.lstrip("/"),
                "USER": server.username,
                "HOST": server.hostname,
                "PORT": server.port,
                # Django knows no schemas
                "OPTIONS": {"options": "-c search_path=public,store"},
            }
        },
        USE_TZ=True,
    )
    django.setup()
    introspection = connection.introspection
    with connection.cursor() as cursor:
        told("tables and views", lambda: sorted(introspection.get_table_list(cursor)))
    told("tables", introspection.table_names)
    told("tables with views", partial(introspection.table_names, include_views=True))
    told("sequences", introspection.sequence_list)
    for table in TABLES:
        of_table(table)
    told("models", inspectdb)
    told("models with views", partial(inspectdb, "--include-views"))
    told("models with partitions", partial(inspectdb, "--include-partitions"))


if __name__ == "__main__":
    main(sys.argv[1])
