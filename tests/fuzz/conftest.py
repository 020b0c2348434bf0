"""A city of its own for what is tried at random: what it leaves behind must not stand in the way of other tests."""

import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk, open_desk

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
async def counter() -> AsyncIterator[Desk]:
    """A desk that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory:
        async with open_desk(Path(directory)) as opened:
            yield opened
