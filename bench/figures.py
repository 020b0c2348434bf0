"""What a benchmark hands over: a named figure, and perhaps what it shall be."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from common.database.embedded import EmbeddedPostgres


class Figure(NamedTuple):
    """One line of the table. A target is the most or the least that it may be."""

    name: str
    measured: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        if self.at_most is not None:
            return f"≤ {written(self.at_most)}"
        return "" if self.at_least is None else f"≥ {written(self.at_least)}"

    @property
    def verdict(self) -> str:
        if self.at_most is None and self.at_least is None:
            return ""
        is_met = self.measured <= self.at_most if self.at_most is not None else self.measured >= (self.at_least or 0)
        return "met" if is_met else "**missed**"


def written(figure: float) -> str:
    """Three digits that count, and no more."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def medians(runs: Sequence[Sequence[Figure]]) -> list[Figure]:
    """The middle of several runs, line by line."""
    return [same[0]._replace(measured=statistics.median(figure.measured for figure in same)) for same in zip(*runs, strict=True)]


def percentile(readings: Sequence[float], share: float) -> float:
    """The least reading that so many of all do not exceed."""
    ordered = sorted(readings)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@contextmanager
def directory() -> Iterator[Path]:
    """A place for a measurement alone, which PostgreSQL's ordinary user may enter."""
    with tempfile.TemporaryDirectory(prefix="craftport-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server as a city runs it: durable, so every commit waits for the disk."""
    with directory() as place:
        server = EmbeddedPostgres(place / "postgres")
        server.start()
        try:
            yield server
        finally:
            server.remove()
