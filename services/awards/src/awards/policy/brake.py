"""The brake: how much one cause may move before somebody else has looked. Its two limits are dated settings like all figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from awards.kernel.figures import parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.parameters import Parameters
from awards.kernel.shapes import Shape

MOST_ENTITLEMENTS = parameter("brake.most_entitlements", "无需第三人确认的最多变动项数", Unit.NUMBER, int)
MOST_MONEY = parameter("brake.most_money", "无需第三人确认的最多变动金额", Unit.FEN, Fen)
SETTINGS = (MOST_ENTITLEMENTS, MOST_MONEY)
SHAPES = {each.name: Shape(each.unit) for each in SETTINGS}


@dataclass(frozen=True)
class Limits:
    """What may be moved at once. A limit that is not set lets nothing pass: not knowing it is no permission."""

    entitlements: int
    fen: int

    @classmethod
    def on(cls, day: date, parameters: Parameters) -> Limits:
        """Those in force on that day."""
        return cls(*(parameters[each.name].on(day).value or 0 for each in SETTINGS))

    def are_passed_by(self, entitlements: int, fen: int) -> bool:
        """More than may move: the limits themselves are allowed."""
        return entitlements > self.entitlements or fen > self.fen
