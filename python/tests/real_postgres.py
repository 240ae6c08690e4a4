"""A real PostgreSQL, which says what a client may expect."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
# the server refuses to run as root
OTHER_USER = "postgres"


@contextmanager
def real_postgres() -> Iterator[int]:
    """The port of an empty cluster on 127.0.0.1, which trusts everybody."""
    with tempfile.TemporaryDirectory(prefix="pgiris-postgres") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, OTHER_USER)
        data = f"{folder}/data"
        port = _free_port()
        _run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", data)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
        log = f"{folder}/log"
        _run("pg_ctl", f"--pgdata={data}", f"--options={options}", f"--log={log}", "-w", "start")
        try:
            yield port
        finally:
            _run("pg_ctl", f"--pgdata={data}", "--mode=immediate", "-w", "stop")


def _run(program: str, *arguments: str) -> None:
    user = OTHER_USER if os.geteuid() == 0 else None
    subprocess.run(
        [PROGRAMS / program, *arguments],
        user=user,
        cwd="/",
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
