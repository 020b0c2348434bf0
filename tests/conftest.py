"""All services in one process, for tests that look at every one of them from outside."""

import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ALONE = (HERE / "chaos", HERE / "under_load/test_many_and_the_end.py")

sys.path[:0] = [str(HERE), str(HERE / "bad_input"), str(HERE / "privacy")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who starts a dozen processes, or measures how soon somebody is answered, has the machine to himself."""
    for item in items:
        if any(item.path.is_relative_to(place) for place in ALONE):
            item.add_marker("alone")


@pytest.fixture(scope="session")
async def desk() -> AsyncIterator[object]:
    """A desk at the counter of a small city that is open."""
    from desk import open_desk

    # Not under pytest's own directory: other runs on the machine clear that up.
    with tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory:
        async with open_desk(Path(directory)) as opened:
            yield opened
