"""The rules alone: one row decided and explained, a million rows in columns beside the same masks written by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import numpy as np

from awards.kernel.columns import Column, Table
from awards.kernel.explanation import explain
from awards.kernel.kinds import NEVER, Fen, LevelCode, Share, Unit
from awards.parameters.seed import load_seed
from awards.policy.grounds.participation import Participation
from awards.policy.schemes.universal_training import universal_training

PARAMETERS, TODAY = load_seed(), date(2018, 12, 1)
ROWS = 1_000_000


def _row() -> Participation:
    return Participation(
        person=uuid4(), training_class=uuid4(), class_kind="UNIVERSAL", organiser=uuid4(), occupation_group=str(uuid4()), level_code=LevelCode(4),
        starts_on=date(2018, 3, 1), designated_from=date(2018, 1, 1), designated_until=NEVER, is_local=False, paid_months=6,
        attended_share=Share(9000), dropped_on=NEVER, completed_on=date(2018, 5, 1), tender_price_fen=Fen(120_000), list_price_fen=Fen(130_000), net_charged_fen=Fen(24_000),
    )  # fmt: skip


def _best(act: Callable[[], object], times: int) -> float:
    """Seconds for one, the least of five."""
    readings = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(times):
            act()
        readings.append((time.perf_counter() - began) / times)
    return min(readings)


def _table() -> Table:
    chance = np.random.default_rng(7)
    days = (date(2018, 1, 1) + timedelta(days=0)).toordinal()
    columns: dict[str, Column] = {}
    for name, declared in Participation.facts.items():
        if declared.unit is Unit.DAY:
            values = days + chance.integers(0, 300, ROWS)
        elif declared.unit is Unit.FLAG:
            values = chance.random(ROWS) < 0.5
        else:
            most = {Unit.FEN: 200_000, Unit.SHARE: 10_000, Unit.LEVEL: 6, Unit.MONTHS: 12}.get(declared.unit, 2)
            values = chance.integers(1 if declared.unit is Unit.LEVEL else 0, most, ROWS)
        columns[name] = Column(values)
    return Table(columns, {"UNIVERSAL": 1})


def _by_hand(table: Table) -> np.ndarray:
    of = {name: column.values for name, column in table.columns.items()}
    fee = np.minimum(of["tender_price_fen"], of["list_price_fen"])
    subsidy = (2 * fee * np.array([0, 8000, 8000, 8000, 8000, 10000])[of["level_code"]] + 10_000) // 20_000
    owed = (
        (of["class_kind"] == 1) & (of["starts_on"] >= date(2017, 1, 1).toordinal()) & (of["designated_from"] <= of["starts_on"])
        & (of["starts_on"] <= of["designated_until"]) & (of["is_local"] | (of["paid_months"] >= 6)) & (of["attended_share"] >= 8000)
        & (of["completed_on"] <= TODAY.toordinal()) & (of["net_charged_fen"] <= fee - subsidy)
    )  # fmt: skip
    return np.where(owed, subsidy, 0)


def measure() -> dict[str, float]:
    """Microseconds, milliseconds and a ratio; the two ways must agree to the fen."""
    row, table = _row(), _table()
    by_hand, kernel = _by_hand(table), universal_training.columns(table, PARAMETERS, TODAY).amount_fen
    if not np.array_equal(by_hand, kernel):
        raise AssertionError("the kernel and the masks by hand do not agree")
    in_columns = _best(lambda: universal_training.columns(table, PARAMETERS, TODAY), 1)
    masks = _best(lambda: _by_hand(table), 1)
    return {
        "decide one row, µs": _best(lambda: universal_training.decide(row, PARAMETERS, TODAY), 20_000) * 1e6,
        "explain one row with its text, µs": _best(lambda: str(explain(universal_training, row, PARAMETERS, TODAY)), 2_000) * 1e6,
        "what-if over 1,000,000 rows, kernel, ms": in_columns * 1e3,
        "what-if over 1,000,000 rows, by hand, ms": masks * 1e3,
        "kernel over by hand": in_columns / masks,
    }
