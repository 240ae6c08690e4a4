"""SQLAlchemy's own compliance suite, in processes of its own: nothing may pass less than it did.

`compliance/counts.json` has what passed when it was last looked at, for each release of SQLAlchemy
that the tests are run with, and how many failed for which of the reasons of
`compliance_failures.py`. `PGIRIS_UPDATE=1` writes it anew, and the README's tables from it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import __version__ as sqlalchemy_version

from compliance_failures import NO_REASON, by_reason, settled

TESTS = Path(__file__).resolve().parent
SUITE = TESTS / "compliance"
COUNTS = SUITE / "counts.json"
README = TESTS.parent / "README.md"
TABLES = re.compile(r"<!-- (compliance|failures) -->\n(.*?)<!-- /\1 -->", re.DOTALL)

UPDATE = bool(os.environ.get("PGIRIS_UPDATE"))
# each with a broker and a sandbox of its own; the smallest runner has as many cores
WORKERS = "2"
SUITE_SECONDS = 600

Counts = dict[str, Any]
OUTCOMES = ("passed", "failed", "skipped")


def all_stored() -> dict[str, dict[str, Counts]]:
    """By release and driver."""
    counts: dict[str, dict[str, Counts]] = json.loads(COUNTS.read_text())
    return counts


def stored() -> dict[str, Counts]:
    """Of the release that is installed."""
    return all_stored().get(sqlalchemy_version, {})


def test_the_release_is_one_that_is_counted() -> None:
    assert sqlalchemy_version in all_stored()


@pytest.mark.parametrize("driver", list(stored()))
def test_sqlalchemy_s_compliance_suite(
    driver: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, found = run(driver, tmp_path / "results.xml")
    with capsys.disabled():
        print(f"\n{driver}: {found}")  # noqa: T201
    nameless = [reason for reason in found["reasons"] if reason.startswith(NO_REASON)]
    assert nameless == [], log
    if UPDATE:
        counted = {**all_stored(), sqlalchemy_version: {**stored(), driver: found}}
        COUNTS.write_text(json.dumps(counted, indent=2) + "\n")
        README.write_text(TABLES.sub(written, README.read_text()))
    reasons, known = settled(found["reasons"]), settled(stored()[driver]["reasons"])
    sometimes = found["failed"] - sum(reasons.values())
    assert found["passed"] + sometimes >= stored()[driver]["passed"], log
    # none over iris+psycopg://; over postgresql:// no more than it did, for no other reasons
    assert sum(reasons.values()) <= sum(known.values()), log
    assert reasons.keys() == known.keys(), log
    if found["passed"] > stored()[driver]["passed"]:
        print("more than it did; PGIRIS_UPDATE=1 keeps the count")  # noqa: T201


def test_the_readme_has_the_counts() -> None:
    found = {match[1]: match[2] for match in TABLES.finditer(README.read_text())}
    assert found == {name: write() for name, write in WRITTEN.items()}


def run(driver: str, results: Path) -> tuple[str, Counts]:
    """What the suite printed at its end, and how many tests passed, were skipped, and failed."""
    # to show hundreds of failures at length takes longer than the tests
    style = "line" if stored()[driver]["failed"] else "short"
    command = [
        *(sys.executable, "-m", "pytest", "--config-file", str(SUITE / "setup.cfg")),
        *("--rootdir", str(SUITE), str(SUITE / "suite.py")),
        *("--numprocesses", WORKERS, "--quiet", f"--tb={style}", f"--junit-xml={results}"),
    ]
    ran = subprocess.run(
        command,
        env={**os.environ, "PGIRIS_SUITE_DRIVER": driver},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SUITE_SECONDS,
        check=False,
    )
    assert results.exists(), ran.stdout[-4000:]
    return ran.stdout[-8000:], counts(results, driver.partition("+")[0])


def counts(results: Path, backend: str) -> Counts:
    """Of the report; a test that errs at its end counts once, as failed."""
    cases: dict[str, str] = {}
    for case in ET.parse(results).iter("testcase"):  # noqa: S314
        key = f"{(case.get('classname') or '').rpartition('.')[2]}::{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            cases[key] = "failed"
        elif case.find("skipped") is not None:
            cases.setdefault(key, "skipped")
        else:
            cases.setdefault(key, "passed")
    outcomes = list(cases.values())
    failed = [name for name, outcome in cases.items() if outcome == "failed"]
    return {
        **{outcome: outcomes.count(outcome) for outcome in OUTCOMES},
        "reasons": by_reason(backend, failed),
    }


def table() -> str:
    """The counts, as the README shows them."""
    lines = ["| SQLAlchemy | URL | passed | failed | skipped |", "|---|---|--:|--:|--:|"]
    for release, counted in all_stored().items():
        for driver, found in counted.items():
            numbers = " | ".join(f"{found[outcome]:,}" for outcome in OUTCOMES)
            lines.append(f"| {release} | `{driver}://` | {numbers} |")
    return "\n".join(lines) + "\n"


def failures() -> str:
    """What fails over PostgreSQL's dialects, with the newest SQLAlchemy that is counted."""
    newest = max(all_stored().values(), key=lambda counted: "postgresql+psycopg" in counted)
    drivers = [driver for driver in newest if driver.startswith("postgresql")]
    lines = [
        f"| what fails | {' | '.join(f'`{driver}://`' for driver in drivers)} |",
        f"|---|{'--:|' * len(drivers)}",
    ]
    reasons = dict.fromkeys(chain.from_iterable(newest[driver]["reasons"] for driver in drivers))
    for reason in reasons:
        numbers = " | ".join(str(newest[driver]["reasons"].get(reason, 0)) for driver in drivers)
        lines.append(f"| {reason} | {numbers} |")
    return "\n".join(lines) + "\n"


WRITTEN = {"compliance": table, "failures": failures}


def written(found: re.Match[str]) -> str:
    """The table of a place in the README, between its marks."""
    name = found[1]
    return f"<!-- {name} -->\n{WRITTEN[name]()}<!-- /{name} -->"
