"""Tests that no requirement covers, each with the reason why it cannot pass on IRIS.

A pattern that matches no test is an error, so that the list grows no older than the suite.
"""

from __future__ import annotations

DOTS = "IRIS takes no dot in a delimited identifier"
COMMENT = "IRIS takes a description with CREATE and ADD only"
SCALE = "NUMERIC has at most 18 digits after the point"
FIRST_DAY = "the first TIMESTAMP is of 1840-12-31"
DIGITS = "NUMERIC has 19 digits"

IRIS: dict[str, str] = {
    "ComponentReflectionTest::test_get_unique_constraints[[]*": DOTS,
    "ComponentReflectionTest::test_get_*_quoted_name[[]??.with.dots]": DOTS,
    "DifficultParametersTest::test_round_trip_same_named_column[[]dot.s]": DOTS,
    "DateTimeHistoricTest::test_*_years*": FIRST_DAY,
    "DateTimeTZHistoricTest::test_*_years*": FIRST_DAY,
    "*TableDDLTest::test_add_table_comment": COMMENT,
    "TrueDivTest::test_truediv_divisor[[]numeric_many_decimals-*": SCALE,
    "TrueDivTest::test_truediv_divisor[[]numeric_tiny_divisor-*": SCALE,
    "TrueDivTest::test_truediv_divisor[[]numeric_38_digit_divisor-untyped_function]": DIGITS,
    "CTETest::test_select_recursive_round_trip": "IRIS has no WITH RECURSIVE",
    "ComponentReflectionTestExtra::test_server_defaults[[]DateTime-*": (
        "IRIS keeps a default as ObjectScript, not as it was written"
    ),
    "ComponentReflectionTestExtra::test_string_length_reflection[[]CHAR-*": (
        "CHAR is another name for VARCHAR"
    ),
    "ServerSideCursorsTest::test_ss_cursor_status[[]for_update_string]": (
        "IRIS has no FOR UPDATE; the broker leaves it out where there is a table"
    ),
}

DESELECTED = {"iris": IRIS, "postgresql": {}}
