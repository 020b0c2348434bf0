"""What other figures move: pure, of any two states of what is owed, however they were worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from heapq import nlargest
from typing import Any, NamedTuple
from uuid import UUID

from awards.policy.names import Key


class Stand(NamedTuple):
    """What one entitlement says."""

    state: str
    due_fen: int
    accruing_fen: int
    would_be_fen: int
    payee_kind: str
    payee_id: UUID
    person_id: UUID | None
    displaced_by_scheme: str | None = None
    displaced_by_key: str | None = None
    settled_fen: int = 0

    @classmethod
    def of(cls, content: Any, settled_fen: int) -> Stand:
        """Of an entitlement's content, as reconciliation has it."""
        says: dict[str, Any] = content._asdict()
        return cls(settled_fen=settled_fen + says.pop("carried_fen"), **says)

    @property
    def fen(self) -> int:
        """Owed, or foreseen."""
        return self.due_fen + self.accruing_fen


class Move(NamedTuple):
    """One entitlement as it stands and as it would; `before` is None for one that would arise."""

    name: Key
    before: Stand | None
    after: Stand

    @property
    def fen(self) -> int:
        """By how much it would rise; below nothing: fall."""
        return self.after.fen - (self.before.fen if self.before else 0)

    @property
    def payable_fen(self) -> int:
        """Of what is settled: how much more than before remains to be paid."""
        return self._more(lambda stand: stand.due_fen - self.after.settled_fen)

    @property
    def debt_fen(self) -> int:
        """Of what is settled: how much more than before has been paid too much. The settled sum itself never moves."""
        return self._more(lambda stand: self.after.settled_fen - stand.due_fen)

    def _more(self, beyond: Callable[[Stand], int]) -> int:
        if not (self.after.settled_fen and self.before):
            return 0
        return max(0, max(0, beyond(self.after)) - max(0, beyond(self.before)))

    def columns(self) -> tuple[Any, ...]:
        """In the order of `MOVE_COLUMNS`."""
        was, now = self.before, self.after
        return (
            *self.name, now.payee_kind, now.payee_id, now.person_id, was.state if was else None, now.state,
            was.due_fen if was else 0, now.due_fen, was.accruing_fen if was else 0, now.accruing_fen,
            was.would_be_fen if was else 0, now.would_be_fen, now.settled_fen, self.fen,
        )  # fmt: skip


MOVE_COLUMNS = (
    "scheme", "entitlement_key", "payee_kind", "payee_id", "person_id", "state_before", "state_after", "due_before_fen", "due_after_fen",
    "accruing_before_fen", "accruing_after_fen", "would_be_before_fen", "would_be_after_fen", "settled_fen", "moved_fen",
)  # fmt: skip


def moved(before: Mapping[Key, Stand], after: Mapping[Key, Stand]) -> list[Move]:
    """Everything that does not stay as it is. A row never disappears: it is withdrawn."""
    return [Move(name, before.get(name), stand) for name, stand in after.items() if before.get(name) != stand]


@dataclass
class Sums:
    """How many, and how much: up and down apart, since they do not make up for each other."""

    entitlements: int = 0
    up_fen: int = 0
    down_fen: int = 0
    settled: int = 0
    """How many of them are settled, in part or whole."""
    payable_fen: int = 0
    debt_fen: int = 0

    def add(self, move: Move) -> None:
        self.entitlements += 1
        self.up_fen += max(0, move.fen)
        self.down_fen += max(0, -move.fen)
        self.settled += move.after.settled_fen > 0
        self.payable_fen += move.payable_fen
        self.debt_fen += move.debt_fen

    @property
    def moved_fen(self) -> int:
        """What the brake measures."""
        return self.up_fen + self.down_fen


_LARGEST = 20


@dataclass
class Summary:
    """Of many moves, as they come."""

    total: Sums = field(default_factory=Sums)
    by_scheme: dict[str, Sums] = field(default_factory=dict)
    largest: list[Move] = field(default_factory=list)

    def add(self, moves: Iterable[Move]) -> None:
        added = list(moves)
        for move in added:
            self.total.add(move)
            self.by_scheme.setdefault(move.name.scheme, Sums()).add(move)
        self.largest = nlargest(_LARGEST, [*self.largest, *added], key=lambda move: (abs(move.fen), move.name))

    def to_record(self) -> dict[str, Any]:
        """JSON-safe: the sums. The moves themselves stand row by row."""
        return {"total": asdict(self.total), "by_scheme": {scheme: asdict(sums) for scheme, sums in sorted(self.by_scheme.items())}}
