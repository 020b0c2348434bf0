"""Every day on which a figure changes, with the days around it: no gap, no conflict, one defined answer, the same from a row and a table.

A ground that passes is moved through time, all its days by as many, so that nothing but the figures can make a difference.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
import yaml
from test_sentences import ground_of

from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER, Outcome, Unit
from awards.kernel.parameters import UNSET, Figure, Parameters, Timeline
from awards.kernel.scheme import Scheme
from awards.parameters.seed import load_seed
from awards.policy.schemes import RULES, SCHEMES
from awards.printing.cases import CASES

SEED, DAY = load_seed(), timedelta(days=1)
PASSES = (Outcome.GRANTED, Outcome.ACCRUING)
FIRST_END, SECOND, REVIEWED, THIRD = date(2018, 6, 30), date(2018, 8, 1), date(2019, 6, 30), date(2020, 1, 1)


class Usual(NamedTuple):
    """A ground that passes on its day, by these figures."""

    ground: Ground
    today: date
    figures: Parameters


def usual(scheme: Scheme[Any]) -> Usual:
    content = yaml.safe_load((CASES / f"{scheme.id.replace('-', '_')}.yaml").read_text(encoding="utf-8"))
    return Usual(ground_of(scheme.id, content["usually"]), content["day"], SEED.but(**content.get("figures", {})))


def counts(scheme: Scheme[Any], name: str) -> bool:
    """Whether the usual case asks for the figure: another branch of a switch may be all that does."""
    usually = usual(scheme)
    without = Parameters({each: usually.figures[each] for each in usually.figures.names() - {name}})
    return scheme.decide(usually.ground, without, usually.today)[0] is Outcome.DISABLED


def moved_to(scheme: Scheme[Any], ground: Ground, day: date) -> tuple[Ground, timedelta]:
    """So that it is judged on that day."""
    by = day - ground.__dict__[scheme.judged_on.name]
    days = {name: ground.__dict__[name] for name, fact in ground.facts.items() if fact.unit is Unit.DAY}
    return ground.but(**{name: value if value in (None, NEVER) else value + by for name, value in days.items()}), by


def turns(parameters: Parameters, scheme: Scheme[Any]) -> Iterator[date]:
    """The days on which anything that the scheme reads changes, becomes stale or ends, with the days before and after."""
    for each in scheme.parameters:
        line = parameters[each.name]
        reviewed = [figure.reviewed_until + DAY for figure in line.figures if figure.reviewed_until]
        for turn in {*line.starts, *reviewed}:
            yield from (day for day in (turn - DAY, turn, turn + DAY))


def answers(scheme: Scheme[Any], usually: Usual, parameters: Parameters, days: list[date]) -> list[tuple[Outcome, int]]:
    """Of a row on each day, once for itself and once as a table."""
    by_row = []
    for day in days:
        ground, by = moved_to(scheme, usually.ground, day)
        row = scheme.decide(ground, parameters, usually.today + by)
        due = scheme.columns(scheme.ground.table([ground]), parameters, usually.today + by)
        assert [row] == list(zip(due.outcome.tolist(), due.amount_fen.tolist(), strict=True)), (scheme.id, day)
        by_row.append(row)
    return by_row


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.id)
def test_around_every_turn_of_the_seed_the_answer_is_defined_and_both_readers_give_it(scheme: Scheme[Any]) -> None:
    usually = usual(scheme)
    days = sorted(set(turns(SEED, scheme)))
    assert days
    given = dict(zip(days, answers(scheme, usually, SEED, days), strict=True))
    for day, (outcome, fen) in given.items():
        is_set = all(SEED[each.name].on(day) != UNSET and SEED[each.name].on(day).value is not None for each in scheme.parameters)
        live_from = SEED[scheme.live_from.name].on(day).value
        expected = {Outcome.REFUSED} if live_from and day < live_from else set(PASSES) if is_set else {Outcome.DISABLED}
        assert outcome in expected, day
        assert (fen > 0) == (outcome in PASSES), day


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.title)
def test_the_seed_leaves_no_day_without_a_figure_once_there_was_one(rule: Any) -> None:
    for each in rule.parameters:
        values = [figure for _, figure in SEED[each.name].periods]
        assert UNSET not in values, each.name


@pytest.mark.parametrize(
    ("scheme", "name"),
    [(scheme, each.name) for scheme in SCHEMES for each in scheme.parameters if counts(scheme, each.name)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_figure_that_ends_begins_and_becomes_stale_does_so_on_its_day_and_for_whom_it_concerns(scheme: Scheme[Any], name: str) -> None:
    usually = usual(scheme)
    value = usually.figures[name].on(usually.ground.__dict__[scheme.judged_on.name]).value
    assert value is not None, "the case file sets what the seed leaves open"
    line = Timeline(
        name, [Figure(value, date(1900, 1, 1), FIRST_END), Figure(value, SECOND, reviewed_until=REVIEWED), Figure(value, THIRD)]
    )
    parameters = Parameters({each.name: usually.figures[each.name] for each in scheme.parameters} | {name: line})
    always = usually.figures
    days = [day + offset for day in (FIRST_END + DAY, SECOND, REVIEWED + DAY, THIRD) for offset in (-DAY, timedelta(), DAY)]
    for day, seen, otherwise in zip(days, answers(scheme, usually, parameters, days), answers(scheme, usually, always, days), strict=True):
        if FIRST_END < day < SECOND:
            assert seen == (Outcome.DISABLED, 0), day
        elif REVIEWED < day < THIRD:
            assert seen == (Outcome.HELD, 0), day
        else:
            assert seen == otherwise, day
            assert otherwise[0] in PASSES, day
