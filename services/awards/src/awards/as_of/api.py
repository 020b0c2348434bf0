"""As of a past day, over REST."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from awards.access import ACCESS
from awards.as_of.looking import DossierKind, Standing, known_now, known_then
from awards.explanations.api import ExplanationView
from awards.explanations.replaying import RuleNotKept
from common.database.business_day import today_and_epoch
from common.database.engine import raw
from common.refusal import Invalid
from common.web.money import Money
from common.web.problems import refusals
from common.web.reading import Reading
from contracts.awards import EntitlementState

router = APIRouter(prefix="/as-of", tags=["说明"])


class Known(StrEnum):
    """By what was known on that day, or by what is known now."""

    THEN = "THEN"
    NOW = "NOW"


class DayNotCome(Invalid):
    title = "这一天还没有到"


class NoSuchDossier(Invalid):
    title = "档案编号的写法不对"


class StandingView(BaseModel):
    """One entitlement as it stood."""

    scheme: str = Field(examples=["universal-training"])
    entitlement_key: str = Field(examples=["018f3c7a-1001-7c3e-9a41-5b6d2e8f0001/018f3c7a-1007-7c3e-9a41-5b6d2e8f0007"])
    state: EntitlementState | None = Field(description="空：不予认定")
    amount: Money = Field(description="规则认定的金额；应付的即应付")
    decision_id: UUID | None = Field(description="当时的认定记录；按现在所知复算的没有")
    explanation: ExplanationView | None

    @classmethod
    def of(cls, standing: Standing) -> Self:
        return cls(
            scheme=standing.name.scheme, entitlement_key=standing.name.key, state=standing.state, amount=Money.of(standing.fen),
            decision_id=standing.decision_id, explanation=ExplanationView.of(standing.explained) if standing.explained else None,
        )  # fmt: skip


class AsOf(BaseModel):
    """A dossier on a day."""

    kind: DossierKind
    dossier: str = Field(examples=["018f3c7a-1001-7c3e-9a41-5b6d2e8f0001"])
    day: date = Field(examples=["2018-09-01"])
    known: Known
    items: list[StandingView]


@router.get("", summary="某日的情况", operation_id="read_as_of", dependencies=[ACCESS.requires("decision:read")],
            description="一份档案在过去某一天：按当时所知（当时的认定记录），或按现在所知（后来才知道的也算上）。合作单位年度写作“编号/年度”。",
            responses=refusals(DayNotCome, NoSuchDossier, RuleNotKept))  # fmt: skip
async def get_as_of(
    reading: Reading,
    dossier: Annotated[str, Query(max_length=60, description="个人、单位、班级的编号", examples=["018f3c7a-1001-7c3e-9a41-5b6d2e8f0001"])],
    day: Annotated[date, Query(examples=["2018-06-01"])],
    kind: Annotated[DossierKind, Query(description="哪一类档案")] = DossierKind.PERSON,
    known: Annotated[Known, Query(description="按哪时所知")] = Known.THEN,
) -> AsOf:
    connection = await raw(reading.session)
    today, _ = await today_and_epoch(connection)
    if day > today:
        raise DayNotCome
    dossier = _named(kind, dossier)
    look = known_then if known is Known.THEN else known_now
    items = [StandingView.of(each) for each in await look(connection, reading.equipment, kind, dossier, day)]
    reading.saw([UUID(dossier)] if kind is DossierKind.PERSON else [], purpose="as-of")
    return AsOf(kind=kind, dossier=dossier, day=day, known=known, items=items)


def _named(kind: DossierKind, dossier: str) -> str:
    """As dossiers are named. Raises NoSuchDossier."""
    id_, _, year = dossier.partition("/")
    try:
        named = str(UUID(id_))
        return f"{named}/{int(year)}" if kind is DossierKind.PARTNER_YEAR else named
    except ValueError as error:
        raise NoSuchDossier from error
