"""The public rule pages, from what actually runs, and the figures in force."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from awards.access import ACCESS
from awards.kernel.wording import describe
from awards.policy.check import declared
from awards.policy.schemes import SCHEMES
from common.refusal import NotFound
from common.web.problems import refusals
from common.web.reading import Reading

router = APIRouter(tags=["规则"])


class ConditionView(BaseModel):
    title: str
    rule: str


class ParameterView(BaseModel):
    name: str = Field(examples=["universal-training.insured_months"])
    title: str = Field(examples=["参保月数要求"])


class RulePage(BaseModel):
    """One scheme as it runs."""

    id: str = Field(examples=["universal-training"])
    clause: str
    title: str
    fund: str
    conditions: list[ConditionView]
    amount: str
    payee: str
    judged_on: str = Field(description="按哪一天的标准")
    once_per: list[str] = Field(description="同一事项只付一次")
    parameters: list[ParameterView]
    hash: str


class RulePages(BaseModel):
    items: list[RulePage]


class FigureView(BaseModel):
    """One figure of a parameter. Money is fen, shares are basis points."""

    parameter: str = Field(examples=["universal-training.insured_months"])
    title: str = Field(examples=["参保月数要求"])
    value: Any
    effective_from: date
    valid_to: date | None
    reviewed_until: date | None
    paper: str


class Figures(BaseModel):
    parameter_set_hash: str
    items: list[FigureView]


@router.get("/schemes", summary="待遇规则", operation_id="list_schemes", responses=refusals(), dependencies=[ACCESS.requires("rule:read")])
async def get_schemes() -> RulePages:
    return RulePages(items=[RulePage.model_validate(describe(scheme)) for scheme in SCHEMES])


@router.get(
    "/schemes/{scheme_id}",
    summary="规则说明",
    operation_id="read_scheme",
    responses=refusals(NotFound),
    dependencies=[ACCESS.requires("rule:read")],
)
async def get_scheme(scheme_id: str) -> RulePage:
    found = next((scheme for scheme in SCHEMES if scheme.id == scheme_id), None)
    if found is None:
        raise NotFound("没有这个待遇项目")
    return RulePage.model_validate(describe(found))


@router.get(
    "/parameters", summary="现行标准", operation_id="list_parameters", responses=refusals(), dependencies=[ACCESS.requires("rule:read")]
)
async def get_parameters(reading: Reading) -> Figures:
    parameters = reading.equipment.parameters
    known = declared()
    items = [
        FigureView.model_validate({"parameter": name, "title": known[name].label} | figure)
        for name, figures in parameters.content().items()
        for figure in figures
    ]
    return Figures(parameter_set_hash=parameters.hash, items=items)
