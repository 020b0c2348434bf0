"""A service's part of what is counted across the city: what it has published and answers for, and the heads of its audit's chain."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from common.audit.heads import Head, heads_of_days, newest_head
from common.bus import integrity
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.web.operators import watcher
from common.web.reading import Reading

if TYPE_CHECKING:
    from common.service import Service

_DAYS = 100


class HeardView(BaseModel):
    topic: str = Field(examples=["certification.certificate"])
    epoch: int = Field(examples=[1])
    heard: int = Field(description="不同版本数：已采用或已被更新版本取代", examples=[230])
    dead: int = Field(description="无法读取、等待处理", examples=[0])
    discarded: int = Field(description="已说明理由作废", examples=[0])
    counted: int = Field(description="累计计数，应与 kept 相等", examples=[230])
    kept: int = Field(description="保存的版本数", examples=[230])


class IntegrityView(BaseModel):
    """This service's part: each owner's `published` must be every reader's heard + dead + discarded."""

    epoch: int = Field(examples=[1])
    published: dict[str, int] = Field(description="本服务各主题已发布的不同版本数", examples=[{"certification.certificate": 230}])
    heard: list[HeardView]


class HeadView(BaseModel):
    """How the audit's chain stood: whoever keeps this can tell later whether anything before it was changed or cut off."""

    day: date = Field(examples=["2018-06-01"], description="业务日期")
    seal_no: int = Field(examples=[1280], description="到此为止的最后一枚封印")
    count: int = Field(examples=[36], description="这一天封印的记录数")
    hash: str = Field(examples=["9f2c0a52e1d7b81e44d09a673f0c9a52e1d7b81e44d09a673f0c9a52e1d7b81e"], description="这枚封印的散列")
    at: datetime = Field(examples=["2018-06-01T09:30:00+08:00"])

    @classmethod
    def of(cls, head: Head) -> Self:
        return cls(day=head.day, seal_no=head.seal_no, count=head.count, hash=head.hash.hex(), at=head.at)


class HeadsView(BaseModel):
    """The chain as it stands, and its heads at the end of the latest business days, oldest first."""

    service: str = Field(examples=["awards"])
    newest: HeadView | None = Field(description="现在的链头；尚无记录时为空")
    days: list[HeadView] = Field(description="最近各业务日终了时的链头")


def router(service: Service) -> APIRouter:
    """`GET /operations/integrity` and `/operations/audit-head`."""
    routes = APIRouter(prefix="/operations", tags=["运维"])

    @routes.get(
        "/integrity", summary="收发对账", operation_id=f"{service.name}_read_integrity", dependencies=[Depends(watcher)],
        description="逐个主题清点：发布多少，接收方就应交代多少。有差额即有丢失或多出。",
    )  # fmt: skip
    async def read_integrity(reading: Reading) -> IntegrityView:
        connection = await raw(reading.session)
        _, epoch = await today_and_epoch(connection)
        heard = await integrity.heard(connection, [replica.topic for replica in service.replicas])
        return IntegrityView(
            epoch=epoch, published=await integrity.published(connection), heard=[HeardView(**vars(each)) for each in heard]
        )

    @routes.get(
        "/audit-head", summary="审计链头", operation_id=f"{service.name}_read_audit_head", dependencies=[Depends(watcher)],
        description="审计记录逐条封印成链，链头即全部记录的凭证。其他部门定期留存，日后即可发现有无改动、删除或截断。",
    )  # fmt: skip
    async def read_audit_head(reading: Reading) -> HeadsView:
        connection = await raw(reading.session)
        newest, days = await newest_head(connection), await heads_of_days(connection, limit=_DAYS)
        return HeadsView(service=service.name, newest=newest and HeadView.of(newest), days=[HeadView.of(head) for head in days])

    return routes
