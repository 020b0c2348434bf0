"""How fast the synthetic city comes into being, and in how much memory: `python bench/synthetic_city.py [persons]` is a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from figures import Figure

from city.sheets import lines
from city.synthetic import City


def _make(persons: int) -> dict[str, float]:
    """Every row of every bureau's file, one after the other; the memory is the most that this process has had."""
    city = City(persons=persons)
    began = time.process_time()
    rows = sum(1 for block in city.blocks() for _ in lines(block))
    seconds = time.process_time() - began
    return {"persons/s": persons / seconds, "rows": rows, "MB": _most_memory()}


def _most_memory() -> float:
    """In megabytes. Not by `getrusage`: its figure begins with that of the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure(*, persons: int) -> list[Figure]:
    """A city of so many, told to its last row on one core, by the processor's own time."""
    made = json.loads(subprocess.run([sys.executable, __file__, str(persons)], check=True, capture_output=True, text=True).stdout)  # noqa: S603
    return [
        Figure(f"synthetic city of {persons:,}, persons/s of one core", made["persons/s"], at_least=8_000),
        Figure(f"synthetic city of {persons:,}, peak memory, MB", made["MB"], at_most=500),
    ]


if __name__ == "__main__":
    print(json.dumps(_make(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))
