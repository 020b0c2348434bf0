"""`make bench`: measures everything in one run, and writes bench/results.md; `make bench QUICK=1` is a short version and writes nothing.

What a target misses is written as missed.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import certificates
import imports
import kernel
import latency
import synthetic_city
import whatif
import whole_city
from figures import Figure, written

RESULTS = Path(__file__).with_name("results.md")


class Sizes(NamedTuple):
    """How much of everything."""

    persons: int
    few: int
    repeats: int
    samples: int
    insured: int
    rows: int
    city: int
    columns: int
    decisions: int


FULL = Sizes(
    persons=20_000, few=400, repeats=3, samples=300, insured=40_000, rows=20_000, city=800_000, columns=1_000_000, decisions=20_000
)
QUICK = Sizes(persons=4_000, few=60, repeats=1, samples=60, insured=5_000, rows=3_000, city=20_000, columns=1_000_000, decisions=20_000)
TINY = Sizes(persons=40, few=4, repeats=1, samples=3, insured=60, rows=40, city=1_000, columns=1_000, decisions=100)


def parts(sizes: Sizes, *, kafka: bool) -> dict[str, Callable[[], list[Figure]]]:
    """Every benchmark, by its module."""
    return {
        "kernel": lambda: kernel.measure(times=sizes.decisions),
        "whatif": lambda: whatif.measure(rows=sizes.columns),
        "whole_city": lambda: whole_city.measure(rows=sizes.columns),
        "synthetic_city": lambda: synthetic_city.measure(persons=sizes.city),
        "certificates": lambda: certificates.measure(persons=sizes.persons, few=sizes.few, repeats=sizes.repeats),
        "latency": lambda: latency.measure(samples=sizes.samples, kafka=kafka),
        "imports": lambda: imports.measure(insured=sizes.insured, rows=sizes.rows),
    }


def table(figures: list[Figure]) -> list[str]:
    """As Markdown."""
    head = ["| figure | measured | target | |", "|---|---|---|---|"]
    return head + [f"| {each.name} | {written(each.measured)} | {each.target} | {each.verdict} |" for each in figures]


def main(*, quick: bool) -> None:
    """Print as measured; a full run also writes."""
    sizes, figures, began = QUICK if quick else FULL, list[Figure](), time.perf_counter()
    for name, measure in parts(sizes, kafka=True).items():
        print(f"-- {name}", flush=True)
        found = measure()
        print("\n".join(f"{each.name}: {written(each.measured)} {each.target} {each.verdict}" for each in found), flush=True)
        figures += found
    if quick:
        return
    what = (
        f"`make bench`, {datetime.now(UTC).date().isoformat()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{(time.perf_counter() - began) / 60:.0f} minutes, load before the run {LOAD:.1f}. {sizes.persons:,} certificates, medians of {sizes.repeats}; "
        f"{sizes.samples} samples of latency; files of {sizes.insured:,} and {sizes.rows:,} rows."
    )
    RESULTS.write_text("\n".join(["# Measured", "", what, "", *table(figures), ""]), encoding="utf-8")


LOAD = os.getloadavg()[0]

if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
