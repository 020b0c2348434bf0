"""Whether rules, figures and stacking fit together: asked once, at start-up."""

from __future__ import annotations

from awards.kernel.figures import Parameter
from awards.kernel.parameters import Parameters, ParametersRefused, UnknownParameter
from awards.kernel.shapes import Shape, shapes
from awards.policy import brake
from awards.policy.grounds import OF_A_PERSON
from awards.policy.schemes import BY_ID, RULES
from awards.policy.stacking import STACKING


def declared() -> dict[str, Parameter[object]]:
    """Every parameter that some rule reads, and the settings of the brake."""
    return {each.name: each for each in (*(each for rule in RULES for each in rule.parameters), *brake.SETTINGS)}


def shapes_declared() -> dict[str, Shape]:
    """What the values of each look like."""
    return shapes(RULES) | brake.SHAPES


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
        for name in rule.among:
            scheme = BY_ID.get(name)
            if scheme is None:
                raise ParametersRefused(f"stacking {rule.title}: there is no scheme {name}")
            if scheme.ground not in OF_A_PERSON or not set(rule.per) <= scheme.ground.facts.keys():
                raise ParametersRefused(f"stacking {rule.title}: {name} is not computed with the others or lacks {', '.join(rule.per)}")
