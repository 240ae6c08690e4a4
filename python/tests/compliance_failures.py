"""Tests that fail, by the reason: each failure has one, and each reason still fails something.

The first reason with a pattern for a test is its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase

# the suite's processes share out its tests anew each time, and with them the tables that are there
SOMETIMES = "now and then: the sequence of a key that counts by itself, where none is looked for"

IRIS = {
    "asyncpg: a time alone in the select list": ["Time*Test::test_select_direct"],
}

POSTGRESQL = {
    "CHECK constraints, which are left out": [
        "ComponentReflectionTest::test_get_multi_check_constraints[[]*",
        "ComponentReflectionTestExtra::test_check_constraint_*",
        "LongNameBlowoutTest::test_long_convention_name[[]ck-*",
        "QuotedNameArgumentTest::test_get_check_constraints[[]*",
    ],
    "comments on keys and constraints, which are not kept": [
        "ComponentReflectionTest::test_get_multi_foreign_keys[[]*",
        "ComponentReflectionTest::test_get_multi_pk_constraint[[]*",
        "ComponentReflectionTest::test_get_multi_unique_constraints[[]*",
    ],
    "days before 1840-12-31": ["Date*HistoricTest::*"],
    "dots in the names of tables, columns and keys": [
        "ComponentReflectionTest::test_get_*_quoted_name[[]??.with.dots]",
        "ComponentReflectionTest::test_get_unique_constraints[[]*",
        "DifficultParametersTest::test_round_trip_same_named_column[[]dot.s]",
    ],
    "`TIME WITH TIME ZONE`": ["TimeTZTest::*"],
    "operators on bits of a parameter": ["BitwiseTest::*"],
    "tables without columns": ["TableNoColumnsTest::*"],
    "`nextval()` of the sequence of a key that counts by itself": [
        "InsertBehaviorTest::test_no_results_for_non_returning_insert[[]*",
        "LastrowidTest::*",
    ],
    "numerics of more than 18 digits after the point, or 19 before it": [
        "NumericTest::test_many_significant_digits",
        "TrueDivTest::test_truediv_divisor[[]numeric_*",
    ],
    "arrays declared with two dimensions": ["ArrayTest::*"],
    "intervals with a precision, and computed from literals": [
        "IntervalTest::*",
        "PrecisionIntervalTest::*",
    ],
    "defaults that are computed": ["ComponentReflectionTestExtra::test_server_defaults[[]*"],
    "`RESTRICT`, which IRIS's `NO ACTION` does": [
        "ComponentReflectionTestExtra::test_get_foreign_key_options[[]*"
    ],
    "indexes on expressions, or with `INCLUDE`": [
        "ComponentReflectionTestExtra::test_reflect_covering_index",
        "ComponentReflectionTestExtra::test_reflect_expression_based_indexes",
    ],
    "identity columns with `CYCLE`": ["IdentityReflectionTest::*"],
    SOMETIMES: ["HasSequenceTestEmpty::test_get_sequence_names_no_sequence"],
    "schemas without tables, which are not listed": ["ComponentReflectionTest::test_schema_cache"],
    "asyncpg: numerics out of a document, compared with a parameter that is cast": [
        "JSONTest::test_*_typed_comparison[[]*"
    ],
    "asyncpg: infinity": ["NumericTest::test_infinity_floats"],
    "asyncpg: two isolation levels, of which its dialect knows one": [
        "IsolationLevelTest::test_dialect_user_setting_is_restored"
    ],
    "psycopg: bytes that are cast in `INSERT … SELECT`": ["ReturningTest::test_imv_returning_*"],
    "`WITH RECURSIVE`": ["CTETest::test_select_recursive_round_trip"],
    "window frames whose bounds are parameters": [
        "WindowFunctionTest::test_window_rows_between_w_caching"
    ],
}

FAILURES = {"iris": IRIS, "postgresql": POSTGRESQL}

NO_REASON = "no reason"


def settled(reasons: dict[str, int]) -> dict[str, int]:
    """Those of which it is known whether they fail something."""
    return {reason: number for reason, number in reasons.items() if reason != SOMETIMES}


def by_reason(backend: str, names: Iterable[str]) -> dict[str, int]:
    """How many of the tests of those names fail for each reason."""
    reasons = [
        next(
            (
                reason
                for reason, patterns in FAILURES[backend].items()
                if any(fnmatchcase(name, pattern) for pattern in patterns)
            ),
            f"{NO_REASON}: {name}",
        )
        for name in names
    ]
    return dict(sorted(Counter(reasons).items(), key=lambda item: (-item[1], item[0])))
