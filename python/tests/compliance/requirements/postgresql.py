"""What of the suite PostgreSQL itself cannot do, so that the rest measures the broker."""

from __future__ import annotations

from typing import Any

from requirements.opened import OpenedRequirements

OFF = {
    "computed_columns": "before PostgreSQL 18 SQLAlchemy warns of the columns that the suite makes",
    "dbapi_lastrowid": "PostgreSQL has RETURNING",
    "fetch_percent": "PostgreSQL has no PERCENT",
    "foreign_keys_reflect_as_index": "a foreign key makes no index",
    "json_deserializer_binary": "the drivers hand over text",
    "materialized_views_reflect_pk": "a view has no key",
    "nvarchar_types": "PostgreSQL has no NVARCHAR",
    "reflect_indexes_with_ascdesc_as_expression": "an index on a column is reflected as one",
    "repeated_remote_col_foreign_keys": "PostgreSQL refuses them",
    "unique_index_reflect_as_unique_constraints": "PostgreSQL tells them apart",
}

# what the broker cannot do, and would fail 750 tests that look for something else
IN_FIXTURES = {
    "materialized_views": "one stands among the tables that all tests of reflection share",
    "temporary_views": "one stands among the tables that all tests of reflection share",
}


class Requirements(OpenedRequirements, off={**OFF, **IN_FIXTURES}):
    """PostgreSQL, whose part the broker plays."""

    def get_isolation_levels(self, config: Any) -> dict[str, Any]:
        # without REPEATABLE READ and SERIALIZABLE, which IRIS does not have: asyncpg's connection
        # asks for the refused level in every later test
        supported = ["AUTOCOMMIT", "READ COMMITTED"]
        if config.db.dialect.driver != "asyncpg":
            supported.append("READ UNCOMMITTED")
        return {"default": "READ COMMITTED", "supported": supported}
