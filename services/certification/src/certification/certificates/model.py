"""A certificate and its life: issued, perhaps corrected, perhaps revoked; revoked is the end."""

from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlmodel import Field

from certification.certificates.vault import Vault
from certification.tables import Table
from common.database.columns import one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import certification as published
from contracts.certification import CertificateKind, EvaluationMode, RevocationReason

_bytes: Any = LargeBinary()


class AlreadyRevoked(Conflict):
    title = "证书已被撤销"


class RevokedBeforeIssue(Invalid):
    title = "撤销日早于发证日"


class RevokedInFuture(Invalid):
    title = "撤销日不能晚于今天"


class IssuedInFuture(Invalid):
    title = "发证日不能晚于今天"


class CertificateNumberTaken(Conflict):
    title = "证书编号已登记给另一份证书"


class Certificate(Aggregate, Table, table=True):
    """A certificate of a level (证书). Its number names a person, and never leaves this table in the open."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("level_code BETWEEN 1 AND 5", name="level_code"),
        CheckConstraint("revoked_on >= issued_on", name="revoked_after_issue"),
        CheckConstraint("(revoked_on IS NULL) = (revocation_reason IS NULL)", name="revoked_for_a_reason"),
        Index("ix_certificate_person_id", "person_id", "id"),
        Index("ix_certificate_sitting_id", "sitting_id"),
    )
    title: ClassVar[str] = "证书"
    publishes = published.Certificate
    private: ClassVar[frozenset[str]] = frozenset({"number_sealed", "number_index"})

    number_sealed: bytes = Field(sa_type=_bytes)
    number_index: bytes = Field(sa_type=_bytes, unique=True)
    person_id: UUID
    occupation: str
    level_code: int
    mode: EvaluationMode = Field(sa_type=one_of(EvaluationMode, "mode"))
    kind: CertificateKind = Field(sa_type=one_of(CertificateKind, "kind"))
    issued_on: date
    body_id: UUID
    sitting_id: UUID | None = None
    class_id: UUID | None = None
    organisation_id: UUID | None = None
    revoked_on: date | None = None
    revocation_reason: RevocationReason | None = Field(default=None, sa_type=one_of(RevocationReason, "revocation_reason"))

    @classmethod
    def numbered(cls, number: str, vault: Vault, **content: Any) -> Self:
        """A certificate under its number."""
        certificate = cls(number_sealed=b"", number_index=vault.find_by(number), **content)
        certificate.number_sealed = vault.seal(number, certificate.id)
        return certificate

    def number(self, vault: Vault) -> str:
        """Raises CannotDecrypt."""
        return vault.open(self.number_sealed, self.id)

    def must_not_be_issued_after(self, today: date) -> None:
        """Raises IssuedInFuture."""
        if self.issued_on > today:
            raise IssuedInFuture

    def revoke(self, *, reason: RevocationReason, on: date, today: date) -> None:
        """From `on` it counts for nothing (A68). Raises AlreadyRevoked, RevokedBeforeIssue, RevokedInFuture."""
        self.must_stand()
        if on < self.issued_on:
            raise RevokedBeforeIssue
        if on > today:
            raise RevokedInFuture
        self.revoked_on, self.revocation_reason = on, reason

    def must_stand(self) -> None:
        """Raises AlreadyRevoked."""
        if self.revoked_on is not None:
            raise AlreadyRevoked
