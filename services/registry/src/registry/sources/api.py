"""Sources over REST, and their one use case."""

from datetime import date
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from common.web.acting import Act
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.reading import Reading
from contracts.registry import SourceKind
from registry.access import ACCESS
from registry.sources.actions import declare_source
from registry.sources.model import Source

router = APIRouter(prefix="/sources", tags=["数据来源"])


class Declaration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: SourceKind = Field(examples=[SourceKind.EMPLOYMENT])
    complete_since: date = Field(examples=["2008-01-01"], description="自该日起的记录完整；此前的“首次”视为不明")


class SourceView(BaseModel):
    id: UUID
    version: Version
    kind: SourceKind
    complete_since: date

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls.model_validate(source.row())


@router.post("", status_code=201, summary="声明来源完整性", operation_id="declare_source",
             description="完整性日期之前是否“首次”就业视为不明，不按“没有”处理。", dependencies=[ACCESS.requires("source:declare")])  # fmt: skip
async def post_declaration(body: Declaration, act: Act) -> SourceView:
    return await act(declare_source, SourceView.of, kind=body.kind, complete_since=body.complete_since)


@router.get(
    "", summary="来源列表", operation_id="list_sources", description="各项数据自何时起完整。", dependencies=[ACCESS.requires("source:read")]
)
async def get_sources(reading: Reading, paging: Paging) -> Page[SourceView]:
    return await page(reading.session, select(Source), Source.id, paging, SourceView.of)
