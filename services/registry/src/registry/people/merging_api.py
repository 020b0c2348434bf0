"""Merges of persons over REST: officers only."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from common.refusal import NotFound
from common.web.acting import MatchedAct
from common.web.problems import refusals
from common.web.reading import Reading
from registry.access import ACCESS
from registry.people import model
from registry.people.api import PersonView
from registry.people.merging import aliases_of, merge_person, unmerge_person
from registry.people.model import MergeReason, Person
from registry.people.vault import Vault

router = APIRouter(prefix="/people/{person_id}", tags=["人员"])


class Merge(BaseModel):
    model_config = ConfigDict(extra="forbid")

    canonical_id: UUID = Field(description="并入的档案：真实的那一份", examples=["018f3c7a-102e-7c3e-9a41-5b6d2e8f002e"])
    reason: MergeReason = Field(examples=[MergeReason.NUMBER_WRONG], description="证件号码变更、证件号码登记有误，或重复建档")
    paper_number: str | None = Field(
        default=None, min_length=1, max_length=60, description="公安机关证明的文号；两份档案都已确认时必填", examples=["张公证〔2018〕7号"]
    )


class AliasView(BaseModel):
    """One entry that was merged."""

    person_id: UUID
    same_as: UUID = Field(description="办理时指明的档案", examples=["018f3c7a-102e-7c3e-9a41-5b6d2e8f002e"])
    reason: MergeReason
    paper_number: str | None

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls.model_validate(
            {"person_id": person.id, "same_as": person.same_as, "reason": person.merge_reason, "paper_number": person.merge_paper_number}
        )


class Aliases(BaseModel):
    """All entries that are this one person, by id."""

    items: list[AliasView]


@router.post(":merge", summary="合并人员", operation_id="merge_person",
             description="两份档案是同一个人：这份并入另一份，其待遇随即一并复算；按两个证件号码都查到并入的那份。可以撤销。",
             dependencies=[ACCESS.requires("person:merge")],
             responses=refusals(model.MergedIntoItself, model.PersonAlreadyMerged, model.MergesInCircle, model.ConfirmedIntoProvisional,
                                model.BothConfirmedWithoutPaper))  # fmt: skip
async def post_merge(person_id: UUID, body: Merge, act: MatchedAct) -> PersonView:
    vault: Vault = act.equipment
    return await act(merge_person, lambda person: PersonView.opened(person, vault), person_id=person_id, **body.model_dump())


@router.post(":unmerge", summary="撤销合并", operation_id="unmerge_person",
             description="这份档案重新自成一人，连同先并入它的；其待遇随即分开复算。", dependencies=[ACCESS.requires("person:merge")],
             responses=refusals(model.PersonNotMerged))  # fmt: skip
async def post_unmerge(person_id: UUID, act: MatchedAct) -> PersonView:
    vault: Vault = act.equipment
    return await act(unmerge_person, lambda person: PersonView.opened(person, vault), person_id=person_id)


@router.get("/aliases", summary="并入的档案", operation_id="read_aliases",
            description="并入这个人员的全部档案，及各自合并的原因和文号；撤销合并时由此找到。", dependencies=[ACCESS.requires("person:read")],
            responses=refusals(NotFound))  # fmt: skip
async def get_aliases(person_id: UUID, reading: Reading) -> Aliases:
    reading.principal.must_be_person(person_id)
    if await reading.session.get(Person, person_id) is None:
        raise NotFound("没有这个人员")
    aliases = [await reading.session.get(Person, alias) for alias in await aliases_of(reading.session, [person_id])]
    reading.saw([person_id], purpose="aliases")
    return Aliases(items=[AliasView.of(alias) for alias in aliases if alias is not None])
