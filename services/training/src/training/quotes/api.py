"""The counter's quote over REST, asked of awards."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from common.refusal import Conflict, NotFound, Unavailable
from common.web.money import Money
from common.web.problems import refusals
from common.web.reading import Reading
from contracts import training as published
from contracts.training import ClassKind
from training.access import ACCESS
from training.classes.model import TrainingClass
from training.equipment import Equipment

router = APIRouter(prefix="/classes", tags=["班级"])
_SCHEMES = {ClassKind.UNIVERSAL: "universal-training", ClassKind.SHORTAGE: "shortage-training"}


class NothingToQuote(Conflict):
    title = "这类班级没有可试算的补贴项目"


class QuoteAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person_id: UUID = Field(description="学员，由 registry 的 people:resolve 得到")


class QuoteLine(BaseModel):
    holds: bool | None
    title: str = Field(examples=["出勤达到要求"])
    seen: str = Field(examples=["出勤率 100%"])


class Quote(BaseModel):
    """What would come of it, were the person to attend in full and pass. Nothing is promised."""

    outcome: str = Field(examples=["GRANTED"])
    due: Money | None
    explanation: str = Field(examples=["普惠制职业技能培训补贴（第六款） 符合"])
    lines: list[QuoteLine]


@router.post("/{class_id}/quotes", summary="窗口试算", operation_id="quote_class",
             description="假定全勤、结业并取证，按现有资料试算补贴；仅供参考，不作承诺。", responses=refusals(NotFound, NothingToQuote, Unavailable),
             dependencies=[ACCESS.requires("quote:read")])  # fmt: skip
async def post_quote(class_id: UUID, body: QuoteAsked, reading: Reading) -> Quote:
    training_class = await reading.session.get(TrainingClass, class_id)
    if training_class is None:
        raise NotFound("没有这个班级")
    reading.principal.must_be_organisation(training_class.organiser_id)
    if training_class.kind not in _SCHEMES:
        raise NothingToQuote
    equipment: Equipment = reading.equipment
    asked: dict[str, Any] = {
        "scheme": _SCHEMES[training_class.kind],
        "person_id": str(body.person_id),
        "class": published.TrainingClass.model_validate(training_class.row()).model_dump(mode="json"),
    }
    reading.saw([body.person_id], purpose="quote")
    return Quote.model_validate(await equipment.others.post("/awards/v1/quotes", asked))
