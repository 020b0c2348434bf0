"""Whether rules, figures and stacking fit together: asked once, at start-up."""

from __future__ import annotations

from awards.kernel.figures import Parameter
from awards.kernel.parameters import Parameters, ParametersRefused, UnknownParameter
from awards.kernel.shapes import Shape, shapes
from awards.policy import brake
from awards.policy.grounds import OF_A_PERSON
from awards.policy.schemes import BY_ID, RULES
from awards.policy.stacking import PAID_FOR, STACKING, YEAR_OF
from awards.policy.stacking import PARAMETERS as OF_STACKING

_OF_EVERY_CLAIM = frozenset({"of_scheme", "entitlement", "payee", "paid_for"})
"""By these keys everything that is owed can be compared."""


def declared() -> dict[str, Parameter[object]]:
    """Every parameter that some rule reads, the settings of the brake, and what stacking asks."""
    return {each.name: each for each in (*(each for rule in RULES for each in rule.parameters), *brake.SETTINGS, *OF_STACKING)}


def shapes_declared() -> dict[str, Shape]:
    """What the values of each look like."""
    return shapes(RULES) | brake.SHAPES | {each.name: Shape(each.unit) for each in OF_STACKING}


def check_parameters(parameters: Parameters) -> None:
    """Raises UnknownParameter, BelowFloor, and what a Shape raises: a set that does not fit is refused whole."""
    known, shaped = declared(), shapes_declared()
    if strangers := parameters.names() - known.keys():
        raise UnknownParameter(f"no rule reads {', '.join(sorted(strangers))}; known are {', '.join(sorted(known))}")
    for name, each in known.items():
        shaped[name].check(name, parameters[name])
        each.check(parameters[name])


def check_stacking() -> None:
    """Raises ParametersRefused: whoever is stacked together must be computed together, from one dossier, and share the keys."""
    for rule in STACKING:
        if rule.against is None:
            _check_shared(rule.title, rule.among, rule.per)
        elif strangers := set(rule.among) - BY_ID.keys():
            raise ParametersRefused(f"stacking {rule.title}: there is no scheme {', '.join(sorted(strangers))}")
    for name, told_by in PAID_FOR.items():
        scheme = BY_ID.get(name)
        measured = {"payee", *({"year"} if name in YEAR_OF else ()), *(scheme.ground.facts if scheme else ())}
        if scheme is None or not {*told_by, YEAR_OF.get(name, "payee")} <= measured:
            raise ParametersRefused(f"prior payments: there is no scheme {name}, or its ground lacks {', '.join(told_by)}")


def _check_shared(title: str, among: tuple[str, ...], per: tuple[str, ...]) -> None:
    for name in among:
        scheme = BY_ID.get(name)
        if scheme is None:
            raise ParametersRefused(f"stacking {title}: there is no scheme {name}")
        if scheme.ground not in OF_A_PERSON or not set(per) - _OF_EVERY_CLAIM <= scheme.ground.facts.keys():
            raise ParametersRefused(f"stacking {title}: {name} is not computed with the others or lacks {', '.join(per)}")
