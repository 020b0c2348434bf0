"""Studio-year: what the yearly look at a studio (技能名师工作室) found. Ground of the support to studios (R16.b)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Unit
from awards.policy import facts
from awards.policy.days import span
from awards.policy.dossier import City, OrganisationFacts

STUDIO = "STUDIO"


class StudioYear(Ground):
    identified_by: ClassVar = ("studio", "year")

    studio: Fact[UUID] = fact("工作室认定", Unit.RECORD)
    year: Fact[int] = fact("年度", Unit.NUMBER)
    host: Fact[UUID] = fact("设立单位", Unit.ORGANISATION)
    person: Fact[UUID] = fact("领办名师", Unit.PERSON)
    year_begins_on: Fact[date] = fact("年初", Unit.DAY)
    year_ends_on: Fact[date] = fact("年末", Unit.DAY)
    recognised_from: Fact[date] = fact("认定起始日", Unit.DAY, never="认定即被撤销")
    recognised_until: Fact[date] = fact("认定截止日", Unit.DAY, never="长期有效")
    assessed_on: Fact[date] = fact("年度考核日", Unit.DAY)
    is_passed: Fact[bool] = fact("年度考核", words=("考核合格", "考核不合格"))


def studio_years(organisation: OrganisationFacts, _city: City) -> Iterator[StudioYear]:
    """One for each year in which a studio was assessed; assessed twice in a year, the later counts."""
    for recognised in organisation.recognitions:
        if recognised.kind != STUDIO:
            continue
        days = span(recognised.valid_from, recognised.valid_to, recognised.withdrawn_on)
        for assessed in _latest_of_each_year(recognised.assessments):
            yield StudioYear(
                studio=recognised.id,
                year=assessed.year,
                host=recognised.organisation_id,
                person=recognised.master_id,
                year_begins_on=date(assessed.year, 1, 1),
                year_ends_on=date(assessed.year, 12, 31),
                recognised_from=days.first if days.first <= days.last else NEVER,
                recognised_until=days.last,
                assessed_on=assessed.assessed_on,
                is_passed=assessed.is_passed,
            )


def _latest_of_each_year(assessments: Iterable[facts.YearlyAssessment]) -> Iterable[facts.YearlyAssessment]:
    """Two of one day: the one that was not passed, since too little is put right more easily than too much."""
    in_order = sorted(assessments, key=lambda each: (each.year, each.assessed_on, not each.is_passed))
    return {each.year: each for each in in_order}.values()
