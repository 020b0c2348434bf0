"""All services in one process, for tests that look at every one of them from outside."""

import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "bad_input"), str(Path(__file__).parent / "privacy")]


@pytest.fixture(scope="session")
async def desk() -> AsyncIterator[object]:
    """A desk at the counter of a small city that is open."""
    from desk import open_desk

    # Not under pytest's own directory: other runs on the machine clear that up.
    with tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory:
        async with open_desk(Path(directory)) as opened:
            yield opened
