"""Persons over REST. An ID number is only ever in a body, never in an address."""

from datetime import date
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy import select
from sqlmodel import col

from common.database.columns import among
from common.identifiers.id_card import IdCard, IdCardBirthDateImpossible, IdCardCheckDigitWrong, IdCardMalformed
from common.identifiers.mobile import mask_mobile
from common.refusal import Fault, Invalid, NotFound, Refusal
from common.web.acting import Act, ManyAct, MatchedAct
from common.web.etag import Version
from common.web.problems import refusals
from common.web.reading import Reading, Reading_
from common.work import Work
from contracts.fact import AreaCode, Month
from contracts.registry import ElsewhereKind, Sex
from registry.access import ACCESS
from registry.people.actions import PersonContent, change_person, register_person, resolve_people
from registry.people.model import DiedInFuture, Person, PersonAlreadyRegistered, PersonIsMerged, SpanReversed, SpansOverlap
from registry.people.vault import Vault

router = APIRouter(tags=["人员"])
_NO_ID_NUMBER = (IdCardMalformed, IdCardCheckDigitWrong, IdCardBirthDateImpossible)


class HukouView(BaseModel):
    """Registered residence; both days inside, `last_on` null while it lasts."""

    model_config = ConfigDict(extra="forbid")

    area_code: AreaCode = Field(examples=["320582"])
    first_on: date = Field(examples=["2001-09-01"])
    last_on: date | None = None


class Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, examples=["示例人员"])
    phone: str | None = Field(default=None, pattern=r"^1[0-9]{10}$", examples=["12000000001"])
    account: str | None = Field(default=None, pattern=r"^[0-9]{12,24}$", description="社会保障卡账号", examples=["6200000000000000001"])
    hukou: list[HukouView] = Field(default=[], max_length=50)
    elsewhere_before: StrictBool | None = Field(default=None, description="来本市前在外地工作、学习或参保；不清楚留空", examples=[True])
    elsewhere_kinds: list[ElsewhereKind] = Field(default=[], max_length=3)
    died_on: date | None = None
    pension_from: date | None = None

    def content(self) -> PersonContent:
        spans = [span.model_dump(mode="json") for span in self.hukou]
        return PersonContent(**self.model_dump(include=set(PersonContent._fields)) | {"hukou": spans})


class NewPerson(Content):
    id_number: str = Field(min_length=15, max_length=18, examples=["320599199001011233"], description="公民身份号码")


class PersonView(BaseModel):
    """A person as officials see him: the ID number masked."""

    id: UUID
    version: Version
    name: str = Field(examples=["示例人员"])
    id_number_masked: str = Field(examples=["3***************33"])
    phone_masked: str | None = Field(examples=["120****0001"])
    birth_month: Month = Field(examples=["1990-01"])
    sex: Sex
    hukou: list[HukouView]
    elsewhere_before: bool | None
    elsewhere_kinds: list[ElsewhereKind]
    died_on: date | None
    pension_from: date | None
    has_payee_account: bool
    payee_account_verified: bool
    is_provisional: bool
    merged_into: UUID | None = Field(description="已并入的档案；待遇一律记在那份档案上", examples=[None])

    @classmethod
    def opened(cls, person: Person, vault: Vault) -> Self:
        number = vault.open("id_number", person.id_number_sealed, person.id) or ""
        phone = vault.open("phone", person.phone_sealed, person.id)
        return cls.model_validate(
            person.row()
            | {
                "name": vault.open("name", person.name_sealed, person.id),
                "id_number_masked": IdCard(number).masked,
                "phone_masked": mask_mobile(phone) if phone else None,
                "has_payee_account": person.account_sealed is not None,
            }
        )


class Search(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id_number: str = Field(min_length=15, max_length=18, examples=["320599199001011233"])
    purpose: str = Field(min_length=2, max_length=100, examples=["核对花名册"], description="查询事由，记入审计")


class NamedPerson(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id_number: str = Field(min_length=15, max_length=18, examples=["320599199001011233"])
    name: str = Field(min_length=1, max_length=100, examples=["示例人员"])


class Resolve(BaseModel):
    model_config = ConfigDict(extra="forbid")

    people: list[NamedPerson] = Field(min_length=0, max_length=1000)
    validate_only: StrictBool = Field(default=False, description="试运行：不建档案；未登记者得到的编号不可使用")


class Resolved(BaseModel):
    """In the order of the request."""

    person_ids: list[UUID]


@router.post("/people", status_code=201, summary="登记人员", operation_id="register_person",
             description="姓名、证件号码、电话和账号加密保存，只在本服务。文件或名册先带来的临时档案由此补全。", dependencies=[ACCESS.requires("person:write")],
             responses=refusals(*_NO_ID_NUMBER, PersonAlreadyRegistered, PersonIsMerged, SpanReversed, SpansOverlap, DiedInFuture))  # fmt: skip
async def post_person(body: NewPerson, act: Act) -> PersonView:
    vault: Vault = act.equipment
    return await act(register_person, lambda p: PersonView.opened(p, vault), vault=vault, id_number=body.id_number, content=body.content())


@router.put("/people/{person_id}", summary="修改人员信息", operation_id="change_person",
             description="按应有的全部内容填写；证件号码不能修改。户籍或市外经历变了，待遇随即复算。", dependencies=[ACCESS.requires("person:write")],
            responses=refusals(PersonIsMerged, SpanReversed, SpansOverlap, DiedInFuture))  # fmt: skip
async def put_person(person_id: UUID, body: Content, act: MatchedAct) -> PersonView:
    vault: Vault = act.equipment
    return await act(change_person, lambda p: PersonView.opened(p, vault), vault=vault, person_id=person_id, content=body.content())


@router.get("/people/{person_id}", summary="查看人员", operation_id="read_person",
             description="证件号码和电话只显示首尾；每次查看都记入审计。", dependencies=[ACCESS.requires("person:read")],
            responses=refusals(NotFound))  # fmt: skip
async def get_person(person_id: UUID, reading: Reading) -> PersonView:
    reading.principal.must_be_person(person_id)
    return _show(reading, await reading.session.get(Person, person_id), purpose="view")


@router.post("/people:search", summary="按证件号码查人", operation_id="search_person",
             description="证件号码写在内容里，不进入地址和日志；查询事由记入审计。档案已合并的，查到的是并入的那份。", dependencies=[ACCESS.requires("person:search")],
             responses=refusals(NotFound, *_NO_ID_NUMBER))  # fmt: skip
async def post_search(body: Search, reading: Reading) -> PersonView:
    vault: Vault = reading.equipment
    card = IdCard.parse(body.id_number, today=await reading.running.business_day.today())
    found = await reading.session.execute(select(Person).where(col(Person.id_number_index) == vault.find_by(card.number)))
    person = found.scalar_one_or_none()
    if person is not None and person.merged_into is not None:
        person = await reading.session.get(Person, person.merged_into)
    return _show(reading, person, purpose=body.purpose)


def _show(reading: Reading_, person: Person | None, *, purpose: str) -> PersonView:
    if person is None:
        raise NotFound("没有这个人员")
    reading.saw([person.id], purpose=purpose)
    reading.version(person.version)
    return PersonView.opened(person, reading.equipment)


@router.post("/people:resolve", summary="批量识别人员", operation_id="resolve_people", dependencies=[ACCESS.requires("person:resolve")],
             description="证件号码换人员编号，供各服务导入文件使用；未登记的先建临时档案，已合并的得到并入档案的编号。")  # fmt: skip
async def post_resolve(body: Resolve, act: ManyAct, reading: Reading) -> Resolved:
    person_ids = await act(_resolve, dry_run=body.validate_only, vault=act.equipment, people=body.people)
    known = await _standing(reading, person_ids) if body.validate_only else person_ids
    reading.saw(known, purpose="resolve")
    return Resolved(person_ids=person_ids)


async def _resolve(work: Work, *, vault: Vault, people: list[NamedPerson]) -> list[UUID]:
    return await resolve_people(work, vault, _parse(people, today=work.business_day))


async def _standing(reading: Reading_, person_ids: list[UUID]) -> list[UUID]:
    """Without the ids that a dry run gave to nobody."""
    return list((await reading.session.execute(select(col(Person.id)).where(among(col(Person.id), person_ids)))).scalars())


def _parse(people: list[NamedPerson], *, today: date) -> list[tuple[IdCard, str]]:
    """Raises Invalid with the places of all the numbers that cannot be."""
    parsed: list[tuple[IdCard, str]] = []
    faults: list[Fault] = []
    for nth, person in enumerate(people):
        try:
            parsed.append((IdCard.parse(person.id_number, today=today), person.name))
        except Refusal as refusal:
            faults.append(Fault(f"/body/people/{nth}/id_number", refusal.title))
    if faults:
        raise Invalid(faults=faults)
    return parsed
