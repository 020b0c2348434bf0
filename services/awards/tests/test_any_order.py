"""Any permutation, duplication and batching of what the city's services publish ends in the books that its facts alone determine."""

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from awards_at_rest import AwardsAtRest, determined, differences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awards.parameters.seed import load_seed
from city.lives import Version, city, newest, repeated
from common.testing.examples import examples

TODAY = date(2019, 2, 20)
"""Some years are closed, some certificates not yet revoked, some newcomers not yet a year in the city."""
SCHEMES = {"universal-training", "shortage-training", "base-training", "employer-training", "partner-bonus", "newcomer"}


def batched(log: Sequence[Version], cuts: Iterable[int]) -> Iterable[Sequence[Version]]:
    return (log[first:last] for first, last in itertools.pairwise([0, *sorted(cuts), len(log)]))


@pytest.mark.slow
def test_a_slice_in_any_order_ends_in_what_its_facts_determine(at_rest: AwardsAtRest) -> None:
    """A slice is some versions of one quarter's facts: some twice, some never, newer ones before older ones."""
    run = asyncio.get_event_loop_policy().get_event_loop().run_until_complete

    @settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**32), data=st.data())
    def check(seed: int, data: Any) -> None:
        published = city(Random(seed), UUID(int=seed), quarters=1, persons=2)
        log = data.draw(st.lists(st.sampled_from(published), min_size=20, max_size=40))
        cuts = data.draw(st.lists(st.integers(0, len(log)), max_size=3))
        reconciled = data.draw(st.lists(st.booleans(), min_size=len(cuts) + 1, max_size=len(cuts) + 1))
        run(hear(at_rest, batched(log, cuts), reconciled))
        assert not differences(run(at_rest.books()), determined(newest(log), load_seed(), TODAY))

    check()


async def hear(at_rest: AwardsAtRest, batches: Iterable[Sequence[Version]], reconciled: Iterable[bool]) -> None:
    await at_rest.begin_anew(TODAY)
    for batch, is_reconciled in zip(batches, reconciled, strict=True):
        await at_rest.hear(batch)
        if is_reconciled:
            await at_rest.reconciler.until_clean()
    await at_rest.reconciler.until_clean()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [8, 9, 11, 15, 17])
async def test_a_whole_log_in_any_order_ends_in_what_its_facts_determine(at_rest: AwardsAtRest, seed: int) -> None:
    chance = Random(seed)
    published = city(chance, UUID(int=seed), quarters=1, persons=300)
    log = repeated(published, chance, length=len(published) * 4 // 3)
    chance.shuffle(log)
    cuts = sorted(chance.sample(range(1, len(log)), k=12))

    await hear(at_rest, batched(log, cuts), [chance.random() < 0.4 for _ in range(len(cuts) + 1)])

    books = await at_rest.books()
    assert not differences(books, determined(newest(published), load_seed(), TODAY))
    assert {name[1] for name in books if name[0] == "owed"} >= SCHEMES, "a city in which something is owed"
