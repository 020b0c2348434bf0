"""A service's part of the integrity count: what it has published, and what it answers for of what others publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from common.bus import integrity
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.web.operators import watcher
from common.web.reading import Reading

if TYPE_CHECKING:
    from common.service import Service


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


def router(service: Service) -> APIRouter:
    """`GET /operations/integrity`."""
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

    return routes
