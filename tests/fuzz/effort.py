"""How much is tried: a little in every test run, and as long as somebody wants by `make fuzz SEED=… MINUTES=…`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

SEED = int(os.environ.get("FUZZ_SEED", "1"))
MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))
IS_LONG = MINUTES > 0


def rounds(*, share: float = 1.0) -> Iterator[int]:
    """The seed of each round: one, or as many as begin within this share of the minutes."""
    until = time.monotonic() + MINUTES * 60 * share
    seed = SEED
    yield seed
    while time.monotonic() < until:
        seed += 1
        yield seed


def said(what: str) -> None:
    """What was tried and counted: a long run is told to show it."""
    if IS_LONG:
        sys.__stderr__.write(f"{what}\n")  # type: ignore[union-attr]
