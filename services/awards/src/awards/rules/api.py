"""The public rule pages, from what actually runs, and the figures in force."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from awards.access import ACCESS
from awards.kernel.wording import describe
from awards.policy.check import declared
from awards.policy.schemes import SCHEMES
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


@router.get(
    "/parameters",
    summary="现行标准",
    operation_id="list_parameters",
    description="每项标准的数值、起止日期和批准文号。",
    dependencies=[ACCESS.requires("rule:read")],
)
async def get_parameters(reading: Reading) -> Figures:
    parameters = await reading.equipment.figures(await raw(reading.session))
    known = declared()
    items = [
        FigureView.model_validate({"parameter": name, "title": known[name].label} | figure)
        for name, figures in parameters.content().items()
        for figure in figures
    ]
    return Figures(parameter_set_hash=parameters.hash, items=items)
