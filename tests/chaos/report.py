"""docs/reliability.md: each fault, how often it struck, what was counted afterwards, and the command that repeats it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from books import Books

PATH = Path(__file__).parents[2] / "docs/reliability.md"
_ABOUT = """# Under fire

*Written by `make chaos`; this run: `{command}`, {on}, {minutes:.0f} minutes on {cores} cores. {verdict}*

A small city ({persons} persons, every act over REST) lives its year through all five services, one api and two workers each as processes of their own, on a real Apache Kafka
and a real PostgreSQL. Meanwhile a schedule that follows from the seed alone does what the table says; it is told by the city's own acts, not by a clock, so the same seed strikes at
the same points of the year. The agency repeats what got no answer, with the same Idempotency-Key, and gets no other help. A shorter version of the same runs with every `make test`.
"""
_COUNTED = """
## What was counted afterwards

* Every entitlement, by the city's own oracle, which shares no code with awards: **{differences}**.
* {rows:,} rows of {tables} tables, and of them {audit:,} audit rows, by content (ids in words, the hour left out), against the same year lived calmly in one process: **{differences}**.
* Per topic, the distinct versions published against those that each reader answers for (`GET …/operations/integrity`): **{differences}**.
* Dossiers that failed, events left unsent, messages unread, dead letters, partitions that stand still: **{differences}**.
* `python -m <service> verify` of every service, the audit's chain of seals among it: **{differences}**.
* Errors that any process logged beyond what its fault must make it log: **{differences}**.
* Afterwards SIGTERM to all processes at once: the slowest took {slowest} to end, of the ten seconds that it may take.
"""
_NOT_TRIED = """
## What is not tried here

* A full disk under PostgreSQL or Kafka, dropped packets, a slow broker; more than one broker.
* Versions of the code side by side beyond awards' rules: migrations under load, a rolling restart, the compose stack scaled up and down.
* The wall clock set back: no rule reads it, and the business day only moves forward (a test of `libs/common` says so).
"""


@dataclass(frozen=True)
class Report:
    """What a long run came to. `embedded`: how often the one process was killed; None: not tried."""

    command: str
    on: str
    minutes: float
    cores: int
    persons: int
    struck: Counter[str]
    embedded: int | None
    books: Books
    slowest_seconds: float | None
    """Of the orderly end of all processes; None: it did not come to that."""
    faults: Sequence[str]

    def write(self, path: Path = PATH) -> None:
        differences = "none" if not self.faults else f"{len(self.faults)} lines, below"
        verdict = "Nothing was lost, doubled or left standing." if not self.faults else "**It did not pass.**"
        rows = [f"| {kind} | {count} |" for kind, count in sorted(self.struck.items())]
        if self.embedded is not None:
            rows.append(f"| The whole city in one process (`make demo`): kill −9, every third time with its PostgreSQL | {self.embedded} |")
        facts = dict(vars(self)) | {
            "differences": differences, "verdict": verdict, "rows": sum(each.total() for each in self.books.values()),
            "tables": len(self.books), "audit": sum(rows.total() for table, rows in self.books.items() if table.endswith(".audit")),
            "slowest": "an unknown time" if self.slowest_seconds is None else f"{self.slowest_seconds:.1f} s",
        }  # fmt: skip
        parts = [_ABOUT.format(**facts), "\n| fault | times |\n|---|--:|\n", "\n".join(rows), "\n", _COUNTED.format(**facts), _NOT_TRIED]
        if self.faults:
            parts.append("\n## What was found\n\n" + "\n".join(f"* {line[:300]}" for line in self.faults[:50]) + "\n")
        path.write_text("".join(parts), encoding="utf-8")
