"""A city of a few hundred persons with the seeded cases, but one partner only: small enough to be killed all the time."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from city import story_newcomers, story_training
from city.block import agreement, registers
from city.oracle import THRESHOLD
from city.population import place_with, settle
from city.story import Story
from city.story_partners import _STARTED_ON as STARTED_ON
from city.story_partners import PARTNERS
from city.synthetic import City

_MORE = 90
"""Ordinary people and the block's own graduates, who fill its classes."""


class SmallCity(City):
    """One block, its registers and story as in every city, one partner with exactly as many persons as it takes.

    `whole`: with the seeded cases of training, which make most of the days on which something happens.
    """

    def __init__(self, *, seed: int, whole: bool) -> None:
        super().__init__(persons=1000, seed=seed)
        self.is_whole = whole

    @cached_property
    def _first(self) -> Story:
        chance = self._chance(0)
        block = registers(0, chance)
        story = Story(block, chance)
        if self.is_whole:
            story_training.tell(story)
        story_newcomers.tell(story)
        partner = PARTNERS[THRESHOLD]
        block.others.append(partner)
        block.agreements.append(agreement(partner, 990_000 + THRESHOLD))
        for nth in range(THRESHOLD):
            place_with(story.graduate(), partner.uscc, story.employer, STARTED_ON + timedelta(days=nth % 25))
        already = len(block.persons)
        settle(block, chance, already=already, persons=already + _MORE)
        return story
