"""How the suite finds its database: each process has a broker with an empty sandbox."""

from __future__ import annotations

import os
from typing import Any

# first, so that what follows replaces what they have
import sqlalchemy.dialects.postgresql.provision  # noqa: F401
import sqlalchemy_iris.provision  # noqa: F401
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.testing import provision

BOTH = ("iris", "postgresql")


@provision.create_db.for_db(*BOTH)
@provision.drop_db.for_db(*BOTH)
def _no_database(cfg: Any, eng: Any, ident: str) -> None:
    """A worker's database begins and ends with its broker."""


@provision.follower_url_from_main.for_db(*BOTH)
def _own_url(url: URL, ident: str) -> URL:
    return url


@provision.temp_table_keyword_args.for_db("iris")
def _global_temporary(cfg: Any, eng: Any) -> dict[str, Any]:
    return {"prefixes": ["GLOBAL TEMPORARY"]}


@provision.post_configure_engine.for_db("postgresql")
def _no_extensions(url: URL, engine: Any, follower_ident: str | None) -> None:
    """Replaces making extensions that the suite does not use."""


@provision.set_default_schema_on_connection.for_db("iris")
def _search_path(cfg: Any, dbapi_connection: Any, schema_name: str) -> None:
    """Outside a transaction, so that no rollback takes it back."""
    autocommit = dbapi_connection.autocommit
    dbapi_connection.autocommit = True
    cursor = dbapi_connection.cursor()
    cursor.execute(f"SET search_path = '{schema_name}'")
    cursor.close()
    dbapi_connection.autocommit = autocommit


@provision.update_db_opts.for_db(*BOTH)
def _as_the_broker_s_users_would(db_url: str, db_opts: dict[str, Any], options: Any) -> None:
    """A table of most tests has a CHECK constraint, which the broker leaves out if it is told to.

    For libpq it stands in the environment: SQLAlchemy 2.0 makes some engines without these options.
    No test uses hstore, and looking for it is a query with each connection.
    """
    url = make_url(db_url)
    if url.drivername == "postgresql+psycopg":
        db_opts["use_native_hstore"] = False
    if url.get_driver_name().startswith("psycopg"):
        os.environ["PGOPTIONS"] = "-c pgiris.check_constraints=ignore"
    else:
        db_opts["connect_args"] = {"server_settings": {"pgiris.check_constraints": "ignore"}}
