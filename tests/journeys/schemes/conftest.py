"""The town of the schemes' journeys, once on either bus for all stories of a module."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from market_town import Town, open_town


@pytest.fixture(scope="module", params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
async def town(request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    kafka = request.getfixturevalue("kafka").servers if request.param == "kafka" else None
    with tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory:
        async with open_town(Path(directory), kafka=kafka) as opened:
            yield opened
