from __future__ import annotations

from collections.abc import Iterator

import pytest
from runtime import STARTER, TINY, Runtime


@pytest.fixture(scope="session")
def shared_tiny() -> Iterator[Runtime]:
    with Runtime(TINY) as runtime:
        yield runtime


@pytest.fixture
def tiny(shared_tiny: Runtime) -> Runtime:
    """A tiny model with random weights, for everything in which the quality of text does not matter."""
    assert shared_tiny.ping()["active"] == 0, "an earlier test left a request behind"
    return shared_tiny


@pytest.fixture(scope="session")
def starter() -> Iterator[Runtime]:
    with Runtime(STARTER) as runtime:
        yield runtime
