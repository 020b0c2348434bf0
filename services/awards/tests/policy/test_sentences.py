"""Every clause before, at and after its boundary, as the sentences of `policy/cases/<scheme>.yaml` have it: from a ground to what is owed."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from awards.kernel.explanation import explain
from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER, Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.kernel.written import read, written
from awards.parameters.seed import load_seed
from awards.policy.check import check_parameters
from awards.policy.schemes import SCHEMES
from awards.printing.cases import CASES, Case, cases_of

PARAMETERS = load_seed()
BY_ID = {scheme.id: scheme for scheme in SCHEMES}


def cases() -> list[Case]:
    return [case for scheme in SCHEMES for case in cases_of(scheme)]


def ground_of(scheme_id: str, written: dict[str, Any]) -> Ground:
    """Ids are made up where the case says nothing of them."""
    kind = BY_ID[scheme_id].ground
    facts = {name: _id(name) if declared.unit.is_id else _read(written.get(name), declared.unit) for name, declared in kind.facts.items()}
    return kind(evidence={}, **facts)


def _read(value: Any, unit: Unit) -> Any:
    """`never` is a day that has not come."""
    if value == "never":
        return NEVER
    return tuple(value) if unit is Unit.PARTS and value is not None else value


def parameters_of(figures: dict[str, Any]) -> Parameters:
    """The seed with these: a list has days of its own, anything else holds on every day. Refused when it does not fit."""
    written = {
        name: value if isinstance(value, list) else [{"value": value, "effective_from": date.min}] for name, value in figures.items()
    }
    parameters = Parameters.load(PARAMETERS.content() | written)
    check_parameters(parameters)
    return parameters


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.scheme} {case.title}")
def test_the_clause(case: Case) -> None:
    scheme = BY_ID[case.scheme]
    ground, parameters = ground_of(case.scheme, case.ground), parameters_of(case.figures)
    told = explain(scheme, ground, parameters, case.on)
    yuan = f"{told.amount_fen / 100:.2f}"
    seen: dict[str, Any] = {}
    if told.outcome is Outcome.GRANTED:
        seen["owed"] = yuan
    elif told.outcome is Outcome.ACCRUING:
        seen["accruing"] = yuan
    elif told.outcome is Outcome.REFUSED:
        seen["refused_by"] = next(line.title for line in told.lines if line.holds is False)
    elif told.outcome is Outcome.AWAITING:
        seen["awaits"] = next((line.title for line in told.lines if line.holds is None), told.this_one)
    else:
        seen["outcome"] = told.outcome.name
    at = scheme.sight(ground, parameters, case.on)
    if "would_change_it" in case.expected:
        seen["would_change_it"] = told.this_one
    if "fund" in case.expected:
        seen["fund"] = fund.value if (fund := scheme.paid_from(at)) else None
    if "payee" in case.expected:
        payee = scheme.paid_to(at)
        seen["payee"] = None if payee is None else payee.name
    if "says" in case.expected:
        seen["says"] = case.expected["says"] if case.expected["says"] in str(told) else str(told)

    assert seen == case.expected
    columns = scheme.columns(scheme.ground.table([ground]), parameters, case.on)
    assert (columns.outcome[0], columns.amount_fen[0]) == (told.outcome, told.amount_fen)


def test_every_file_of_cases_is_a_schemes() -> None:
    assert {path.stem.replace("_", "-") for path in CASES.glob("*.yaml")} == {scheme.id for scheme in SCHEMES}
    assert not list(Path(__file__).parent.glob("*.yaml")), "a scheme's cases stand in policy/cases, where its page finds them"


def test_every_condition_of_every_scheme_has_a_case_that_it_refuses_or_holds_up() -> None:
    named = {(case.scheme, case.expected.get("refused_by") or case.expected.get("awaits")) for case in cases()}
    for scheme in SCHEMES:
        assert {(scheme.id, requirement.title) for requirement in (scheme.live, *scheme.conditions)} <= named, scheme.id


def owed_usually() -> list[Case]:
    """Of each scheme one case in which something is owed."""
    return list({case.scheme: case for case in reversed(cases()) if {"owed", "accruing"} & case.expected.keys()}.values())


@pytest.mark.parametrize("case", owed_usually(), ids=lambda case: case.scheme)
def test_what_happens_after_the_policys_last_day_is_owed_nothing(case: Case) -> None:
    """Through the last day it is; whatever else has happened by then, and however much later one asks (A67)."""
    scheme, ground = BY_ID[case.scheme], ground_of(case.scheme, case.ground)
    figures = PARAMETERS.but(**case.figures)
    day: date = ground.__dict__[scheme.judged_on.name]
    one_day = timedelta(days=1)
    always = scheme.decide(ground, figures, case.on)

    def within(first: date, last: date) -> Any:
        return explain(scheme, ground, figures.but(**{"policy.valid_from": first, "policy.valid_to": last}), case.on)

    for told in (within(date(2015, 1, 1), day), within(day, NEVER)):
        assert (told.outcome, told.amount_fen) == always
        assert "发生在政策有效期内" not in {line.title for line in told.lines}
    for told in (within(date(2015, 1, 1), day - one_day), within(day + one_day, NEVER)):
        assert (told.outcome, told.amount_fen) == (Outcome.REFUSED, 0)
        assert next(line.title for line in told.lines if line.holds is False) == "发生在政策有效期内"


def test_every_scheme_has_a_day_after_which_it_ends() -> None:
    assert {case.scheme for case in owed_usually()} == BY_ID.keys()


def test_instalments_of_one_who_was_named_before_the_policys_end_run_on() -> None:
    case = next(each for each in owed_usually() if each.scheme == "outstanding")
    named_on: date = case.ground["named_on"]
    ended = PARAMETERS.but(**{"policy.valid_to": named_on})
    for years in (0, 1, 2):
        due_on = named_on.replace(year=named_on.year + years)
        ground = ground_of(case.scheme, case.ground | {"due_on": due_on})
        assert BY_ID[case.scheme].decide(ground, ended, due_on)[0] is Outcome.GRANTED


def test_a_rule_kept_from_before_the_policys_end_was_asked_decides_as_it_did() -> None:
    for case in owed_usually():
        scheme, ground = BY_ID[case.scheme], ground_of(case.scheme, case.ground)
        kept = {name: value for name, value in written(scheme).items() if name != "expires"}
        figures = PARAMETERS.but(**case.figures)
        without = Parameters({name: figures[name] for name in figures.names() if not name.startswith("policy.")})
        assert read(kept).hash != scheme.hash
        assert read(kept).decide(ground, without, case.on) == scheme.decide(ground, figures, case.on)
