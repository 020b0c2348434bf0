"""Explanations over REST: of an entitlement, of a person ("why not me"), an organisation, a partner's year; decisions replayed."""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from awards.access import ACCESS
from awards.entitlements import reads
from awards.entitlements.model import Decision, Entitlement
from awards.equipment import Equipment
from awards.explanations.explaining import (
    Explained,
    PlacementExplained,
    explain_organisation,
    explain_partner_year,
    explain_person,
    explain_placements,
    explain_sponsored_places,
)
from awards.explanations.replaying import Case, GroundHasGone, RuleNotKept, SchemeGone, differences, explain_decision, rule_of, rule_of_now
from awards.kernel.explanation import Explanation
from awards.kernel.parameters import Parameters
from awards.kernel.wording import describe
from awards.policy.grounds.sponsored_place import SponsoredPlace
from awards.policy.schemes import BY_ID
from awards.reconciling.merged import canonical_of
from awards.reconciling.partner_years import load_grounds
from awards.replicas import placements
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.refusal import NotFound
from common.security.principal import Principal, Role
from common.web.money import Money
from common.web.pages import Page, Paging, cut
from common.web.problems import refusals
from common.web.reading import Reading, Reading_

router = APIRouter(tags=["说明"])


class LineView(BaseModel):
    """One condition."""

    holds: bool | None = Field(description="是否满足；null 为尚不清楚")
    title: str = Field(examples=["出勤达到要求"])
    seen: str = Field(examples=["出勤率 92.5%"])


class ExplanationView(BaseModel):
    """What an official would say."""

    scheme: str = Field(examples=["universal-training"])
    clause: str = Field(examples=["R6.c"])
    title: str = Field(examples=["普惠制职业技能培训补贴"])
    outcome: str = Field(examples=["GRANTED"])
    outcome_name: str = Field(examples=["符合"])
    amount: Money
    lines: list[LineView]
    worked_out: str = Field(description="金额怎样算出", examples=["1180.00 元 × 80% = 944.00 元"])
    figures: list[str] = Field(description="所用标准，自何日起", examples=[["中级工以上补贴比例 80%，自 2018-01-01"]])
    this_one: str = Field(description="这件事怎样才能得到", examples=["已符合"])
    anew: str = Field(description="本人今后怎样才能得到", examples=["参加另一职业或等级的培训"])
    look_again_on: date | None
    contact: str = Field(examples=["市人社局职业能力建设科"])
    displaced_by_scheme: str | None = None
    displaced_by_key: str | None = None
    left: Money | None = Field(default=None, description="被另一项覆盖，但应补足的差额")
    text: str = Field(description="全文", examples=["普惠制职业技能培训补贴（第六款） 符合\n✓ 出勤达到要求 出勤率 92.5%"])

    @classmethod
    def of(cls, explained: Explained) -> Self:
        told, winner = explained.explanation, explained.displaced_by
        return cls(
            scheme=told.scheme,
            clause=told.clause,
            title=told.title,
            outcome=told.outcome.name,
            outcome_name=told.standing,
            amount=Money.of(told.amount_fen),
            lines=_lines(told),
            worked_out=told.worked_out,
            figures=list(told.figures),
            this_one=told.this_one,
            anew=told.anew,
            look_again_on=told.look_again_on,
            contact=told.contact,
            displaced_by_scheme=winner.scheme if winner else None,
            displaced_by_key=winner.key if winner else None,
            left=Money.of(explained.left_fen) if explained.left_fen else None,
            text=explained.text,
        )


def _lines(told: Explanation) -> list[LineView]:
    return [LineView(holds=line.holds, title=line.title, seen=line.seen) for line in told.lines]


class SchemeForPerson(BaseModel):
    """One scheme, and everything of a person's that it judges; with nothing to judge, what it asks for."""

    scheme: str = Field(examples=["universal-training"])
    title: str = Field(examples=["普惠制职业技能培训补贴"])
    explanations: list[ExplanationView]
    asks_for: list[str] = Field(description="没有可认定的事项时：需要满足的条件", examples=[["出勤达到要求"]])


class PersonExplained(BaseModel):
    person_id: UUID
    schemes: list[SchemeForPerson]


class OrganisationExplained(BaseModel):
    organisation_id: UUID
    schemes: list[SchemeForPerson]


class SponsoredPlaceView(BaseModel):
    """What one sponsor's payments for the student are matched with, and why."""

    enterprise_id: UUID
    paid: Money = Field(description="该单位为该学生付款（已扣退款），不论是否核实")
    explanation: ExplanationView


class SponsoredStudentExplained(BaseModel):
    sponsored_class_id: UUID
    person_id: UUID
    sponsors: list[SponsoredPlaceView]


class PartnerYearView(BaseModel):
    """A partner's year: how many count, how many may yet count, what that earns, and what one more would change."""

    partner_id: UUID
    year: int = Field(examples=[2018])
    persons: int = Field(examples=[101], description="计入的人数")
    undecided: int = Field(examples=[2], description="尚未认定的人数：所缺情况查明后可能计入")
    explanation: ExplanationView
    one_more_adds: Money = Field(description="再多输送一人，增加多少")


class PlacementView(BaseModel):
    """One placement: whether it counts, and if not, or not yet, why."""

    id: UUID
    person_id: UUID
    counts: bool
    is_undecided: bool = Field(description="尚未认定：所缺情况查明后可能计入")
    because: str = Field(examples=["已计入另一条输送记录"])
    lines: list[LineView]

    @classmethod
    def of(cls, told: PlacementExplained) -> Self:
        lines = [LineView(holds=line.holds, title=line.title, seen=line.seen) for line in told.lines]
        return cls(
            id=told.placement_id, person_id=told.person_id, counts=told.counts is True, is_undecided=told.counts is None,
            because=_because(told), lines=lines,
        )  # fmt: skip


def _because(told: PlacementExplained) -> str:
    failing = next((line for line in told.lines if line.holds is False), None)
    if told.counts:
        return "计入"
    if told.counts is None:
        return f"尚未认定，待查明：{told.awaits}"
    return f"{failing.title}：{failing.seen}" if failing else "该人员已计入另一条输送记录（一人一生只计一次）"


class Whose(StrEnum):
    """Of the day of the decision, or of today."""

    THEN = "THEN"
    NOW = "NOW"


class Replayed(BaseModel):
    """A decision made again from its record."""

    decision_id: UUID
    rule: Whose
    figures: Whose
    outcome: str = Field(examples=["GRANTED"])
    amount: Money
    is_equal: bool = Field(description="与当时的认定是否完全一致")
    differences: list[str] = Field(description="与当时的认定有何不同", examples=[[]])


async def _today(reading: Reading_) -> date:
    day, _ = await today_and_epoch(await raw(reading.session))
    return day


async def _parameters(reading: Reading_, hash_: str) -> Parameters:
    equipment: Equipment = reading.equipment
    return await equipment.figures_of(await raw(reading.session), hash_)


@router.get("/entitlements/{entitlement_id}/explanation", summary="权益说明", operation_id="explain_entitlement",
             description="逐条说明满足或不满足哪项条件、看到什么、金额怎样算出。",
            responses=refusals(NotFound, GroundHasGone, RuleNotKept), dependencies=[ACCESS.requires("explanation:read")])  # fmt: skip
async def get_explanation(entitlement_id: UUID, reading: Reading) -> ExplanationView:
    row: Entitlement = await reads.find(reading.session, reading.principal, entitlement_id)
    decision = await reads.decision(reading.session, row.decision_id)
    parameters = await _parameters(reading, decision.parameter_set_hash)
    rule = await rule_of(await raw(reading.session), row.scheme, decision.rule_hash)
    explained = explain_decision(decision, rule, parameters, await _today(reading))
    if explained is None:
        raise GroundHasGone
    reading.saw([row.person_id] if row.person_id else [], purpose="explanation")
    return ExplanationView.of(explained)


@router.get("/decisions/{decision_id}/replay", summary="重演认定", operation_id="replay_decision",
             description="用当时的事实再认定一次，与记录逐分比较：规则和标准默认用当时的，也可换成现在的，看有何不同。",
             responses=refusals(NotFound, RuleNotKept, SchemeGone), dependencies=[ACCESS.requires("decision:read")])  # fmt: skip
async def get_replay(
    decision_id: UUID, reading: Reading,
    rule: Annotated[Whose, Query(description="用哪时的规则")] = Whose.THEN,
    figures: Annotated[Whose, Query(description="用哪时的标准")] = Whose.THEN,
) -> Replayed:  # fmt: skip
    decision: Decision = await reads.decision(reading.session, decision_id)
    row = await reading.session.get_one(Entitlement, decision.entitlement_id)
    connection, equipment = await raw(reading.session), reading.equipment
    rule_then = await rule_of(connection, row.scheme, decision.rule_hash)
    then = Case(rule_then, decision.ground, await _parameters(reading, decision.parameter_set_hash), decision.business_day)
    now = replace(
        then,
        rule=rule_of_now(row.scheme) if rule is Whose.NOW else rule_then,
        parameters=await equipment.figures(connection) if figures is Whose.NOW else then.parameters,
    )
    outcome, amount = now.decide()
    return Replayed(
        decision_id=decision.id, rule=rule, figures=figures, outcome=outcome.name, amount=Money.of(amount),
        is_equal=(outcome.name, amount) == (decision.outcome, decision.amount_fen),
        differences=list(differences(then.explain(), now.explain())),
    )  # fmt: skip


@router.get("/people/{person_id}/explanations", summary="个人说明", operation_id="explain_person", responses=refusals(NotFound),
            description="每个待遇项目：已得到的、可能得到的、为什么还没有，以及怎样才能得到。", dependencies=[ACCESS.requires("explanation:read")])  # fmt: skip
async def get_person(person_id: UUID, reading: Reading) -> PersonExplained:
    reading.principal.must_be_person(person_id)
    await reading.settled("person", str(person_id))
    owner = await canonical_of(await raw(reading.session), person_id)
    if owner != person_id:
        await reading.settled("person", str(owner))
    found = await explain_person(await raw(reading.session), reading.equipment, owner, await _today(reading))
    reading.saw([person_id], purpose="explanation")
    return PersonExplained(person_id=person_id, schemes=[_scheme(scheme, told) for scheme, told in found.items()])


def _scheme(scheme: str, told: list[Explained]) -> SchemeForPerson:
    asks_for = [] if told else [each["title"] for each in describe(BY_ID[scheme])["conditions"]]
    return SchemeForPerson(
        scheme=scheme, title=BY_ID[scheme].title, explanations=[ExplanationView.of(each) for each in told], asks_for=asks_for
    )


@router.get("/organisations/{organisation_id}/explanations", summary="单位说明", operation_id="explain_organisation",
            description="教师授课、示范基地、名师工作室：已得到的、可能得到的、为什么还没有，以及怎样才能得到。",
            responses=refusals(NotFound), dependencies=[ACCESS.requires("organisation-explanation:read")])  # fmt: skip
async def get_organisation(organisation_id: UUID, reading: Reading) -> OrganisationExplained:
    reading.principal.must_be_organisation(organisation_id)
    await reading.settled("organisation", str(organisation_id))
    found = await explain_organisation(await raw(reading.session), reading.equipment, organisation_id, await _today(reading))
    return OrganisationExplained(organisation_id=organisation_id, schemes=[_scheme(scheme, told) for scheme, told in found.items()])


@router.get("/sponsored-classes/{sponsored_class_id}/students/{student_id}/explanations", summary="张家港班学生",
            operation_id="explain_sponsored_student", responses=refusals(NotFound),
            description="为这名学生付款的每家企业配套多少、怎样分摊、还差什么。学校看全部，企业看本企业的，学生看本人的。",
            dependencies=[ACCESS.requires("explanation:read")])  # fmt: skip
async def get_sponsored_student(sponsored_class_id: UUID, student_id: UUID, reading: Reading) -> SponsoredStudentExplained:
    if reading.principal.role is Role.PERSON:
        reading.principal.must_be_person(student_id)
    await reading.settled("sponsored-class", str(sponsored_class_id))
    told = await explain_sponsored_places(
        await raw(reading.session), reading.equipment, sponsored_class_id, student_id, await _today(reading)
    )
    own = [(place, explained) for place, explained in told if _concerns(reading.principal, place)]
    if not own:
        raise NotFound("没有为这名学生付款的记录")
    reading.saw([student_id], purpose="explanation")
    sponsors = [
        SponsoredPlaceView.model_validate(
            {"enterprise_id": place.sponsor, "paid": Money.of(place.paid_fen or 0), "explanation": ExplanationView.of(explained)}
        )
        for place, explained in own
    ]
    return SponsoredStudentExplained(sponsored_class_id=sponsored_class_id, person_id=student_id, sponsors=sponsors)


def _concerns(principal: Principal, place: SponsoredPlace) -> bool:
    """Of organisations the school sees all, a sponsor its own."""
    return principal.role is not Role.ORGANISATION or principal.organisation_id in (place.school, place.sponsor)


Year = Annotated[int, Path(ge=2000, le=2100, examples=[2018])]


@router.get("/partners/{partner_id}/years/{year}", summary="合作单位年度", operation_id="explain_partner_year",
             description="这一年有多少人计入、得到多少，再多输送一人会怎样。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("partner-year:read")])  # fmt: skip
async def get_partner_year(partner_id: UUID, year: Year, reading: Reading) -> PartnerYearView:
    reading.principal.must_be_organisation(partner_id)
    dossier = f"{partner_id}/{year}"
    await reading.settled("partner-year", dossier)
    connection, equipment = await raw(reading.session), reading.equipment
    ground = (await load_grounds(connection, equipment.registers, [dossier]))[dossier]
    explanation, more = explain_partner_year(ground, await equipment.figures(connection), await _today(reading))
    return PartnerYearView(
        partner_id=partner_id,
        year=year,
        persons=ground.persons or 0,
        undecided=ground.undecided or 0,
        explanation=ExplanationView.of(Explained(explanation)),
        one_more_adds=Money.of(more),
    )


@router.get("/partners/{partner_id}/years/{year}/placements", summary="逐人说明", operation_id="explain_partner_placements",
            description="该年度的每条输送记录：是否计入，为什么。", responses=refusals(NotFound), dependencies=[ACCESS.requires("partner-year:read")])  # fmt: skip
async def get_placements(partner_id: UUID, year: Year, reading: Reading, paging: Paging) -> Page[PlacementView]:
    reading.principal.must_be_organisation(partner_id)
    connection = await raw(reading.session)
    rows = await connection.fetch(_PLACEMENTS, str(partner_id), str(year), paging.before, paging.limit + 1)
    told = await explain_placements(
        connection, reading.equipment, [(row["id"], UUID(row["person"])) for row in rows[: paging.limit]], await _today(reading)
    )
    reading.saw([each.person_id for each in told], purpose="placements")
    views = [PlacementView.of(each) for each in told]
    return cut(views, views, has_more=len(rows) > paging.limit)


_PLACEMENTS = f"""
    SELECT id, person FROM {placements.table}
    WHERE state ->> 'partner_id' = $1 AND left(state ->> 'started_on', 4) = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4
"""  # noqa: S608 - declared names
