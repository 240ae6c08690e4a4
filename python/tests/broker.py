"""The broker that the tests talk to: the real binary, on a port of its own."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

WORKSPACE = Path(__file__).resolve().parents[2]
CONFIGURATION = Path(__file__).resolve().with_name("broker.toml")
ANNOUNCEMENT = "listening on "
# a cold start compiles the rules; a warm one takes a tenth of a second
START_SECONDS = 60
STOP_SECONDS = 10


class BrokerError(Exception):
    """The broker is missing, did not start, or ended before the tests did."""


@dataclass(frozen=True)
class Broker:
    """Where a running broker listens."""

    host: str
    port: int

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


@contextmanager
def running_broker() -> Iterator[Broker]:
    """A broker that must outlive the tests, and end when told to."""
    command = _command()
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield _announced(process, log)
            if process.poll() is not None:
                raise BrokerError(f"the broker ended by itself:\n{_text(log)}")
            process.terminate()
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise BrokerError(f"the broker did not end when told to:\n{_text(log)}") from None
        finally:
            process.kill()


def _announced(process: subprocess.Popen[str], log: IO[bytes]) -> Broker:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline().strip() if readable else ""
    if not line.startswith(ANNOUNCEMENT):
        raise BrokerError(f"the broker did not start, it said {line!r} and:\n{_text(log)}")
    host, _, port = line.removeprefix(ANNOUNCEMENT).rpartition(":")
    return Broker(host, int(port))


def _command() -> list[str]:
    binary = _existing("PGIRIS_BIN", WORKSPACE / "target/release/pgiris")
    rules = _existing("PGIRIS_RULES", WORKSPACE / "target/rules")
    upstream = os.environ.get("PGIRIS_TEST_UPSTREAM", "sandbox:")
    return [
        *(str(binary), "serve", "--config", str(CONFIGURATION), "--listen", "127.0.0.1:0"),
        *("--upstream", upstream, "--rules", str(rules)),
    ]


def _existing(variable: str, default: Path) -> Path:
    path = Path(os.environ.get(variable, default))
    if not path.exists():
        raise BrokerError(
            f"{path} does not exist; `cargo xtask run` builds it, {variable} moves it"
        )
    return path


def _text(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")
