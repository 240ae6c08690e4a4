"""What of SQLAlchemy's compliance suite IRIS cannot do, each with the reason.

Everything else that the suite asks about is on, also where SQLAlchemy leaves it off by default.
"""

from __future__ import annotations

from typing import Any

from requirements.opened import OpenedRequirements

IRIS_CANNOT = {
    "check_constraint_reflection": "IRIS has no CHECK constraints",
    "inline_check_constraint_reflection": "IRIS has no CHECK constraints",
    "materialized_views": "IRIS has no materialized views",
    "materialized_views_reflect_pk": "IRIS has no materialized views",
    "temporary_views": "IRIS has no temporary views",
    "fetch_percent": "FETCH takes no PERCENT",
    "indexes_with_expressions": "IRIS indexes columns only",
    "reflect_indexes_with_expressions": "IRIS indexes columns only",
    "expression_server_defaults": "DEFAULT takes a literal or one of few functions",
    "fk_constraint_option_reflection_ondelete_restrict": "NO ACTION does what RESTRICT would",
    "fk_constraint_option_reflection_onupdate_restrict": "NO ACTION does what RESTRICT would",
    "schema_create_delete": "a schema is listed once it owns a table",
    "reflect_tables_no_columns": "a table needs a column",
    "date_historic": "the first DATE is 1840-12-31",
    "time_timezone": "IRIS has no TIME with a zone",
    "precision_numerics_many_significant_digits": "NUMERIC has 19 digits",
    "cast_precision_numerics_many_significant_digits": "NUMERIC has 19 digits",
    "repeated_column_foreign_keys": "sqlalchemy-iris takes a column of a key once",
    "repeated_remote_col_foreign_keys": "sqlalchemy-iris takes a column of a key once",
}

NOT_A_CAPABILITY = {
    "async_dialect": "SQLAlchemy asks the dialect itself",
    "foreign_keys_reflect_as_index": "a foreign key makes no index",
    "reflect_indexes_with_ascdesc_as_expression": "IRIS takes ASC and DESC, and ignores them",
    "json_deserializer_binary": "psycopg hands over text",
}


class Requirements(OpenedRequirements, off={**IRIS_CANNOT, **NOT_A_CAPABILITY}):
    """IRIS through the broker."""

    def get_isolation_levels(self, config: Any) -> dict[str, Any]:
        return {
            "default": "READ COMMITTED",
            "supported": ["AUTOCOMMIT", "READ UNCOMMITTED", "READ COMMITTED"],
        }
