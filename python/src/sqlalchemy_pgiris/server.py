"""What an engine asks once: which IRIS answers, where its tables are, what may be read of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from . import errors

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

# "IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2024.1.2 (Build 398U) Thu …"
_VERSION = re.compile(r"^IRIS\b.*? (20\d\d(?:\.\d+)+) ")


def server_version(connection: Connection) -> tuple[int, ...]:
    """The version of the IRIS behind the broker, or an error if there is none."""
    try:
        zversion = connection.exec_driver_sql("SELECT $ZVERSION").scalar_one()
    except exc.ProgrammingError as error:
        raise _refused(connection) from error
    version = parse_zversion(zversion)
    if version is None:
        raise _refused(connection)
    return version


def default_schema(connection: Connection) -> str:
    """The schema of unqualified names; PostgreSQL's `public` is the broker's name of SQLUser."""
    schema: str = connection.exec_driver_sql("SELECT CURRENT_SCHEMA").scalar_one()
    return "SQLUser" if schema == "public" else schema


def dictionary_is_readable(connection: Connection) -> bool:
    """Whether this user may see %Dictionary, which tells of computed columns and covering indexes.

    Replaces a question with each connection, and a warning. To be asked last: a refusal ends the
    transaction, which SQLAlchemy rolls back after `initialize`.
    """
    try:
        connection.exec_driver_sql("SELECT TOP 1 Name FROM %Dictionary.PropertyDefinition")
        connection.exec_driver_sql("SELECT TOP 1 Name FROM %Dictionary.IndexDefinition")
    except exc.DBAPIError:
        return False
    return True


def parse_zversion(zversion: str) -> tuple[int, ...] | None:
    """The number in the text of $ZVERSION; None if no IRIS wrote it."""
    found = _VERSION.match(zversion)
    return tuple(int(part) for part in found[1].split(".")) if found else None


def _refused(connection: Connection) -> exc.InvalidRequestError:
    dbapi_connection: Any = connection.connection.dbapi_connection
    dialect: Any = connection.dialect
    error = errors.not_pgiris(dialect.driver, dialect.peer(dbapi_connection))
    # SQLAlchemy 2.0 leaves it open when initializing fails
    connection.invalidate()
    dbapi_connection.close()
    return error
