"""Trips abroad over REST."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from common.refusal import NotFound
from common.security.principal import Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.money import Money
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.fact import OccupationKey
from contracts.training import TripState
from training.access import ACCESS
from training.trips.actions import cancel_trip, complete_trip, select_for_trip
from training.trips.model import (
    ReportedOutsideItsTime,
    SelectedInFuture,
    Trip,
    TripCancelled,
    TripCompleted,
    TripNotOver,
    TripReversed,
    TripsOverlap,
)

router = APIRouter(prefix="/trips", tags=["出国研修"])


class NewTrip(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person_id: UUID = Field(description="选派的职工或教师，由 registry 的 people:resolve 得到")
    sender_id: UUID = Field(description="派出的企业或学校")
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"], description="从事的职业（工种），应为紧缺职业")
    selected_on: date = Field(examples=["2018-05-02"], description="选派确定之日，不能晚于今天")
    starts_on: date = Field(examples=["2018-05-14"], description="出发日期")
    ends_on: date = Field(examples=["2018-05-25"], description="返回日期")


class TripCompletion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reported_on: date = Field(examples=["2018-05-30"], description="提交研修报告之日，不早于返回日")
    cost: Money = Field(examples=[{"amount": "28600.00", "currency": "CNY"}], description="凭票据核实的培训费和差旅费合计")


class TripView(BaseModel):
    id: UUID
    version: Version
    person_id: UUID
    sender_id: UUID
    occupation: str
    selected_on: date
    starts_on: date
    ends_on: date
    reported_on: date | None
    cost: Money | None
    state: TripState

    @classmethod
    def of(cls, trip: Trip) -> Self:
        return cls.model_validate(trip.row() | {"cost": None if trip.cost_fen is None else Money.of(trip.cost_fen)})


@router.post("", status_code=201, summary="登记研修选派", operation_id="select_for_trip",
             description="登记选派到国（境）外研修的一线职工或教师；给不给资助由待遇服务认定。", dependencies=[ACCESS.requires("trip:write")],
             responses=refusals(SelectedInFuture, TripReversed, TripsOverlap))  # fmt: skip
async def post_trip(body: NewTrip, act: Act) -> TripView:
    return await act(select_for_trip, TripView.of, trip=Trip(**body.model_dump()))


@router.post("/{trip_id}:complete", summary="登记报告与费用", operation_id="complete_trip",
             description="返回后登记研修报告和核实的费用；登记错的可以再次登记。", dependencies=[ACCESS.requires("trip:write")],
             responses=refusals(TripCancelled, TripNotOver, ReportedOutsideItsTime))  # fmt: skip
async def post_completion(trip_id: UUID, body: TripCompletion, act: MatchedAct) -> TripView:
    return await act(complete_trip, TripView.of, trip_id=trip_id, reported_on=body.reported_on, cost_fen=body.cost.fen)


@router.post("/{trip_id}:cancel", summary="取消研修", operation_id="cancel_trip",
             description="尚未完成的研修可以取消。", dependencies=[ACCESS.requires("trip:cancel")],
             responses=refusals(TripCancelled, TripCompleted))  # fmt: skip
async def post_cancellation(trip_id: UUID, act: MatchedAct) -> TripView:
    return await act(cancel_trip, TripView.of, trip_id=trip_id)


@router.get("/{trip_id}", summary="查看研修", operation_id="read_trip", description="个人看本人的，单位看本单位派出的。",
            responses=refusals(NotFound), dependencies=[ACCESS.requires("trip:read")])  # fmt: skip
async def get_trip(trip_id: UUID, reading: Reading) -> TripView:
    trip = await reading.session.get(Trip, trip_id)
    if trip is None:
        raise NotFound("没有这个出国研修")
    if reading.principal.role is Role.PERSON:
        reading.principal.must_be_person(trip.person_id)
    else:
        reading.principal.must_be_organisation(trip.sender_id)
    reading.saw([trip.person_id], purpose="trip")
    reading.version(trip.version)
    return TripView.of(trip)


@router.get(
    "", summary="研修列表", operation_id="list_trips", description="可按人员和派出单位筛选。", dependencies=[ACCESS.requires("trip:read")]
)
async def get_trips(
    reading: Reading,
    paging: Paging,
    person_id: Annotated[UUID | None, Query(description="研修人员")] = None,
    sender_id: Annotated[UUID | None, Query(description="派出单位")] = None,
) -> Page[TripView]:
    asked, caller = {"person_id": person_id, "sender_id": sender_id}, reading.principal
    rows = select(Trip).filter_by(**{name: value for name, value in asked.items() if value is not None})
    if caller.role is Role.PERSON:
        rows = rows.where(col(Trip.person_id) == caller.person_id)
    if caller.role is Role.ORGANISATION:
        rows = rows.where(col(Trip.sender_id) == caller.organisation_id)
    found = await page(reading.session, rows, Trip.id, paging, TripView.of)
    reading.saw([each.person_id for each in found.items], purpose="list")
    return found
