from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from runtime import STARTER, TINY, VISION_LAYER, Runtime

# Before anything imports transformers, which looks once for what is there.
sys.path.append(str(VISION_LAYER))


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
