"""Certificates over REST. A number is only ever in a body, never in an address."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlmodel import col

from certification.access import ACCESS, reads_number_in_full
from certification.certificates.actions import correct_certificate, issue_certificate, revoke_certificate
from certification.certificates.model import (
    AlreadyRevoked,
    Certificate,
    CertificateNumberTaken,
    IssuedInFuture,
    RevokedBeforeIssue,
    RevokedInFuture,
)
from certification.equipment import Equipment
from certification.occupations.model import OccupationNotFound
from certification.sittings.model import SittingAnnulled
from common.identifiers.certificate_number import CertificateNumberLengthWrong, mask_certificate_number, parse_certificate_number
from common.refusal import NotFound
from common.security.principal import Principal, Role
from common.web.acting import Act, MatchedAct
from common.web.etag import Version
from common.web.pages import Page, Paging, page
from common.web.problems import refusals
from common.web.reading import Reading, Reading_
from contracts.certification import CertificateKind, EvaluationMode, RevocationReason
from contracts.fact import LevelCode, OccupationKey

router = APIRouter(prefix="/certificates", tags=["证书"])


class NewCertificate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=12, max_length=30, pattern=r"^[0-9A-Z]+$", examples=["1810003002300017"], description="证书编号")
    person_id: UUID = Field(description="持证人，由 registry 的 people:resolve 得到")
    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    level_code: LevelCode = Field(examples=[3])
    mode: EvaluationMode = EvaluationMode.SOCIAL_APPRAISAL
    kind: CertificateKind = CertificateKind.QUALIFICATION
    issued_on: date = Field(examples=["2018-05-20"])
    body_id: UUID = Field(description="发证机构")
    sitting_id: UUID | None = Field(default=None, examples=[None], description="鉴定批次；批次作废时证书一并撤销")
    class_id: UUID | None = Field(default=None, description="取证所经的培训班")
    organisation_id: UUID | None = Field(default=None, description="发证时持证人所在单位")


class Correction(BaseModel):
    """Everything of it as it should read."""

    model_config = ConfigDict(extra="forbid")

    occupation: OccupationKey = Field(examples=["2015:6-18-02-04"])
    level_code: LevelCode = Field(examples=[3])
    issued_on: date = Field(examples=["2018-05-20"])
    class_id: UUID | None = None


class Revocation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: RevocationReason = Field(examples=[RevocationReason.FRAUD])
    revoked_on: date = Field(examples=["2018-06-11"], description="自该日起不再有效，不能晚于今天")


class Search(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=12, max_length=60, examples=["1810003002300017"], description="证书编号，空格和大小写不拘")
    purpose: str = Field(min_length=2, max_length=100, examples=["核对证书"], description="查询事由，记入审计")


class CertificateView(BaseModel):
    """The number is shown here, and nowhere else."""

    id: UUID
    version: Version
    number: str = Field(
        examples=["1810003002300017"], description="持证人、发证机构和经办人员看到全部；其他人只见首位和末两位（1*************17）"
    )
    number_is_masked: bool = Field(examples=[False], description="number 是否只显示首尾")
    person_id: UUID
    occupation: str
    level_code: int
    mode: EvaluationMode
    kind: CertificateKind
    issued_on: date
    body_id: UUID
    sitting_id: UUID | None
    class_id: UUID | None
    organisation_id: UUID | None
    revoked_on: date | None
    revocation_reason: RevocationReason | None

    @classmethod
    def of(cls, certificate: Certificate, number: str, *, in_full: bool) -> Self:
        shown = number if in_full else mask_certificate_number(number)
        return cls.model_validate(certificate.row() | {"number": shown, "number_is_masked": not in_full})


def _shown_to(caller: Principal, equipment: Equipment) -> Callable[[Certificate], CertificateView]:
    def show(certificate: Certificate) -> CertificateView:
        in_full = reads_number_in_full(caller, person_id=certificate.person_id, body_id=certificate.body_id)
        return CertificateView.of(certificate, certificate.number(equipment.vault), in_full=in_full)

    return show


@router.post("", status_code=201, summary="颁发证书", operation_id="issue_certificate",
             description="登记后，待遇与输送统计随即自动复算。", dependencies=[ACCESS.requires("certificate:issue")],
             responses=refusals(NotFound, OccupationNotFound, SittingAnnulled, IssuedInFuture, CertificateNumberTaken))  # fmt: skip
async def post_certificate(body: NewCertificate, act: Act) -> CertificateView:
    act.principal.must_be_organisation(body.body_id)
    equipment: Equipment = act.equipment
    certificate = Certificate.numbered(body.number, equipment.vault, **body.model_dump(exclude={"number"}))
    return await act(issue_certificate, _shown_to(act.principal, equipment), certificate=certificate)


@router.post("/{certificate_id}:correct", summary="更正证书", operation_id="correct_certificate",
             description="填错的按应有内容改正，证书继续有效。", dependencies=[ACCESS.requires("certificate:correct")],
             responses=refusals(OccupationNotFound, IssuedInFuture, AlreadyRevoked))  # fmt: skip
async def post_correction(certificate_id: UUID, body: Correction, act: MatchedAct) -> CertificateView:
    shown = _shown_to(act.principal, act.equipment)
    return await act(correct_certificate, shown, certificate_id=certificate_id, **body.model_dump())


@router.post("/{certificate_id}:revoke", summary="撤销证书", operation_id="revoke_certificate",
             description="自撤销日起不再有效，凭它应付的款项随即复算。", dependencies=[ACCESS.requires("certificate:revoke")],
             responses=refusals(AlreadyRevoked, RevokedBeforeIssue, RevokedInFuture))  # fmt: skip
async def post_revocation(certificate_id: UUID, body: Revocation, act: MatchedAct) -> CertificateView:
    shown = _shown_to(act.principal, act.equipment)
    return await act(revoke_certificate, shown, certificate_id=certificate_id, **body.model_dump())


@router.post(":search", summary="按编号查证书", operation_id="search_certificate",
             description="证书编号写在内容里，不进入地址和日志；查询事由记入审计。单位只查得到本单位颁发或本单位职工的。",
             dependencies=[ACCESS.requires("certificate:search")], responses=refusals(NotFound, CertificateNumberLengthWrong))  # fmt: skip
async def post_search(body: Search, reading: Reading) -> CertificateView:
    equipment: Equipment = reading.equipment
    index = equipment.vault.find_by(parse_certificate_number(body.number))
    found = await reading.session.execute(select(Certificate).where(col(Certificate.number_index) == index))
    return _show(reading, found.scalar_one_or_none(), purpose=body.purpose)


@router.get("/{certificate_id}", summary="查看证书", operation_id="read_certificate",
             description="证书编号只对经手的人显示全部；每次查看都记入审计。", responses=refusals(NotFound),
            dependencies=[ACCESS.requires("certificate:read")])  # fmt: skip
async def get_certificate(certificate_id: UUID, reading: Reading) -> CertificateView:
    return _show(reading, await reading.session.get(Certificate, certificate_id), purpose="certificate")


def _show(reading: Reading_, certificate: Certificate | None, *, purpose: str) -> CertificateView:
    """Raises NotFound, also where it is not the caller's business."""
    if certificate is None:
        raise NotFound("没有这个证书")
    if reading.principal.role is Role.PERSON:
        reading.principal.must_be_person(certificate.person_id)
    else:
        reading.principal.must_be_organisation(certificate.body_id, certificate.organisation_id)
    reading.saw([certificate.person_id], purpose=purpose)
    reading.version(certificate.version)
    return _shown_to(reading.principal, reading.equipment)(certificate)


@router.get(
    "",
    summary="证书列表",
    operation_id="list_certificates",
    description="个人看本人的，单位看本单位颁发或本单位职工的。",
    dependencies=[ACCESS.requires("certificate:read")],
)
async def get_certificates(
    reading: Reading, paging: Paging, person_id: Annotated[UUID | None, Query(description="持证人")] = None
) -> Page[CertificateView]:
    rows, caller = select(Certificate), reading.principal
    if caller.role is Role.PERSON:
        rows = rows.where(col(Certificate.person_id) == caller.person_id)
    if caller.role is Role.ORGANISATION:
        rows = rows.where(
            (col(Certificate.body_id) == caller.organisation_id) | (col(Certificate.organisation_id) == caller.organisation_id)
        )
    if person_id is not None:
        rows = rows.where(col(Certificate.person_id) == person_id)
    found = await page(reading.session, rows, Certificate.id, paging, _shown_to(caller, reading.equipment))
    reading.saw([certificate.person_id for certificate in found.items], purpose="list")
    return found
