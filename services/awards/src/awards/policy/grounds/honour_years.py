"""The years of a selection of article 14: an instalment of an outstanding person (R14.b), a term year of a chief technician (R14.d)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from awards.kernel.ground import Fact, Ground, fact
from awards.kernel.kinds import NEVER, Unit
from awards.policy import facts
from awards.policy.days import years_after
from awards.policy.dossier import ENTERPRISE, City, PersonFacts

_OUTSTANDING, _CHIEF_TECHNICIAN = "OUTSTANDING", "CHIEF_TECHNICIAN"


class Instalment(Ground):
    identified_by: ClassVar = ("selection", "number")

    selection: Fact[UUID] = fact("评选命名", Unit.RECORD)
    number: Fact[int] = fact("期次", Unit.NUMBER)
    person: Fact[UUID] = fact("被命名人", Unit.PERSON)
    named_on: Fact[date] = fact("命名日", Unit.DAY)
    due_on: Fact[date] = fact("本期应发日", Unit.DAY)
    is_employed_locally: Fact[bool] = fact("应发日在本市就业", words=("在本市单位就业", "当日不在本市单位就业"))
    failed_checks: Fact[int] = fact("此前年度考核不合格次数", Unit.NUMBER)
    withdrawn_on: Fact[date] = fact("命名撤销日", Unit.DAY, never="命名未撤销")
    died_on: Fact[date] = fact("去世日", Unit.DAY, never="健在")


class TermYear(Ground):
    identified_by: ClassVar = ("selection", "number")

    selection: Fact[UUID] = fact("评选命名", Unit.RECORD)
    number: Fact[int] = fact("任期第几年", Unit.NUMBER)
    person: Fact[UUID] = fact("首席技师", Unit.PERSON)
    enterprise: Fact[UUID] = fact("所在企业", Unit.ORGANISATION)
    year: Fact[int] = fact("任期年度起始年份", Unit.NUMBER)
    named_on: Fact[date] = fact("命名日", Unit.DAY)
    due_on: Fact[date] = fact("任期年度起始日", Unit.DAY)
    is_local_enterprise: Fact[bool] = fact("所在企业为本市企业", words=("本市企业", "不是本市企业"))
    is_employed_there: Fact[bool] = fact("任期年度起始日在该企业就业", words=("在该企业就业", "当日不在该企业就业"))
    failed_checks: Fact[int] = fact("此前年度考核不合格次数", Unit.NUMBER)
    withdrawn_on: Fact[date] = fact("命名撤销日", Unit.DAY, never="命名未撤销")
    died_on: Fact[date] = fact("去世日", Unit.DAY, never="健在")


def instalments(person: PersonFacts, city: City) -> Iterator[Instalment]:
    """One for each year of management: the naming day and its anniversaries (A66)."""
    for honour in person.honours:
        if honour.kind != _OUTSTANDING:
            continue
        for number, due_on in _years(honour):
            yield Instalment(
                selection=honour.id,
                number=number,
                person=person.id,
                named_on=honour.named_on,
                due_on=due_on,
                is_employed_locally=city.works_locally(person, due_on),
                failed_checks=_failed_before(honour, due_on),
                withdrawn_on=honour.withdrawn_on or NEVER,
                died_on=_died_on(person),
            )


def term_years(person: PersonFacts, city: City) -> Iterator[TermYear]:
    """One for each year of a term with an enterprise."""
    for honour in person.honours:
        enterprise_id = honour.organisation_id
        if honour.kind != _CHIEF_TECHNICIAN or enterprise_id is None:
            continue
        for number, due_on in _years(honour):
            yield TermYear(
                selection=honour.id,
                number=number,
                person=person.id,
                enterprise=enterprise_id,
                year=due_on.year,
                named_on=honour.named_on,
                due_on=due_on,
                is_local_enterprise=city.is_local(enterprise_id, ENTERPRISE, due_on),
                is_employed_there=any(place == enterprise_id for place in person.workplaces(due_on)),
                failed_checks=_failed_before(honour, due_on),
                withdrawn_on=honour.withdrawn_on or NEVER,
                died_on=_died_on(person),
            )


def _years(honour: facts.Honour) -> Iterator[tuple[int, date]]:
    """The first with the naming day, each other with an anniversary of it."""
    return ((nth + 1, years_after(honour.named_on, nth)) for nth in range(honour.term_years))


def _failed_before(honour: facts.Honour, due_on: date) -> int:
    """The check of a calendar year is made when it is over: it can stop what falls due in a later year."""
    return sum(year < due_on.year for year in honour.failed_checks)


def _died_on(person: PersonFacts) -> date | None:
    """Unknown until his own fact has arrived."""
    return (person.person.died_on or NEVER) if person.person else None
