"""How fast the synthetic city comes into being, and in how much memory: `python bench/city.py [persons]`."""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from city.sheets import lines
from city.synthetic import City


def measure(what: str, persons: int, act: Callable[[], object]) -> None:
    """Print persons a second on one core, and the most memory that this process has had."""
    began = time.perf_counter()
    result = act()
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what:<34} {persons / seconds:>10,.0f} persons/s  {seconds:>7.1f} s  {memory:>5} MB  {result}")


def main(persons: int) -> None:
    city = City(persons=persons)
    measure("people", persons, lambda: sum(1 for _ in city.persons()))
    measure("rows of all files", persons, lambda: sum(1 for block in city.blocks() for _ in lines(block)))
    with tempfile.TemporaryDirectory() as directory:
        few = min(persons, 20_000)
        measure(f"XLSX of {few:,}", few, lambda: sum(file.rows for file in City(persons=few).write_files(Path(directory))))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
