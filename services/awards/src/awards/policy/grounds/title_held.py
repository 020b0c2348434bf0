"""Title held: a title of skill that somebody was awarded. Ground of city-master (R14.c)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, LevelCode, Unit
from awards.policy.dossier import City, PersonFacts


class TitleHeld(Ground):
    identified_by: ClassVar = ("title",)

    title: Fact[UUID] = fact("称号", Unit.RECORD)
    person: Fact[UUID] = fact("获称号人", Unit.PERSON)
    title_kind: Fact[str] = fact("称号类别", Unit.CODE)
    awarded_on: Fact[date] = fact("授予日", Unit.DAY)
    withdrawn_on: Fact[date] = fact("称号撤销日", Unit.DAY, never="称号未撤销")
    was_won_in_contest: Fact[bool] = fact("技能竞赛获奖", words=("技能竞赛获奖选手", "不是由竞赛产生"))
    best_level: Fact[LevelCode] = fact("授予时最高等级", Unit.LEVEL)
    is_employed_locally: Fact[bool] = fact("授予日在本市就业", words=("在本市单位就业", "授予日不在本市单位就业"))


def titles_held(person: PersonFacts, city: City) -> Iterator[TitleHeld]:
    """One for each title that was ever awarded."""
    for title in person.titles:
        yield TitleHeld(
            title=title.id,
            person=person.id,
            title_kind=str(title.kind),
            awarded_on=title.awarded_on,
            withdrawn_on=title.withdrawn_on or NEVER,
            was_won_in_contest=title.contest_id is not None,
            best_level=person.best_level(title.awarded_on),
            is_employed_locally=city.works_locally(person, title.awarded_on),
        )
