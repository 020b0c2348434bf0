"""An agreement and its life: signed, perhaps renewed, perhaps ended before its time."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from common.database.columns import one_of
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import matching as published
from contracts.matching import AgreementKind
from matching.tables import Table


class AgreementNumberTaken(Conflict):
    title = "协议编号已被使用"


class AgreementReversed(Invalid):
    title = "协议到期或终止日早于签订日"


class AgreementAlreadyEnded(Conflict):
    title = "协议已终止"


class NotLonger(Invalid):
    title = "续签后的到期日应晚于原到期日"


class Agreement(Aggregate, Table, table=True):
    """In force from `signed_on` to `expires_on`, both inside; from `ended_on` it no longer counts."""

    __tablename__ = "agreement"
    __table_args__ = (CheckConstraint("expires_on >= signed_on", name="expires_after_signed"),)
    title: ClassVar[str] = "合作协议"
    publishes = published.Agreement

    number: str = Field(unique=True, max_length=60)
    partner_id: UUID = Field(index=True)
    kind: AgreementKind = Field(sa_type=one_of(AgreementKind, "kind"))
    is_outside_province: bool
    signed_on: date
    expires_on: date
    ended_on: date | None = None

    def must_be_in_order(self) -> None:
        """Raises AgreementReversed."""
        if self.expires_on < self.signed_on:
            raise AgreementReversed

    def renew(self, expires_on: date) -> None:
        """Raises AgreementAlreadyEnded, NotLonger."""
        self._must_stand()
        if expires_on <= self.expires_on:
            raise NotLonger
        self.expires_on = expires_on

    def end(self, on: date) -> None:
        """Raises AgreementAlreadyEnded, AgreementReversed."""
        self._must_stand()
        if on < self.signed_on:
            raise AgreementReversed
        self.ended_on = on

    def _must_stand(self) -> None:
        if self.ended_on is not None:
            raise AgreementAlreadyEnded
