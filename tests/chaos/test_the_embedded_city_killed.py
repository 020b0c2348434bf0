"""The whole city in one process, killed in the midst of its year and started again: the books of a year that nobody disturbed."""

import os
from random import Random

import pytest
from embedded import killed_again_and_again, killings
from small_city import SmallCity
from town import open_directory
from year import Calm

SEED = int(os.environ.get("SEED", "1"))
KILLINGS = 3
SECONDS_EACH = 300.0


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout((KILLINGS + 2) * SECONDS_EACH)
async def test_a_city_that_is_killed_again_and_again_has_the_books_of_a_calm_one(city: SmallCity, calm: Calm) -> None:
    planned = killings(KILLINGS, calm.acts, Random(SEED))
    print(f"SEED={SEED}", *planned, sep="\n")  # noqa: T201 - repeatable from what a failure shows

    with open_directory() as directory:
        assert await killed_again_and_again(city, directory, planned, calm, seconds_each=SECONDS_EACH) == []
