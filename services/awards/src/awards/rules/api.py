"""The public rule pages, from what actually runs, and the figures in force."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from awards.access import ACCESS
from awards.kernel.wording import describe
from awards.parameters import reads
from awards.parameters.history import figures_known_at
from awards.policy.check import declared, shapes_declared
from awards.policy.schemes import BY_ID, SCHEMES
from common.database.engine import raw
from common.refusal import NotFound
from common.web.problems import refusals
from common.web.reading import Reading

router = APIRouter(tags=["规则"])


class ConditionView(BaseModel):
    title: str = Field(examples=["出勤达到要求"])
    rule: str = Field(examples=["出勤率不低于最低出勤率"])


class ParameterView(BaseModel):
    name: str = Field(examples=["universal-training.insured_months"])
    title: str = Field(examples=["参保月数要求"])
    paper: str = Field(description="意见没有规定标准的，由哪类文件确定", examples=[""])


class RulePage(BaseModel):
    """One scheme as it runs."""

    id: str = Field(examples=["universal-training"])
    clause: str = Field(examples=["R6.c"])
    title: str = Field(examples=["普惠制职业技能培训补贴"])
    fund: str = Field(examples=["就业专项资金"])
    conditions: list[ConditionView]
    amount: str = Field(examples=["培训费 × 补贴比例"])
    payee: str = Field(examples=["培训机构"])
    judged_on: str = Field(description="按哪一天的标准", examples=["开班日期"])
    once_per: list[str] = Field(description="同一事项只付一次", examples=[["人员", "班级"]])
    parameters: list[ParameterView]
    hash: str = Field(examples=["3f0c9a52e1d7"])


class RulePages(BaseModel):
    items: list[RulePage]


class FigureView(BaseModel):
    """One figure of a parameter. Money is fen, shares are basis points."""

    parameter: str = Field(examples=["universal-training.insured_months"])
    title: str = Field(examples=["参保月数要求"])
    value: Any = Field(examples=[6], description="金额为分，比例为万分之几")
    effective_from: date = Field(examples=["2018-01-01"])
    valid_to: date | None
    reviewed_until: date | None
    paper: str = Field(examples=["张人社〔2018〕2号"])


class FigureKnown(BaseModel):
    """One figure on both axes. Nothing is edited: what takes its place is another figure."""

    id: UUID
    value: Any = Field(examples=[6], description="金额为分，比例为万分之几；空为未定")
    effective_from: date = Field(examples=["2018-01-01"], description="从这一天起发生的事项按此执行")
    valid_to: date | None
    published_on: date | None
    reviewed_until: date | None
    paper: str = Field(examples=["张人社〔2018〕2号"])
    known_since: datetime = Field(examples=["2018-01-05T09:30:00+08:00"], description="何时决定（本系统自何时知道）")
    known_until: datetime | None = Field(description="何时被更正；空为仍有效")
    proposal_id: UUID | None = Field(description="由哪个标准调整决定；空为系统初始标准")


class ParameterHistory(BaseModel):
    """A parameter as the rules read it, and every figure that it ever had."""

    parameter: str = Field(examples=["universal-training.insured_months"])
    title: str = Field(examples=["参保月数要求"])
    unit: str = Field(examples=["MONTHS"])
    by: str | None = Field(examples=["LEVEL"], description="分别按什么设数：LEVEL 等级")
    among: list[str] = Field(examples=[["BASE", "TRAINEE"]], description="可选的值")
    clause: str | None = Field(examples=["R6.c"])
    floor: Any = Field(examples=[None], description="文件规定的最低标准（不低于）")
    figures: list[FigureKnown]


class Figures(BaseModel):
    parameter_set_hash: str = Field(examples=["b81e44d09a67"])
    items: list[FigureView]


@router.get(
    "/schemes",
    summary="待遇规则",
    operation_id="list_schemes",
    description="条件、金额、收款方，与实际运行的规则一字不差。",
    dependencies=[ACCESS.requires("rule:read")],
)
async def get_schemes() -> RulePages:
    return RulePages(items=[RulePage.model_validate(describe(scheme)) for scheme in SCHEMES])


@router.get(
    "/schemes/{scheme_id}",
    summary="规则说明",
    operation_id="read_scheme",
    description="一个待遇项目的条件、金额和收款方。",
    responses=refusals(NotFound),
    dependencies=[ACCESS.requires("rule:read")],
)
async def get_scheme(scheme_id: Annotated[str, Path(description="待遇项目", examples=["universal-training"])]) -> RulePage:
    found = next((scheme for scheme in SCHEMES if scheme.id == scheme_id), None)
    if found is None:
        raise NotFound("没有这个待遇项目")
    return RulePage.model_validate(describe(found))


@router.get("/parameters", summary="现行标准", operation_id="list_parameters", dependencies=[ACCESS.requires("rule:read")],
            description="每项标准的数值、起止日期和批准文号；known_at 为过去某一时刻时，为当时已知的标准。")  # fmt: skip
async def get_parameters(
    reading: Reading,
    known_at: Annotated[AwareDatetime | None, Query(description="当时已知的标准", examples=["2018-12-01T00:00:00+08:00"])] = None,
) -> Figures:
    if known_at is None:
        parameters = await reading.equipment.figures(await raw(reading.session))
    else:
        parameters = await figures_known_at(reading.session, known_at)
    known = declared()
    items = [
        FigureView.model_validate({"parameter": name, "title": known[name].label} | figure)
        for name, figures in parameters.content().items()
        if name in known
        for figure in figures
    ]
    return Figures(parameter_set_hash=parameters.hash, items=items)


@router.get("/parameters/{parameter}", summary="标准沿革", operation_id="read_parameter", responses=refusals(NotFound),
            description="一项标准的单位、条款、最低标准，和它有过的每个数值：从哪天起执行，何时决定，何时被更正。",
            dependencies=[ACCESS.requires("rule:read")])  # fmt: skip
async def get_parameter(
    parameter: Annotated[str, Path(max_length=100, description="标准", examples=["universal-training.insured_months"])], reading: Reading
) -> ParameterHistory:
    known = declared().get(parameter)
    if known is None:
        raise NotFound("没有这个标准")
    figures = await reads.history(reading.session, parameter)
    shape, scheme = shapes_declared()[parameter], BY_ID.get(parameter.partition(".")[0])
    return ParameterHistory(
        parameter=parameter,
        title=known.label,
        unit=known.unit.name,
        by=shape.by.name if shape.by else None,
        among=list(shape.among),
        clause=scheme.clause if scheme else None,
        floor=known.floor,
        figures=[FigureKnown.model_validate(figure.row() | {"paper": figure.paper_number}) for figure in figures],
    )
