"""`make bench`: measures, and writes bench/results.md. Figures are of one run on one machine; a target that is missed is written as missed."""

from __future__ import annotations

import os
import platform
import statistics
from datetime import UTC, datetime
from pathlib import Path

import certificates
import kernel

RESULTS = Path(__file__).with_name("results.md")
TARGETS = {
    "decide one row, µs": ("≤", 8.0),
    "explain one row with its text, µs": ("≤", 45.0),
    "kernel over by hand": ("≤", 2.0),
    "certificates to entitlements, one process, no relay, per second": ("≥", 2500.0),
}
PERSONS, REPEATS = 10_000, 3


def main() -> None:
    """Print as measured, write at the end."""
    figures = kernel.measure()
    readings = certificates.measure(PERSONS, REPEATS)
    figures |= {name: statistics.median(reading[name] for reading in readings) for name in readings[0]}
    lines = [
        "# Measured", "",
        f"`make bench`, {datetime.now(UTC).date().isoformat()}, {os.cpu_count()} cores, Python {platform.python_version()}. {PERSONS:,} certificates, medians of {REPEATS}.",
        "", "| figure | measured | target | |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, figure in figures.items():
        sign, target = TARGETS.get(name, ("", None))
        met = "" if target is None else "met" if (figure <= target if sign == "≤" else figure >= target) else "**missed**"
        lines.append(f"| {name} | {figure:,.1f} | {f'{sign} {target:,.0f}' if target is not None else ''} | {met} |")
        print(lines[-1], flush=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
