"""All services, an api and two workers each, on real Kafka and PostgreSQL, under fire while they live a year: the books of a calm one.

`SEED=… pytest tests/chaos` tries another city and another schedule; `make chaos` is the long version.
"""

import os
from random import Random

import pytest
from faults import IN_VAIN
from fire import year_under_fire
from schedule import Firing, short, spread
from small_city import SmallCity
from town import open_directory, town
from year import Calm

from city.block import OPENING
from common.testing.kafka import NoBroker

SEED = int(os.environ.get("SEED", "1"))
WITHIN_SECONDS = 1500
"""Many times what it takes on two idle cores."""


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(2 * WITHIN_SECONDS)
async def test_a_year_under_fire_leaves_the_books_of_a_calm_one(city: SmallCity, calm: Calm) -> None:
    chance = Random(SEED)
    firing = Firing(spread(short(chance), calm.acts, chance), told=print)
    print(f"SEED={SEED}", *firing.planned, sep="\n")  # noqa: T201 - repeatable from what a failure shows
    with open_directory() as directory:
        try:
            async with town(directory, OPENING) as under_fire:
                outcome = await year_under_fire(city, under_fire, firing, calm, directory, within_seconds=WITHIN_SECONDS)
        except NoBroker as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(str(missing))
            pytest.skip(str(missing))

    assert outcome.faults == []
    assert firing.struck.total() == len(firing.planned)
    assert IN_VAIN not in firing.struck
