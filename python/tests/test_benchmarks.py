"""The benchmarks run and print what the README keeps of them; no time is judged."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
SECONDS = 120


def printed(script: str, *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_fr013_the_benchmark_of_latency() -> None:
    table = printed("latency.py", "--queries", "40", "--block", "20", "--warm-up", "20")
    times = r" \| [\d,]+ µs" * 4
    ratios = r" \| \d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\)" + r" \| \d+\.\d\d" * 3
    for loop in ("asyncio", "uvloop"):
        for query in ("SELECT 1", "row by key", "vector search", "ORM get"):
            assert re.search(rf"^\| {loop} \| {query}{times}{ratios} \|$", table, re.MULTILINE)


def test_fr014_the_benchmark_of_the_example() -> None:
    table = printed("fastapi_requests.py", "--clients", "4", "--requests", "40", "--warm-up", "8")
    for route in ("no database", "one document", "vector search"):
        for mode in ("spin", "suspend"):
            figures = r"[\d,]+ \| [\d.]+ ms \| [\d.]+ ms"
            assert re.search(rf"^\| 4 \| {route} \| {mode} \| {figures} \|$", table, re.MULTILINE)


def test_fr007_the_benchmark_of_bulk_inserts() -> None:
    table = printed("bulk_insert.py", "--rows", "100", "--rounds", "2")
    for insert in ("`insert()` of a list", "… with `RETURNING`", "ORM `add_all`"):
        for engine in ("psycopg, sync", "psycopg, asyncio", "asyncpg"):
            figures = r"[\d,]+ \| \d+\.\d\d \| [\d.]+ µs"
            line = rf"^\| {re.escape(insert)} \| {engine} \| {figures} \|$"
            assert re.search(line, table, re.MULTILINE)
