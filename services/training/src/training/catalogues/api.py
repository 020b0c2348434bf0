"""Shortage catalogues over REST."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import LevelCode, OccupationKey
from training.access import ACCESS
from training.catalogues.actions import amend_catalogue, publish_catalogue
from training.catalogues.model import Catalogue, CatalogueAlreadyPublished, CatalogueReversed

router = APIRouter(prefix="/catalogues", tags=["紧缺目录"])


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    level_codes: list[LevelCode] = Field(min_length=1, examples=[[3, 2, 1]])
    listed_from: date | None = Field(default=None, description="年中修订增列：自该日起；空：自目录生效日起")
    listed_until: date | None = Field(default=None, description="年中修订删去：到该日止（含）；空：到目录失效")


class Content(BaseModel):
    """All of it, as it should read."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Entry] = Field(min_length=1, max_length=500)
    in_force_from: date = Field(examples=["2018-01-01"])
    in_force_to: date | None = Field(default=None, description="空：直到下一年度目录生效")
    paper_number: str = Field(min_length=1, max_length=60, examples=["张人社〔2018〕2号"])

    def columns(self) -> dict[str, Any]:
        return self.model_dump() | {"entries": [entry.model_dump(mode="json") for entry in self.entries]}


class NewCatalogue(Content):
    year: int = Field(ge=2000, le=2100, examples=[2018])


class CatalogueView(BaseModel):
    id: UUID
    version: Version
    year: int
    entries: list[Entry]
    in_force_from: date
    in_force_to: date | None
    paper_number: str

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        return cls.model_validate(catalogue.row())


@router.post("", status_code=201, summary="公布目录", operation_id="publish_catalogue",
             description="每年公布一次；开班之日在目录内的职业才算紧缺。", dependencies=[ACCESS.requires("catalogue:write")],
             responses=refusals(CatalogueAlreadyPublished, CatalogueReversed))  # fmt: skip
async def post_catalogue(body: NewCatalogue, act: Act) -> CatalogueView:
    return await act(publish_catalogue, CatalogueView.of, catalogue=Catalogue(**body.columns()))


@router.put("/{catalogue_id}", summary="修订目录", operation_id="amend_catalogue",
             description="按应有的全部内容填写；年中增列、删去的职业注明起止日。已开班的按开班之日的目录认定。", dependencies=[ACCESS.requires("catalogue:write")],
            responses=refusals(CatalogueReversed))  # fmt: skip
async def put_catalogue(catalogue_id: UUID, body: Content, act: MatchedAct) -> CatalogueView:
    return await act(amend_catalogue, CatalogueView.of, catalogue_id=catalogue_id, **body.columns())


@router.get(
    "/{catalogue_id}",
    summary="查看目录",
    operation_id="read_catalogue",
    description="修订前先查看，页面记住看到的版本（ETag）。",
    responses=refusals(NotFound),
    dependencies=[ACCESS.requires("catalogue:read")],
)
async def get_catalogue(catalogue_id: UUID, reading: Reading) -> CatalogueView:
    catalogue = await reading.session.get(Catalogue, catalogue_id)
    if catalogue is None:
        raise NotFound("没有这个紧缺目录")
    reading.version(catalogue.version)
    return CatalogueView.of(catalogue)


@router.get(
    "",
    summary="目录列表",
    operation_id="list_catalogues",
    description="新公布的年度在前。",
    dependencies=[ACCESS.requires("catalogue:read")],
)
async def get_catalogues(reading: Reading, paging: Paging) -> Page[CatalogueView]:
    return await page(reading.session, select(Catalogue), Catalogue.id, paging, CatalogueView.of)
