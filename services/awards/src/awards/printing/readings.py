"""How open questions of the text are read, for the rule pages: by the numbers that a scheme's own module names."""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from awards.kernel.scheme import Scheme
from awards.policy import schemes


@cache
def all_readings() -> dict[str, str]:
    """Every reading by its number (A10)."""
    readings: dict[str, str] = yaml.load(
        (Path(schemes.__file__).parents[1] / "readings.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return readings


def readings_of(scheme: Scheme[Any]) -> list[tuple[str, str]]:
    """Those that the scheme's module names, in order."""
    clause = import_module(f"awards.policy.schemes.{scheme.id.replace('-', '_')}").__doc__ or ""
    return [(number, all_readings()[number]) for number in dict.fromkeys(re.findall(r"\bA[0-9]{1,2}\b", clause))]
