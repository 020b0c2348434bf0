"""Nothing changes before the day to look again; on that day time alone wakes whoever it concerns: persons and partner-years."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from awards_at_rest import AwardsAtRest, Books, differences

from city.lives import city
from common.testing.examples import examples

BEGIN = date(2018, 2, 1)
"""Nearly all that the facts speak of is still to come."""
STEPS = 24
FIRST = 5
"""In this seed's city a partner is owed a bonus when a year has closed."""


def days_to_look_again(books: Books) -> dict[tuple[str, str], date]:
    return {(name[1], name[2]): day for name, day in books.items() if name[0] == "look again"}


async def nothing_changes_on(at_rest: AwardsAtRest, day: date, books: Books) -> None:
    """Nobody is woken, and computing everybody anew changes not a line."""
    await at_rest.set_day(day)
    assert not await at_rest.reconciler.round()
    await at_rest.recompute_all()
    assert not differences(await at_rest.books(), books), day


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST, FIRST + examples(1)))
async def test_nothing_changes_before_the_day_to_look_again(at_rest: AwardsAtRest, seed: int) -> None:
    chance, today = Random(seed), BEGIN
    await at_rest.begin_anew(today)
    await at_rest.hear(city(chance, UUID(int=seed), quarters=1, persons=300))
    await at_rest.reconciler.until_clean()
    books = await at_rest.books()
    woke = Counter[str]()
    for _ in range(STEPS):
        next_day = min(days_to_look_again(books).values(), default=None)
        if next_day is None:
            break
        quiet_days = (next_day - today).days - 1
        if quiet_days:
            await nothing_changes_on(at_rest, today + timedelta(days=chance.choice((1, quiet_days, chance.randint(1, quiet_days)))), books)
        # On the day itself, or when a machine that stood still wakes weeks later: who slept through his day shows then.
        today = next_day + timedelta(days=chance.choice((0, chance.randint(1, 60))))
        await at_rest.set_day(today)
        await at_rest.reconciler.until_clean()
        after = await at_rest.books()
        woke.update(kind for (kind, _), day in days_to_look_again(books).items() if day <= today)
        assert all(day > today for day in days_to_look_again(after).values())
        await nothing_changes_on(at_rest, today, after)
        books = after

    assert not await at_rest.failures()
    assert woke["person"] > STEPS
    assert woke["partner-year"] > 0 or seed != FIRST
