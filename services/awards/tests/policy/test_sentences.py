"""Every clause before, at and after its boundary, as sentences in the YAML files beside this one: from a ground to what is owed.

`usually` is a ground that passes; a case names what is different (`given`), the `day`, and what must come out: `owed`, `accruing`,
`refused_by` or `awaits` (the first condition's title, or what the sum needs), and perhaps `would_change_it`, the exact words, `fund`, `payee` (the name of the
fact) or `says`, words of the explanation. `figures`: parameters with another value than the seed's, or with a list of dated ones, for one
case or (beside `usually`) for all of them: a scheme without its figure is judged with one set there.
"""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import yaml

from awards.kernel.explanation import explain
from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER, Outcome, Unit
from awards.kernel.parameters import Parameters
from awards.parameters.seed import load_seed
from awards.policy.check import check_parameters
from awards.policy.schemes import SCHEMES

PARAMETERS = load_seed()
BY_ID = {scheme.id: scheme for scheme in SCHEMES}


class Case(NamedTuple):
    scheme: str
    title: str
    ground: dict[str, Any]
    on: date
    figures: dict[str, Any]
    expected: dict[str, Any]


def cases() -> list[Case]:
    found = []
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        usually, usual_day, usual_figures = content.pop("usually"), content.pop("day"), content.pop("figures", {})
        for title, case in content.items():
            ground = usually | case.pop("given", {})
            figures = usual_figures | case.pop("figures", {})
            found.append(Case(path.stem.replace("_", "-"), title, ground, case.pop("day", usual_day), figures, case))
    return found


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


def test_every_condition_of_every_scheme_has_a_case_that_it_refuses_or_holds_up() -> None:
    named = {(case.scheme, case.expected.get("refused_by") or case.expected.get("awaits")) for case in cases()}
    for scheme in SCHEMES:
        assert {(scheme.id, requirement.title) for requirement in (scheme.live, *scheme.conditions)} <= named, scheme.id
