"""The counter's quote: what a class would earn for a person, were he to attend it and pass. Nothing is promised, nothing is stored."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from uuid_utils.compat import uuid7

from awards.access import ACCESS
from awards.equipment import Equipment
from awards.explanations.api import LineView
from awards.explanations.explaining import Explained
from awards.kernel.explanation import explain
from awards.kernel.parameters import Parameters
from awards.policy.dossier import City, PersonFacts
from awards.policy.due import person_due
from awards.policy.names import Key
from awards.policy.schemes import BY_ID
from awards.policy.stacked import Settled
from awards.reconciling.loading import load_city, load_persons
from awards.reconciling.merged import canonical_of, settled_of
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.refusal import NotFound
from common.web.money import Money
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.certification import Certificate, CertificateKind, EvaluationMode
from contracts.compatibility import example
from contracts.training import Participation, ParticipationResult, TrainingClass

router = APIRouter(prefix="/quotes", tags=["说明"])


class Quoted(StrEnum):
    UNIVERSAL_TRAINING = "universal-training"
    SHORTAGE_TRAINING = "shortage-training"


class QuoteAsked(BaseModel):
    """A person and a class, as training knows it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    scheme: Quoted = Field(description="待遇项目")
    person_id: UUID = Field(description="学员")
    training_class: TrainingClass = Field(
        alias="class", description="班级，内容同培训服务公布的", examples=[json.loads(example("training.class"))]
    )


class Quote(BaseModel):
    """What would come of it."""

    outcome: str = Field(examples=["GRANTED"])
    due: Money | None
    explanation: str = Field(examples=["普惠制职业技能培训补贴（第六款） 符合"])
    lines: list[LineView]


@router.post("", summary="窗口试算", operation_id="quote", dependencies=[ACCESS.requires("quote:read")], responses=refusals(NotFound),
             description="假定按期参加、全勤、结业并取得相应证书，连同已有的待遇一并试算；仅供参考。机构只能试算本机构的班级。")  # fmt: skip
async def post_quote(body: QuoteAsked, reading: Reading) -> Quote:
    reading.principal.must_be_organisation(body.training_class.organiser_id)
    connection = await raw(reading.session)
    equipment: Equipment = reading.equipment
    owner = await canonical_of(connection, body.person_id)
    (person,), _ = await load_persons(connection, equipment.registers, [str(owner)])
    supposed = _supposed(person, body.training_class)
    city = await load_city(connection, equipment.registers, [supposed], [body.training_class])
    today, _ = await today_and_epoch(connection)
    reading.saw([body.person_id], purpose="quote")
    explained = _quote(
        body,
        supposed,
        city,
        await equipment.figures(connection),
        max(today, body.training_class.ends_on),
        await settled_of(connection, person),
    )
    told = explained.explanation
    lines = [LineView(holds=line.holds, title=line.title, seen=line.seen) for line in told.lines]
    due = Money.of(explained.due_fen) if explained.due_fen else None
    return Quote(outcome=told.outcome.name, due=due, explanation=explained.text, lines=lines)


def _supposed(person: PersonFacts, course: TrainingClass) -> PersonFacts:
    """The person, were he to have attended this class too and passed."""
    taken = Participation(
        id=uuid7(), person_id=person.id, class_id=course.id, enrolled_on=course.starts_on, attended_share_bp=10_000,
        completed_on=course.ends_on, result=ParticipationResult.PASSED,
    )  # fmt: skip
    earned = Certificate(
        id=uuid7(), person_id=person.id, occupation=course.occupation, level_code=course.level_code, mode=EvaluationMode.SOCIAL_APPRAISAL,
        kind=CertificateKind.SKILL_LEVEL, issued_on=course.ends_on, body_id=course.organiser_id, class_id=course.id,
    )  # fmt: skip
    taken_before = [each for each in person.participations if each.class_id != course.id]
    earned_before = [each for each in person.certificates if each.class_id != course.id]
    return replace(person, participations=[*taken_before, taken], certificates=[*earned_before, earned])


def _quote(
    body: QuoteAsked, person: PersonFacts, city: City, parameters: Parameters, on: date, settled: Mapping[Key, Settled]
) -> Explained:
    """The class's ground under the scheme, and what displaces it among all that is then due to him."""
    due = person_due(person, city, parameters, on, settled)
    scheme = BY_ID[body.scheme]
    ground = next(
        each for each in due.grounds if isinstance(each, scheme.ground) and each.__dict__["training_class"] == body.training_class.id
    )
    displaced_by, left_fen = next(
        ((owed.displaced_by, owed.left_fen) for owed in due.owed if owed.ground is ground and owed.scheme is scheme), (None, 0)
    )
    return Explained(explain(scheme, ground, parameters, on), displaced_by, left_fen)
