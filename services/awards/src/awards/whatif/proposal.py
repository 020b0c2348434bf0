"""What is supposed: other figures from a day on, and the part of the city that is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from awards.kernel.parameters import Figure, Parameters, Timeline, UnknownParameter
from awards.policy.check import check_parameters, declared


@dataclass(frozen=True)
class Proposal:
    """Figures by parameter, in force from a day on instead of all that are in force then (None: on all days)."""

    figures: Mapping[str, Any]
    effective_from: date | None = None

    def put_into(self, parameters: Parameters) -> Parameters:
        """The set, were it decided. Raises ParametersRefused: unknown name, below the floor, or not of the kind that the rule reads."""
        if strangers := self.figures.keys() - declared().keys():
            raise UnknownParameter(f"no rule reads {', '.join(sorted(strangers))}")
        timelines = {name: parameters[name] for name in parameters.names()}
        timelines |= {name: self._timeline(parameters[name], name, value) for name, value in self.figures.items()}
        proposed = Parameters(timelines)
        check_parameters(proposed)
        return proposed

    def _timeline(self, held: Timeline, name: str, value: Any) -> Timeline:
        since = self.effective_from or date.min
        before = [_ended_before(figure, since) for figure in held.figures if figure.effective_from < since]
        return Timeline(name, [*before, Figure(_as_read(value), since)])


def _ended_before(figure: Figure, day: date) -> Figure:
    eve = day - timedelta(days=1)
    return replace(figure, valid_to=min(figure.valid_to, eve)) if figure.valid_to else figure


def _as_read(value: Any) -> Any:
    """JSON has only words for keys; a day is written as it reads."""
    if isinstance(value, Mapping):
        return {int(key): figure for key, figure in value.items()}
    return date.fromisoformat(value) if isinstance(value, str) and value[:1].isdigit() else value


@dataclass(frozen=True)
class Slice:
    """Which part of the city: everything where nothing is said."""

    area_code: int | None = None
    """A county or a town: what begins with it."""
    occupation: str | None = None
    year: int | None = None
    """Of the day by whose figures a ground is judged."""
