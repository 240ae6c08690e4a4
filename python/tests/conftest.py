"""What tests share: the broker, engines to it, and names that no other test uses."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from broker import Broker, running_broker
from database import MODES, Database
from stalling import Stalling

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    with running_broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def url(broker: Broker) -> str:
    return f"iris+psycopg://{broker.address}/USER"


@pytest.fixture
def stalling(broker: Broker) -> Iterator[Stalling]:
    proxy = Stalling(broker)
    yield proxy
    proxy.close()


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """Makes a name that is new in the namespace, also in one that outlives the tests."""
    return lambda stem: f"{stem}_{os.getpid()}_{next(_numbers)}"


@pytest.fixture(params=list(MODES))
def open_database(request: pytest.FixtureRequest, url: str) -> Iterator[Callable[..., Database]]:
    """Opens engines with arguments of their own, all sync or all async."""
    with ExitStack() as stack:

        def open_database(**arguments: Any) -> Database:
            database = MODES[request.param](url, **arguments)
            stack.callback(database.close)
            return database

        yield open_database


@pytest.fixture
def database(open_database: Callable[..., Database]) -> Database:
    return open_database()


@pytest_asyncio.fixture
async def async_engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url)
    yield engine
    await engine.dispose()
