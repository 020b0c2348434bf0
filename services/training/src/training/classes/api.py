"""Classes over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import LevelCode, OccupationKey
from contracts.training import ClassKind, ClassState
from training.access import ACCESS
from training.classes.actions import cancel_class, complete_class, open_class, plan_class
from training.classes.model import (
    ClassIsOver,
    ClassNotBegun,
    ClassNotOpen,
    ClassNotPlanned,
    ClassNumberTaken,
    ClassReversed,
    ClassStillRunning,
    ContractNumberMissing,
    EmployerMissing,
    TrainingClass,
)

router = APIRouter(prefix="/classes", tags=["班级"])
_WRITE = [ACCESS.requires("class:write")]


class NewClass(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=3, max_length=40, pattern=r"^[0-9A-Z-]+$", examples=["PH2018-0301"], description="班级编号")
    kind: ClassKind = Field(examples=[ClassKind.UNIVERSAL])
    organiser_id: UUID = Field(description="举办机构")
    employer_id: UUID | None = Field(default=None, description="用人单位；岗前、岗位技能提升、业务研修、企业自主培养高技能人才和校企班必填")
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    level_code: LevelCode = Field(examples=[4])
    starts_on: date = Field(examples=["2018-03-01"])
    ends_on: date = Field(examples=["2018-05-01"])
    price: Money | None = Field(default=None, description="班级标价；空：按中标单价")
    contract_number: str | None = Field(default=None, max_length=60, description="学校与企业的培训合同编号；校企班必填")


class ClassView(BaseModel):
    id: UUID
    version: Version
    number: str
    kind: ClassKind
    organiser_id: UUID
    employer_id: UUID | None
    occupation: str
    level_code: int
    starts_on: date
    ends_on: date
    price: Money | None
    contract_number: str | None
    state: ClassState

    @classmethod
    def of(cls, training_class: TrainingClass) -> Self:
        price = None if training_class.price_fen is None else Money.of(training_class.price_fen)
        return cls.model_validate(training_class.row() | {"price": price})


@router.post("", status_code=201, summary="登记班级", operation_id="plan_class",
             description="班级编号一经登记不再改变，名册和证书都用它找到班级。为用人单位办的班写明单位。", dependencies=_WRITE,
             responses=refusals(NotFound, ClassNumberTaken, ClassReversed, EmployerMissing, ContractNumberMissing))  # fmt: skip
async def post_class(body: NewClass, act: Act) -> ClassView:
    price_fen = body.price.fen if body.price else None
    return await act(plan_class, ClassView.of, training_class=TrainingClass(**body.model_dump(exclude={"price"}), price_fen=price_fen))


@router.post("/{class_id}:open", summary="开班", operation_id="open_class",
             description="开班日期到了才能开班。", dependencies=_WRITE,
             responses=refusals(ClassNotPlanned, ClassNotBegun))  # fmt: skip
async def post_opening(class_id: UUID, act: MatchedAct) -> ClassView:
    return await act(open_class, ClassView.of, class_id=class_id)


@router.post("/{class_id}:complete", summary="结班", operation_id="complete_class",
             description="结束日期到了才能结班。结班后不能再报名。", dependencies=_WRITE,
             responses=refusals(ClassNotOpen, ClassStillRunning))  # fmt: skip
async def post_completion(class_id: UUID, act: MatchedAct) -> ClassView:
    return await act(complete_class, ClassView.of, class_id=class_id)


@router.post(
    "/{class_id}:cancel",
    summary="取消班级",
    operation_id="cancel_class",
    description="尚未结班的班级可以取消。",
    dependencies=_WRITE,
    responses=refusals(ClassIsOver),
)
async def post_cancellation(class_id: UUID, act: MatchedAct) -> ClassView:
    return await act(cancel_class, ClassView.of, class_id=class_id)


@router.get(
    "/{class_id}",
    summary="查看班级",
    operation_id="read_class",
    description="开班、结班前先查看，页面记住看到的版本（ETag）。",
    responses=refusals(NotFound),
    dependencies=[ACCESS.requires("class:read")],
)
async def get_class(class_id: UUID, reading: Reading) -> ClassView:
    training_class = await reading.session.get(TrainingClass, class_id)
    if training_class is None:
        raise NotFound("没有这个班级")
    reading.version(training_class.version)
    return ClassView.of(training_class)


@router.get(
    "",
    summary="班级列表",
    operation_id="list_classes",
    description="可按编号、举办机构和状态筛选。",
    dependencies=[ACCESS.requires("class:read")],
)
async def get_classes(
    reading: Reading,
    paging: Paging,
    number: Annotated[str | None, Query(description="班级编号")] = None,
    organiser_id: Annotated[UUID | None, Query(description="举办机构")] = None,
    state: Annotated[ClassState | None, Query(description="状态")] = None,
) -> Page[ClassView]:
    asked = {"number": number, "organiser_id": organiser_id, "state": state}
    rows = select(TrainingClass).filter_by(**{name: value for name, value in asked.items() if value is not None})
    return await page(reading.session, rows, TrainingClass.id, paging, ClassView.of)
