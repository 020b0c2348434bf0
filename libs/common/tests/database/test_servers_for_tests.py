"""Servers for tests stand in memory: what a killed run left there goes with the next one, what somebody works on stays."""

import fcntl
import os
from pathlib import Path

from common.testing.postgres import remove_what_killed_runs_left

LONG_AGO = 1_500_000_000


def left(place: Path, name: str, *, at: float | None = LONG_AGO) -> Path:
    directory = place / name
    (directory / "postgres/data").mkdir(parents=True)
    if at is not None:
        os.utime(directory, (at, at))
    return directory


def test_what_killed_runs_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    of_the_killed, of_the_living, in_the_making, foreign = (
        left(tmp_path, "craftport-tests-killed"), left(tmp_path, "craftport-tests-living"), left(tmp_path, "craftport-tests-new", at=None),
        left(tmp_path, "somebody-else"),
    )  # fmt: skip
    holding = os.open(of_the_living, os.O_RDONLY)
    try:
        fcntl.flock(holding, fcntl.LOCK_EX)

        remove_what_killed_runs_left(tmp_path)
    finally:
        os.close(holding)

    assert not of_the_killed.exists()
    assert [each.exists() for each in (of_the_living, in_the_making, foreign)] == [True, True, True]
