"""Sponsored classes over REST. The register is open to organisations; of students and payments each sees its own."""

from datetime import date
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlmodel import col, select

from common.refusal import NotFound
from common.security.principal import Principal, Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.matching import SponsoredClassState
from matching.access import ACCESS
from matching.sponsored_classes import actions, model
from matching.sponsored_classes.model import SponsoredClass

router = APIRouter(prefix="/sponsored-classes", tags=["张家港班"])
_WRITE, _ENROL = [ACCESS.requires("sponsored-class:write")], [ACCESS.requires("sponsored-class:enrol")]


class NewSponsoredClass(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=60, examples=["ZJG2018-03"], description="班级编号")
    school_id: UUID = Field(description="外市职业院校")
    opened_on: date = Field(examples=["2018-03-05"], description="开班日，补助按该日的标准")


class Enrolment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person_id: UUID = Field(description="学生，由 registry 的 people:resolve 得到")
    enrolled_on: date = Field(examples=["2018-03-05"], description="入班日，当日已在班")


class Leaving(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person_id: UUID = Field(description="学生")
    left_on: date = Field(examples=["2018-05-28"], description="离班日，当日已不在班")


class NewPayment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    enterprise_id: UUID = Field(description="付款的企业")
    student_id: UUID | None = Field(default=None, description="为哪名学生；为全班的整笔付款留空，平均分到当日在班的学生")
    paid_on: date = Field(examples=["2018-04-10"], description="付款日")
    amount: Money
    voucher_number: str = Field(
        min_length=1, max_length=60, examples=["FK2018041000017"], description="付款凭证号；只在本服务保存，不对外发送"
    )


class Proof(BaseModel):
    model_config = ConfigDict(extra="forbid")

    payment_id: UUID = Field(description="付款")
    is_proven: StrictBool = Field(default=True, examples=[True], description="凭证是否属实；填错了可以填 false 撤回")


class Refund(BaseModel):
    model_config = ConfigDict(extra="forbid")

    payment_id: UUID = Field(description="付款")
    amount: Money = Field(examples=[{"amount": "300.00", "currency": "CNY"}], description="本次退还多少；可以分次退")


class Closing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    closed_on: date = Field(examples=["2018-05-31"], description="结束日")


class StudentView(BaseModel):
    person_id: UUID
    enrolled_on: date = Field(examples=["2018-03-05"])
    left_on: date | None


class PaymentView(BaseModel):
    payment_id: UUID
    enterprise_id: UUID
    student_id: UUID | None
    paid_on: date = Field(examples=["2018-04-10"])
    amount: Money
    refunded: Money
    is_proven: bool = Field(description="经办人已核实凭证")
    voucher_number: str = Field(examples=["FK2018041000017"])


class SponsoredClassView(BaseModel):
    id: UUID
    version: Version
    number: str = Field(examples=["ZJG2018-03"])
    school_id: UUID
    opened_on: date
    closed_on: date | None
    state: SponsoredClassState
    students: list[StudentView] = Field(description="外单位看不到")
    payments: list[PaymentView] = Field(description="企业只看本企业的")

    @classmethod
    def of(cls, course: SponsoredClass, principal: Principal) -> Self:
        """What this caller may see of it."""
        is_others = principal.role is Role.ORGANISATION and principal.organisation_id != course.school_id
        payments = [each for each in course.payments if not is_others or each["enterprise_id"] == str(principal.organisation_id)]
        money = ({"amount": Money.of(each["amount_fen"]), "refunded": Money.of(each["refunded_fen"])} for each in payments)
        return cls.model_validate(
            course.row()
            | {
                "students": [] if is_others else course.students,
                "payments": [each | sums for each, sums in zip(payments, money, strict=True)],
            }
        )


class SponsoredClassEntry(BaseModel):
    """A line of the register."""

    id: UUID
    version: Version
    number: str = Field(examples=["ZJG2018-03"])
    school_id: UUID
    opened_on: date
    closed_on: date | None
    state: SponsoredClassState

    @classmethod
    def of(cls, course: SponsoredClass) -> Self:
        return cls.model_validate(course.row())


@router.post("", status_code=201, summary="登记开班", operation_id="open_sponsored_class",
             description="企业到外市职业院校开设的班；配套补助按开班日的标准。", dependencies=_WRITE,
             responses=refusals(model.SponsoredClassNumberTaken, model.OpensInFuture))  # fmt: skip
async def post_class(body: NewSponsoredClass, act: Act) -> SponsoredClassView:
    view = partial(SponsoredClassView.of, principal=act.principal)
    return await act(actions.open_sponsored_class, view, course=SponsoredClass(**body.model_dump()))


@router.post("/{sponsored_class_id}:enrol", summary="登记学生", operation_id="enrol_sponsored_student",
             description="学校登记本校的班；离班后可以再入班。", dependencies=_ENROL,
             responses=refusals(model.SponsoredClassNotOpen, model.EnrolledOutsideItsTime, model.AlreadyInTheClass, model.SponsoredClassFull))  # fmt: skip
async def post_enrolment(sponsored_class_id: UUID, body: Enrolment, act: MatchedAct) -> SponsoredClassView:
    view = partial(SponsoredClassView.of, principal=act.principal)
    return await act(actions.enrol_student, view, sponsored_class_id=sponsored_class_id, **body.model_dump())


@router.post("/{sponsored_class_id}:leave", summary="登记离班", operation_id="let_sponsored_student_leave",
             description="自离班日起不再分到整笔付款。", dependencies=_ENROL,
             responses=refusals(model.SponsoredClassNotOpen, model.NotInTheClass, model.LeftOutsideItsTime, model.PaidAfterLeaving))  # fmt: skip
async def post_leaving(sponsored_class_id: UUID, body: Leaving, act: MatchedAct) -> SponsoredClassView:
    view = partial(SponsoredClassView.of, principal=act.principal)
    return await act(actions.let_student_leave, view, sponsored_class_id=sponsored_class_id, **body.model_dump())


@router.post("/{sponsored_class_id}:pay", summary="登记付款", operation_id="report_sponsor_payment",
             description="企业登记本企业的付款；经办人核实凭证之后才配套。", dependencies=[ACCESS.requires("sponsored-class:pay")],
             responses=refusals(
                 model.SponsoredClassNotOpen, model.NothingPaid, model.PaidBeforeOpening, model.PaidInFuture, model.NotEnrolledThatDay,
                 model.PaymentAlreadyReported, model.TooManyPayments))  # fmt: skip
async def post_payment(sponsored_class_id: UUID, body: NewPayment, act: MatchedAct) -> SponsoredClassView:
    said = body.model_dump(exclude={"amount"})
    view = partial(SponsoredClassView.of, principal=act.principal)
    return await act(actions.report_payment, view, sponsored_class_id=sponsored_class_id, amount_fen=body.amount.fen, **said)


@router.post("/{sponsored_class_id}:prove", summary="核实凭证", operation_id="prove_sponsor_payment",
             description="核实后即按一比一配套；填错了可以撤回。", dependencies=_WRITE,
             responses=refusals(model.SponsoredClassCancelled, model.PaymentAlreadyProven, model.PaymentNotProven))  # fmt: skip
async def post_proof(sponsored_class_id: UUID, body: Proof, act: MatchedAct) -> SponsoredClassView:
    view = partial(SponsoredClassView.of, principal=act.principal)
    return await act(actions.prove_payment, view, sponsored_class_id=sponsored_class_id, **body.model_dump())


@router.post("/{sponsored_class_id}:refund", summary="登记退款", operation_id="refund_sponsor_payment",
             description="企业收回的款不再配套；班级结束后也可以登记。", dependencies=_WRITE,
             responses=refusals(model.NothingPaid, model.RefundAbovePayment))  # fmt: skip
async def post_refund(sponsored_class_id: UUID, body: Refund, act: MatchedAct) -> SponsoredClassView:
    return await act(
        actions.refund_payment,
        partial(SponsoredClassView.of, principal=act.principal),
        sponsored_class_id=sponsored_class_id,
        payment_id=body.payment_id,
        amount_fen=body.amount.fen,
    )


@router.post("/{sponsored_class_id}:close", summary="班级结束", operation_id="close_sponsored_class",
             description="正常结束；已付的款照旧配套。", dependencies=_WRITE,
             responses=refusals(model.SponsoredClassNotOpen, model.ClosedOutsideItsTime))  # fmt: skip
async def post_closing(sponsored_class_id: UUID, body: Closing, act: MatchedAct) -> SponsoredClassView:
    view = partial(SponsoredClassView.of, principal=act.principal)
    return await act(actions.close_sponsored_class, view, sponsored_class_id=sponsored_class_id, **body.model_dump())


@router.post("/{sponsored_class_id}:cancel", summary="取消班级", operation_id="cancel_sponsored_class",
             description="查明没有举办的取消，付过的款不再配套。", dependencies=_WRITE,
             responses=refusals(model.SponsoredClassCancelled))  # fmt: skip
async def post_cancellation(sponsored_class_id: UUID, act: MatchedAct) -> SponsoredClassView:
    view = partial(SponsoredClassView.of, principal=act.principal)
    return await act(actions.cancel_sponsored_class, view, sponsored_class_id=sponsored_class_id)


@router.get("/{sponsored_class_id}", summary="查看班级", operation_id="read_sponsored_class",
            description="学校看全部；企业看本企业的付款。办理之前先查看，页面记住看到的版本（ETag）。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("sponsored-class:read")])  # fmt: skip
async def get_class(sponsored_class_id: UUID, reading: Reading) -> SponsoredClassView:
    course = await reading.session.get(SponsoredClass, sponsored_class_id)
    if course is None:
        raise NotFound("没有这个张家港班")
    view = SponsoredClassView.of(course, reading.principal)
    reading.saw([each.person_id for each in view.students], purpose="sponsored class")
    reading.version(course.version)
    return view


@router.get("", summary="张家港班列表", operation_id="list_sponsored_classes", description="可按学校和状态筛选；学生和付款见各班。",
            dependencies=[ACCESS.requires("sponsored-class:read")])  # fmt: skip
async def get_classes(
    reading: Reading,
    paging: Paging,
    school_id: Annotated[UUID | None, Query(description="开班学校")] = None,
    state: Annotated[SponsoredClassState | None, Query(description="状态")] = None,
) -> Page[SponsoredClassEntry]:
    rows = select(SponsoredClass)
    if school_id is not None:
        rows = rows.where(col(SponsoredClass.school_id) == school_id)
    if state is not None:
        rows = rows.where(col(SponsoredClass.state) == state)
    return await page(reading.session, rows, SponsoredClass.id, paging, SponsoredClassEntry.of)
