"""What if one parameter were another: a million certificates from columns in memory, beside the same masks by hand; then with stacking."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from figures import Figure
from numpy.typing import NDArray

from awards.kernel.columns import Column, Table
from awards.kernel.ground import Ground
from awards.kernel.kinds import NEVER, Unit
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Scheme
from awards.kernel.stacking import ClaimTable, displaced_by_columns
from awards.parameters.seed import load_seed
from awards.policy.grounds.certification import Certification
from awards.policy.grounds.participation import Participation
from awards.policy.schemes.shortage_training import shortage_training
from awards.policy.schemes.universal_training import universal_training
from awards.policy.stacking import STACKING

TODAY, FIRST_DAY = date(2018, 12, 1), date(2018, 1, 1)
RAISED = {3: 150_000, 2: 250_000, 1: 300_000}
REPEATS = 7
Array = NDArray[Any]


def parameters() -> Parameters:
    """The seed, and the grant as somebody proposes it."""
    return load_seed().but(**{"shortage-training.amount": RAISED})


def _columns(kind: type[Ground], rows: int, chance: np.random.Generator) -> dict[str, Array]:
    """A year of plausible values; everything known."""
    made: dict[str, Array] = {}
    for name, declared in kind.facts.items():
        if declared.unit is Unit.DAY:
            made[name] = FIRST_DAY.toordinal() + chance.integers(0, 300, rows)
        elif declared.unit is Unit.FLAG:
            made[name] = chance.random(rows) < 0.9
        elif declared.unit is Unit.LEVEL:
            made[name] = chance.integers(1, 6, rows)
        else:
            most = {Unit.FEN: 200_000, Unit.SHARE: 10_000, Unit.MONTHS: 12}.get(declared.unit, 2)
            made[name] = chance.integers(0, most, rows)
    return made


def certificates(rows: int) -> Table:
    """As many persons, one certificate each."""
    made = _columns(Certification, rows, np.random.default_rng(7))
    made |= {"person": np.arange(rows), "class_kind": np.full(rows, 1), "mandated_from": np.full(rows, FIRST_DAY.toordinal())}
    made |= {"mandated_until": np.full(rows, NEVER.toordinal()), "listed_until": np.full(rows, NEVER.toordinal())}
    made |= {"revoked_on": np.full(rows, NEVER.toordinal())}
    return _table(made, "SHORTAGE")


def participations(of: Table) -> Table:
    """Every fourth of them was in a universal class of the same trade and level too."""
    rows = len(of) // 4
    made = _columns(Participation, rows, np.random.default_rng(8))
    made |= {name: of[name][::4][:rows].copy() for name in ("person", "occupation_group", "level_code")}
    made |= {"class_kind": np.full(rows, 1), "attended_share": np.full(rows, 9_000), "net_charged_fen": np.zeros(rows, np.int64)}
    made |= {"designated_from": np.full(rows, FIRST_DAY.toordinal()), "designated_until": np.full(rows, NEVER.toordinal())}
    if "dropped_on" in made:
        made["dropped_on"] = np.full(rows, NEVER.toordinal())
    return _table(made, "UNIVERSAL")


def _table(made: dict[str, Array], class_kind: str) -> Table:
    return Table({name: Column(values) for name, values in made.items()}, {class_kind: 1})


def by_hand(table: Table) -> Array:
    """The grant of every row, as somebody who knows the scheme would write it once."""
    of = {name: column.values for name, column in table.columns.items()}
    starts, today = of["class_starts_on"], TODAY.toordinal()
    owed = (
        (of["class_kind"] == 1) & (starts >= date(2017, 1, 1).toordinal()) & (of["mandated_from"] <= starts) & (starts <= of["mandated_until"])
        & (of["listed_from"] <= starts) & (starts <= of["listed_until"]) & of["matches_class"] & (of["issued_on"] <= today)
        & of["took_part"] & (of["issued_on"] >= starts) & (today < of["revoked_on"]) & (of["level_code"] <= 3)
    )  # fmt: skip
    amounts = np.array([0, RAISED[1], RAISED[2], RAISED[3], 0, 0])
    return np.where(owed, amounts[of["level_code"]], 0)


def stacked(judged: list[tuple[Scheme[Any], Table]], proposed: Parameters) -> int:
    """What all of them together cost when nobody is paid twice."""
    dues = [(scheme, table, scheme.columns(table, proposed, TODAY).amount_fen) for scheme, table in judged]
    paid = [(nth, scheme, table, amount, np.flatnonzero(amount)) for nth, (scheme, table, amount) in enumerate(dues)]
    keys = {
        name: np.concatenate([table[name][rows] for _, _, table, _, rows in paid]) for name in ("person", "occupation_group", "level_code")
    }
    amounts = np.concatenate([amount[rows] for _, _, _, amount, rows in paid])
    claims = ClaimTable(
        schemes=[scheme.id for scheme, _ in judged],
        scheme=np.concatenate([np.full(len(rows), nth) for nth, _, _, _, rows in paid]),
        subject=keys,
        amount_fen=amounts,
        judged_on=np.concatenate([table[scheme.judged_on.name][rows] for _, scheme, table, _, rows in paid]),
        is_settled=np.zeros(len(amounts), bool),
    )
    return int(displaced_by_columns(claims, STACKING).left_fen.sum())


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measure(*, rows: int) -> list[Figure]:
    """Each way in turn, the least of several: both must agree to the fen."""
    proposed, certified = parameters(), certificates(rows)
    taught = participations(certified)
    kernel = shortage_training.columns(certified, proposed, TODAY).amount_fen
    if not (np.array_equal(by_hand(certified), kernel) and kernel.any()):
        raise AssertionError("the kernel and the masks by hand do not agree")
    ours, masks, whole = [], [], []
    for _ in range(REPEATS):
        ours.append(_seconds(lambda: shortage_training.columns(certified, proposed, TODAY)))
        masks.append(_seconds(lambda: by_hand(certified)))
        whole.append(_seconds(lambda: stacked([(shortage_training, certified), (universal_training, taught)], proposed)))
    return [
        Figure(f"what-if over {rows:,} certificates, kernel, ms", min(ours) * 1e3),
        Figure(f"what-if over {rows:,} certificates, NumPy by hand, ms", min(masks) * 1e3),
        Figure("what-if, kernel, times NumPy by hand", min(ours) / min(masks), at_most=2.0),
        Figure(f"what-if over {rows:,} certificates and {rows // 4:,} participations with stacking, s", min(whole), at_most=0.4),
    ]


if __name__ == "__main__":
    for figure in measure(rows=1_000_000):
        print(figure.name, figure.measured, figure.verdict)
