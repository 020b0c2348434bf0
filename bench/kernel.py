"""The rules alone: one row decided, and explained with its text."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from uuid import uuid4

from figures import Figure

from awards.kernel.explanation import explain
from awards.kernel.kinds import NEVER, Fen, LevelCode, Share
from awards.parameters.seed import load_seed
from awards.policy.grounds.participation import Participation
from awards.policy.schemes.universal_training import universal_training

PARAMETERS, TODAY = load_seed(), date(2018, 12, 1)
REPEATS = 9


def _row() -> Participation:
    return Participation.awaiting(
        person=uuid4(), training_class=uuid4(), class_kind="UNIVERSAL", organiser=uuid4(), occupation_group=str(uuid4()), level_code=LevelCode(4),
        starts_on=date(2018, 3, 1), is_held=True, designated_from=date(2018, 1, 1), designated_until=NEVER, is_local=False, paid_months=6,
        attended_share=Share(9000), dropped_on=NEVER, completed_on=date(2018, 5, 1), tender_price_fen=Fen(120_000), list_price_fen=Fen(130_000), net_charged_fen=Fen(24_000),
        standard_price_fen=None, fund_by_level="就业专项资金", pension_from=NEVER, certified_on=NEVER, certificate_revoked_on=NEVER,
    )  # fmt: skip


def _microseconds(act: Callable[[], object], times: int) -> float:
    """For one, by the processor's time: the least of several."""
    readings = []
    for _ in range(REPEATS):
        began = time.process_time()
        for _ in range(times):
            act()
        readings.append((time.process_time() - began) / times)
    return min(readings) * 1e6


def measure(*, times: int) -> list[Figure]:
    """Of a row that is granted; so many decisions, a tenth as many explanations."""
    row = _row()
    return [
        Figure("decide one row, µs", _microseconds(lambda: universal_training.decide(row, PARAMETERS, TODAY), times), at_most=8),
        Figure(
            "explain one row with its text, µs",
            _microseconds(lambda: str(explain(universal_training, row, PARAMETERS, TODAY)), times // 10),
            at_most=45,
        ),
    ]


if __name__ == "__main__":
    for figure in measure(times=20_000):
        print(figure.name, figure.measured, figure.verdict)
