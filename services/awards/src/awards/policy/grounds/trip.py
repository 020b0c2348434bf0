"""Trip: somebody selected for training abroad. Ground of study-abroad (R12.a)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import LEVEL_NAMES, NEVER, NO_LEVEL, Fen, Unit
from awards.policy.dossier import CANCELLED, City, PersonFacts

_LEVELS = tuple(code for code in LEVEL_NAMES if code != NO_LEVEL)


class Trip(Ground):
    identified_by: ClassVar = ("trip",)

    trip: Fact[UUID] = fact("出国研修", Unit.RECORD)
    person: Fact[UUID] = fact("研修人", Unit.PERSON)
    sender: Fact[UUID] = fact("选派单位", Unit.ORGANISATION)
    selected_on: Fact[date] = fact("选派日", Unit.DAY)
    listed_from: Fact[date] = fact("列入紧缺目录日", Unit.DAY, never="从未列入紧缺目录")
    listed_until: Fact[date] = fact("移出紧缺目录日", Unit.DAY)
    is_held: Fact[bool] = fact("研修是否成行", words=("研修没有取消", "研修已取消"))
    ends_on: Fact[date] = fact("研修结束日", Unit.DAY)
    reported_on: Fact[date] = fact("报告提交日", Unit.DAY, never="尚未提交研修报告")
    cost_fen: Fact[Fen] = fact("有凭证的费用", Unit.FEN)


def trips(person: PersonFacts, city: City) -> Iterator[Trip]:
    """One for each selection."""
    for trip in person.trips:
        listed = city.listed(trip.occupation, _LEVELS, trip.selected_on)
        yield Trip(
            trip=trip.id,
            person=person.id,
            sender=trip.sender_id,
            selected_on=trip.selected_on,
            listed_from=listed.first,
            listed_until=listed.last,
            is_held=trip.state != CANCELLED,
            ends_on=trip.ends_on,
            reported_on=trip.reported_on or NEVER,
            cost_fen=None if trip.cost_fen is None else Fen(trip.cost_fen),
        )
