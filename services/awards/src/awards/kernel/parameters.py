"""Dated parameters: what the city decided, from which day, by which paper. Loaded only whole and only when they are right."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

Value = Any
"""An int, a day, a word, a mapping of level to int, or None: not set."""


class ParametersRefused(ValueError):
    """The set cannot be used. The message says which parameter, why, and what to do."""


class BelowFloor(ParametersRefused):
    """The text says 不低于 and the figure is lower."""


class UnknownParameter(ParametersRefused):
    """No rule declares a parameter of this name."""


class Overlapping(ParametersRefused):
    """Two figures of one parameter would be in force on one day."""


@dataclass(frozen=True)
class Figure:
    """One value of a parameter, in force from `effective_from` to `valid_to` (inside; None: until the next)."""

    value: Value
    effective_from: date
    valid_to: date | None = None
    published_on: date | None = None
    reviewed_until: date | None = None
    paper: str = ""


UNSET = Figure(None, date.min)


class Timeline:
    """The figures of one parameter, in order. Raises Overlapping."""

    def __init__(self, name: str, figures: Iterable[Figure]) -> None:
        self.figures: tuple[Figure, ...] = tuple(sorted(figures, key=lambda figure: figure.effective_from))
        for earlier, later in zip(self.figures, self.figures[1:], strict=False):
            if earlier.effective_from == later.effective_from or (earlier.valid_to and earlier.valid_to >= later.effective_from):
                raise Overlapping(f"{name}: two figures are in force on {later.effective_from}; end the earlier one before that day")
        self.has_reviews = any(figure.reviewed_until for figure in self.figures)
        # Which figure from which day on, the days ascending.
        self.periods = tuple(self._closed_periods())
        self.starts = tuple(start for start, _ in self.periods)
        self._ordinals = [start.toordinal() for start in self.starts]

    def _closed_periods(self) -> Iterable[tuple[date, Figure]]:
        """Each figure from its day, and "not set" wherever one ended before the next began."""
        for nth, figure in enumerate(self.figures):
            yield figure.effective_from, figure
            following = self.figures[nth + 1].effective_from if nth + 1 < len(self.figures) else None
            if figure.valid_to and figure.valid_to != date.max:
                end = date.fromordinal(figure.valid_to.toordinal() + 1)
                if end != following:
                    yield end, UNSET

    @property
    def values(self) -> tuple[Value, ...]:
        """The value from each of `starts` on."""
        return tuple(figure.value for _, figure in self.periods)

    def on(self, day: date) -> Figure:
        """The figure in force."""
        at = bisect_right(self._ordinals, day.toordinal()) - 1
        return self.periods[at][1] if at >= 0 else UNSET


NO_FIGURES = Timeline("", ())


class InForce:
    """Every figure in force on one day: `values` by name, without those that are not set.

    `suffices` remembers for which rules they do: that depends on nothing else.
    """

    __slots__ = ("figures", "suffices", "values")

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        self.suffices: dict[object, bool] = {}
        self.figures = {name: figure for name, figure in figures.items() if figure.value is not None}
        self.values = {name: figure.value for name, figure in self.figures.items()}


NOTHING_IN_FORCE = InForce({})


class Parameters:
    """A set of timelines. `hash` names it by content: the same figures always have the same name."""

    def __init__(self, timelines: Mapping[str, Timeline]) -> None:
        self._timelines = dict(timelines)
        self.has_reviews = any(timeline.has_reviews for timeline in self._timelines.values())
        # Between two days on which any figure changes all stay the same: worked out once, not for every row.
        self._turns = sorted({start for timeline in self._timelines.values() for start in timeline.starts})
        self._in_force = [InForce({name: line.on(turn) for name, line in self._timelines.items()}) for turn in self._turns]

    def in_force(self, day: date | None) -> InForce:
        """What a rule reads on this day; nothing while the day is unknown."""
        at = bisect_right(self._turns, day) if day is not None else 0
        return self._in_force[at - 1] if at else NOTHING_IN_FORCE

    def __getitem__(self, name: str) -> Timeline:
        return self._timelines.get(name, NO_FIGURES)

    def names(self) -> frozenset[str]:
        return frozenset(self._timelines)

    def content(self) -> dict[str, list[dict[str, Any]]]:
        """All of it, JSON-safe: how a parameter set is kept beside the decisions that used it."""
        return {name: [written_figure(figure) for figure in timeline.figures] for name, timeline in sorted(self._timelines.items())}

    @cached_property
    def hash(self) -> str:
        text = json.dumps(self.content(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def but(self, **changed: Value) -> Parameters:
        """A what-if copy with one value for all days: `but(**{"newcomer.amount": 250_000})`."""
        single = {name: Timeline(name, (Figure(value, date.min),)) for name, value in changed.items()}
        return Parameters(self._timelines | single)

    @classmethod
    def load(cls, seed: Mapping[str, Sequence[Mapping[str, Any]]]) -> Parameters:
        """From a seed's content: name → figures. Raises ParametersRefused."""
        return cls({name: Timeline(name, [read_figure(name, entry) for entry in entries]) for name, entries in seed.items()})


class Entry(NamedTuple):
    """A figure on its second axis: the city knew it from `since` on (when it was decided), until another took its place."""

    parameter: str
    figure: Figure
    since: datetime
    until: datetime | None = None


def as_known_at(entries: Iterable[Entry], moment: datetime | None = None) -> Parameters:
    """What was known at that moment of every day, past and to come; None: what is known now. Raises Overlapping."""
    figures: dict[str, list[Figure]] = {}
    for entry in entries:
        if entry.until is None if moment is None else entry.since <= moment and (entry.until is None or moment < entry.until):
            figures.setdefault(entry.parameter, []).append(entry.figure)
    return Parameters({name: Timeline(name, known) for name, known in figures.items()})


def read_figure(name: str, entry: Mapping[str, Any]) -> Figure:
    """One figure as it was written. Raises ParametersRefused."""
    known = {"value", "effective_from", "valid_to", "published_on", "reviewed_until", "paper"}
    if strangers := entry.keys() - known:
        raise ParametersRefused(f"{name}: unknown entries {sorted(strangers)}; known are {sorted(known)}")
    days = {key: _day(entry.get(key)) for key in ("effective_from", "valid_to", "published_on", "reviewed_until")}
    if days["effective_from"] is None:
        raise ParametersRefused(f"{name}: effective_from is missing")
    value = entry.get("value")
    if isinstance(value, Mapping):
        value = {int(key): figure for key, figure in value.items()}
    return Figure(value=_day(value) if isinstance(value, str) and value[:1].isdigit() else value, paper=str(entry.get("paper", "")), **days)


def _day(value: object) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def written_figure(figure: Figure) -> dict[str, Any]:
    """JSON-safe, and read back exactly by `read_figure`."""
    return {name: _written(value) for name, value in vars(figure).items()}


def _written(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {str(key): each for key, each in value.items()}
    return value.isoformat() if isinstance(value, date) else value
