"""The README's programs run as printed, and print what it says; only the port is this test's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from broker import Broker

README = Path(__file__).resolve().parents[1] / "README.md"
PRINTED_ADDRESS = "localhost:5432"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)


def test_the_programs_print_what_the_readme_says(broker: Broker) -> None:
    programs = blocks("python")
    outputs = blocks("text")
    assert len(programs) == len(outputs) == 2
    for program, output in zip(programs, outputs, strict=True):
        assert PRINTED_ADDRESS in program
        ran = subprocess.run(
            [sys.executable, "-c", program.replace(PRINTED_ADDRESS, broker.address)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.stdout, ran.stderr) == (output, "")
