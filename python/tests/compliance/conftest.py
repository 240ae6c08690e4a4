"""SQLAlchemy's compliance suite against a broker of its own for each process.

`PGIRIS_SUITE_DRIVER` names the dialect. `tests/test_compliance.py` starts it; by hand:

    PGIRIS_SUITE_DRIVER=iris+psycopg pytest -c tests/compliance/setup.cfg tests/compliance/suite.py
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from fnmatch import fnmatchcase
from typing import Any

import pytest

pytest.register_assert_rewrite("sqlalchemy.testing.assertions")

import provisioning  # noqa: F401
from deselected import DESELECTED
from sqlalchemy.testing.plugin import pytestplugin
from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: F403
from target import BACKEND, DRIVER, SUITE_IS_OLDER, URL

from broker import running_broker


def pytest_configure(config: pytest.Config) -> None:
    """Starts the broker; with pytest-xdist there is one for each worker."""
    config.option.dburi = [URL or _broker(config)]
    pytestplugin.pytest_configure(config)


def _broker(config: pytest.Config) -> str:
    stack = ExitStack()
    broker = stack.enter_context(running_broker())
    config.add_cleanup(stack.close)
    return f"{DRIVER}://tester@{broker.address}/USER"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Any:
    """After SQLAlchemy's plugin has made a class for each database: marks what is deselected."""
    yield
    names = {re.sub(r"_(iris|postgresql)\+\w+", "", item.nodeid): item for item in items}
    for pattern, reason in DESELECTED[BACKEND].items():
        found = [item for name, item in names.items() if fnmatchcase(name, f"*::{pattern}")]
        if not found and len(items) > 1000 and not SUITE_IS_OLDER:
            raise pytest.UsageError(f"no test matches {pattern!r}")
        for item in found:
            item.add_marker(pytest.mark.skip(reason=reason))
