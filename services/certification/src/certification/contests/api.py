"""Contests over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from certification.access import ACCESS
from certification.contests.actions import cancel_contest, hold_contest, plan_contest
from certification.contests.model import (
    Contest,
    ContestAlreadyCancelled,
    ContestAlreadyHeld,
    ContestAlreadyPlanned,
    ContestNotHeldYet,
    OccupationNotInContest,
    OccupationTwice,
    PlacedTwice,
)
from certification.occupations.model import OccupationNotFound
from common.refusal import NotFound
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.certification import ContestState, ContestTier
from contracts.fact import OccupationKey
from contracts.made_up import EXAMPLE_IDS

router = APIRouter(prefix="/contests", tags=["竞赛"])


class NewContest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    brand: str = Field(min_length=2, max_length=60, examples=["行行出状元"], description="竞赛名称")
    tier: ContestTier = Field(examples=[ContestTier.CITY], description="CITY 本市、PREFECTURE 设区市、PROVINCE 省、NATION 国家")
    year: int = Field(ge=2000, le=2100, examples=[2018], description="计入的年度")
    held_on: date = Field(examples=["2018-10-20"], description="决赛日期")
    occupations: list[OccupationKey] = Field(
        min_length=1, max_length=200, examples=[["2015:6-18-02-04"]], description="竞赛项目，一个职业（工种）一项"
    )


class ItemResult(BaseModel):
    model_config = ConfigDict(extra="forbid")

    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    placed: list[UUID] = Field(max_length=100, description="获名次的人，第一名在前，由 registry 的 people:resolve 得到")


class ContestResults(BaseModel):
    model_config = ConfigDict(extra="forbid")

    results: list[ItemResult] = Field(min_length=1, max_length=200, description="按应有的全部成绩填写；没有列出的项目视为无人获名次")


class ContestItemView(BaseModel):
    occupation: str = Field(examples=["2015:6-18-02-04"])
    placed: list[UUID] = Field(examples=[[EXAMPLE_IDS["person_id"]]], description="获名次的人，第一名在前")


class ContestView(BaseModel):
    id: UUID
    version: Version
    brand: str
    tier: ContestTier
    year: int
    held_on: date
    items: list[ContestItemView]
    state: ContestState

    @classmethod
    def of(cls, contest: Contest) -> Self:
        return cls.model_validate(contest.row())


@router.post("", status_code=201, summary="登记竞赛", operation_id="plan_contest",
             description="登记名称、层次、日期和项目；成绩在举办后登记。", dependencies=[ACCESS.requires("contest:write")],
             responses=refusals(OccupationTwice, OccupationNotFound, ContestAlreadyPlanned))  # fmt: skip
async def post_contest(body: NewContest, act: Act) -> ContestView:
    return await act(plan_contest, ContestView.of, **body.model_dump())


@router.post("/{contest_id}:hold", summary="登记竞赛成绩", operation_id="hold_contest",
             description="决赛日期到了才能登记；登记错的可以按应有的全部成绩再次登记。称号另行登记。",
             dependencies=[ACCESS.requires("contest:write")],
             responses=refusals(OccupationTwice, OccupationNotInContest, PlacedTwice, ContestNotHeldYet, ContestAlreadyCancelled))  # fmt: skip
async def post_results(contest_id: UUID, body: ContestResults, act: MatchedAct) -> ContestView:
    results = [(each.occupation, each.placed) for each in body.results]
    return await act(hold_contest, ContestView.of, contest_id=contest_id, results=results)


@router.post("/{contest_id}:cancel", summary="取消竞赛", operation_id="cancel_contest",
             description="尚未举办的竞赛可以取消。", dependencies=[ACCESS.requires("contest:cancel")],
             responses=refusals(ContestAlreadyCancelled, ContestAlreadyHeld))  # fmt: skip
async def post_cancellation(contest_id: UUID, act: MatchedAct) -> ContestView:
    return await act(cancel_contest, ContestView.of, contest_id=contest_id)


@router.get("/{contest_id}", summary="查看竞赛", operation_id="read_contest",
            description="项目和名次；查看获名次的人记入审计。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("contest:read")])  # fmt: skip
async def get_contest(contest_id: UUID, reading: Reading) -> ContestView:
    contest = await reading.session.get(Contest, contest_id)
    if contest is None:
        raise NotFound("没有这个竞赛")
    reading.saw(contest.person_ids, purpose="contest")
    reading.version(contest.version)
    return ContestView.of(contest)


@router.get(
    "", summary="竞赛列表", operation_id="list_contests", description="可按年度筛选。", dependencies=[ACCESS.requires("contest:read")]
)
async def get_contests(
    reading: Reading, paging: Paging, year: Annotated[int | None, Query(ge=2000, le=2100, description="年度")] = None
) -> Page[ContestView]:
    rows = select(Contest) if year is None else select(Contest).filter_by(year=year)
    found = await page(reading.session, rows, Contest.id, paging, ContestView.of)
    reading.saw([person for each in found.items for item in each.items for person in item.placed], purpose="list")
    return found
