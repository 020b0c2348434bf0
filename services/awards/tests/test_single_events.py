"""After any single event and what it fans out to, every dossier whose computation would change is marked (architecture §3)."""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from uuid import UUID, uuid5

import pytest
from awards_at_rest import AwardsAtRest, Books, differences

from awards.replicas import replicas
from city.lives import Quarter, Version, in_order, registers
from common.testing.examples import examples

TODAY = date(2019, 2, 20)
QUARTERS, PERSONS = 40, 2
NOT_LIVED = {"registry.other-benefit"}
"""Heard, and not among the lives of `city.lives` yet."""
Step = dict[int | None, Version]
"""One event in each quarter, by quarter; or one event of a register (None), which every quarter hears."""


def merged(versions: Sequence[Version], chance: Random) -> list[Version]:
    """Any order in which owners could have published them: each aggregate's versions in theirs, the aggregates in none."""
    of: dict[UUID, list[Version]] = {}
    for version in versions:
        of.setdefault(version.fact.id, []).append(version)
    turns = [id_ for id_, own in of.items() for _ in own]
    chance.shuffle(turns)
    waiting = {id_: iter(own) for id_, own in of.items()}
    return [next(waiting[id_]) for id_ in turns]


def steps(chance: Random, space: UUID) -> Iterator[Step]:
    """Quarters share nothing but the registers, so that a mark made in one cannot cover one that is missing in another."""
    quarters = [merged(in_order(Quarter(chance, uuid5(space, str(nth)), PERSONS).lives()), chance) for nth in range(QUARTERS)]
    shared = merged(in_order(registers(chance, space)), chance)
    turns = [False] * max(map(len, quarters)) + [True] * len(shared)
    chance.shuffle(turns)
    for is_shared in turns:
        yield {None: shared.pop(0)} if is_shared else {nth: own.pop(0) for nth, own in enumerate(quarters) if own}


def who_changed(changed: Books, quarter_of: dict[str, int]) -> set[int]:
    """The quarters of the persons, partners, organisations and sponsored classes in these lines."""
    return {quarter_of[key] for name in changed for part in name for key in str(part).split("/") if key in quarter_of}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(examples(1)))
async def test_whoever_a_single_event_changes_is_marked(at_rest: AwardsAtRest, seed: int) -> None:
    """What was marked is recomputed, then everything is: nothing may change."""
    quarter_of: dict[str, int] = {}
    has_changed_something: set[str] = set()
    has_been_undecided = False
    await at_rest.begin_anew(TODAY)
    before = await at_rest.books()
    for step in steps(Random(seed), UUID(int=seed)):
        for quarter, version in step.items():
            if quarter is not None:
                names = (getattr(version.fact, field, None) for field in ("person_id", "partner_id", "school_id", "organisation_id", "id"))
                quarter_of |= {str(name): quarter for name in names if name}
        await at_rest.hear(step.values())
        await at_rest.reconciler.until_clean()
        after = await at_rest.books()
        await at_rest.recompute_all()

        missed = differences(after, await at_rest.books())
        assert not missed, [step[quarter] for quarter in who_changed(missed, quarter_of) | {None} if quarter in step]
        changed = who_changed(differences(before, after), quarter_of)
        has_changed_something |= {
            version.fact.topic for quarter, version in step.items() if (quarter is None and changed) or quarter in changed
        }
        has_been_undecided |= any(name[0] == "undecided" for name in after)
        before = after

    assert not await at_rest.failures()
    assert has_changed_something == {replica.topic for replica in replicas} - NOT_LIVED, "every kind of event that awards hears"
    assert has_been_undecided
