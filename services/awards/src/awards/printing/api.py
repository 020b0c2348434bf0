"""The printed pages over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from awards.access import ACCESS
from awards.entitlements import reads
from awards.explanations.replaying import GroundHasGone, RuleNotKept, explain_decision, rule_of
from awards.policy.schemes import BY_ID
from awards.printing.notice import notice
from awards.printing.rule_page import rule_page
from awards.printing.sheet import ANSWER, sheet
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.refusal import NotFound
from common.web.problems import refusals
from common.web.reading import Reading

router = APIRouter()


@router.get("/schemes/{scheme_id}/page", summary="规则说明（打印）", operation_id="print_scheme", tags=["规则"], response_class=HTMLResponse,
            description="条件、金额、标准的历次变动、文件没有写明处的读法和事例，供打印、张贴。", responses=ANSWER | refusals(NotFound),
            dependencies=[ACCESS.requires("rule:read")])  # fmt: skip
async def get_rule_page(
    scheme_id: Annotated[str, Path(description="待遇项目", examples=["universal-training"])], reading: Reading
) -> HTMLResponse:
    scheme = BY_ID.get(scheme_id)
    if scheme is None:
        raise NotFound("没有这个待遇项目")
    parameters = await reading.equipment.figures(await raw(reading.session))
    return sheet(scheme.title, rule_page(scheme, parameters), f"规则编号 {scheme.hash}，标准编号 {parameters.hash}", name=scheme.id)


@router.get("/entitlements/{entitlement_id}/notice", summary="告知书", operation_id="print_notice", tags=["说明"], response_class=HTMLResponse,
            description="一项权益怎样认定、怎样算出、找谁咨询，供打印送达；姓名、地址由送达单位填写。",
            responses=ANSWER | refusals(NotFound, GroundHasGone, RuleNotKept), dependencies=[ACCESS.requires("explanation:read")])  # fmt: skip
async def get_notice(entitlement_id: UUID, reading: Reading) -> HTMLResponse:
    row = await reads.find(reading.session, reading.principal, entitlement_id)
    decision = await reads.decision(reading.session, row.decision_id)
    connection = await raw(reading.session)
    rule = await rule_of(connection, row.scheme, decision.rule_hash)
    today, _ = await today_and_epoch(connection)
    parameters = await reading.equipment.figures_of(connection, decision.parameter_set_hash)
    explained = explain_decision(decision, rule, parameters, today)
    if explained is None:
        raise GroundHasGone
    reading.saw([row.person_id] if row.person_id else [], purpose="notice")
    return sheet(f"{rule.title}认定告知书", notice(explained), f"{today}　认定记录 {decision.id}", name=f"notice-{row.id}")
