"""Referral counts over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from common.refusal import NotFound
from common.web.problems import refusals
from common.web.reading import Reading
from matching.access import ACCESS
from matching.referrals.model import ReferralCount

router = APIRouter(prefix="/partners", tags=["输送统计"])


class ReferralCountView(BaseModel):
    """A partner's year, by persons. Management figures: what is owed is decided by awards."""

    partner_id: UUID
    year: int = Field(examples=[2018])
    delivered: int = Field(description="已申报未取消", examples=[101])
    employed: int = Field(description="其中已确认", examples=[99])
    certified_by_level: dict[str, int] = Field(description="其中持有效证书，按最高等级", examples=[{"3": 12, "4": 40}])


@router.get("/{partner_id}/referral-counts", summary="输送统计", operation_id="read_referral_counts",
             description="管理用的统计；应付多少以待遇服务的认定为准。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("referral-count:read")])  # fmt: skip
async def get_referral_counts(
    partner_id: UUID, reading: Reading, year: Annotated[int, Query(ge=2000, le=2100, description="上岗年度", examples=[2018])]
) -> ReferralCountView:
    reading.principal.must_be_organisation(partner_id)
    await reading.settled("partner-year", f"{partner_id}/{year}")
    count = await reading.session.get(ReferralCount, (partner_id, year), populate_existing=True)
    if count is None:
        return ReferralCountView(partner_id=partner_id, year=year, delivered=0, employed=0, certified_by_level={})
    return ReferralCountView.model_validate(count, from_attributes=True)
