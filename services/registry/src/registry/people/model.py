"""A natural person: identifiers sealed, everything that travels in the open."""

import itertools
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from common.database.columns import json, one_of
from common.identifiers.id_card import IdCard
from common.refusal import Conflict, Invalid
from common.work import Aggregate
from contracts import registry as published
from contracts.registry import Sex
from registry.people.vault import Vault
from registry.tables import Table

_bytes: Any = LargeBinary()


class PersonAlreadyRegistered(Conflict):
    title = "该证件号码已登记"


class SpansOverlap(Invalid):
    title = "户籍起止日期互相重叠"


class SpanReversed(Invalid):
    title = "户籍终止日期早于起始日期"


class DiedInFuture(Invalid):
    title = "死亡日期不能晚于今天"


class PersonIsMerged(Conflict):
    title = "该证件号码的档案已并入另一份档案，请改用后者，或先撤销合并"


class MergedIntoItself(Invalid):
    title = "不能把一份档案并入它自己"


class PersonAlreadyMerged(Conflict):
    title = "该档案已并入另一份档案，请先撤销合并"


class MergesInCircle(Conflict):
    title = "对方档案已并入这份档案，不能再反向合并"


class ConfirmedIntoProvisional(Conflict):
    title = "已确认的档案不能并入临时档案，请把临时档案并入已确认的档案"


class BothConfirmedWithoutPaper(Conflict):
    title = "两份档案都已确认是真实人员，合并须填写公安机关证明的文号"


class PersonNotMerged(Conflict):
    title = "该档案没有并入任何档案"


class MergeReason(StrEnum):
    """Why two entries are one person."""

    NUMBER_CHANGED = "NUMBER_CHANGED"
    """证件号码变更: the police gave another number."""
    NUMBER_WRONG = "NUMBER_WRONG"
    """证件号码登记有误: a file or a clerk had it wrong."""
    ENTERED_TWICE = "ENTERED_TWICE"
    """重复建档: e.g. under a passport's number and later under a residence card's."""


class Person(Aggregate, Table, table=True):
    """A person (人员). Name, ID number, phone and account never leave this table in the open."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("merged_into <> id AND same_as <> id", name="merged"),
        CheckConstraint("(same_as IS NULL) = (merged_into IS NULL) AND (same_as IS NULL) = (merge_reason IS NULL)", name="merged_by"),
        Index("ix_person_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )
    title: ClassVar[str] = "人员"
    publishes = published.Person
    private: ClassVar[frozenset[str]] = frozenset(
        {
            "id_number_sealed", "id_number_index", "name_sealed", "phone_sealed", "account_sealed", "birth_month", "sex", "hukou",
            "elsewhere_before", "elsewhere_kinds", "died_on", "pension_from",
        }
    )  # fmt: skip

    id_number_sealed: bytes = Field(sa_type=_bytes)
    id_number_index: bytes = Field(sa_type=_bytes, unique=True)
    name_sealed: bytes = Field(sa_type=_bytes)
    phone_sealed: bytes | None = Field(default=None, sa_type=_bytes)
    account_sealed: bytes | None = Field(default=None, sa_type=_bytes)
    payee_account_verified: bool = False
    birth_month: str
    sex: Sex = Field(sa_type=one_of(Sex, "sex"))
    hukou: list[dict[str, Any]] = Field(default=[], sa_type=json)
    elsewhere_before: bool | None = None
    elsewhere_kinds: list[str] = Field(default=[], sa_type=json)
    died_on: date | None = None
    pension_from: date | None = None
    is_provisional: bool = False
    merged_into: UUID | None = None
    """The person that he is, however many merges lead there."""
    same_as: UUID | None = None
    """The entry that an officer named: what stays of a chain when one of its merges is undone."""
    merge_reason: MergeReason | None = Field(default=None, sa_type=one_of(MergeReason, "merge_reason"))
    merge_paper_number: str | None = Field(default=None, max_length=60)

    @classmethod
    def known_by(cls, card: IdCard, name: str, vault: Vault) -> Self:
        """A person of whom only the ID number and a name are known; provisional until somebody registers him."""
        person = cls(
            id_number_sealed=b"", id_number_index=vault.find_by(card.number), name_sealed=b"", birth_month=str(card.birth_month),
            sex=Sex.MALE if card.is_male else Sex.FEMALE, is_provisional=True,
        )  # fmt: skip
        person.id_number_sealed = vault.seal("id_number", card.number, person.id) or b""
        person.rename(name, vault)
        return person

    def fact(self) -> published.Person:
        return published.Person.model_validate(self.row() | {"has_payee_account": self.account_sealed is not None})

    def rename(self, name: str, vault: Vault) -> None:
        """A ciphertext differs each time, so an equal name is left as it is."""
        if not self.name_sealed or vault.open("name", self.name_sealed, self.id) != name:
            self.name_sealed = vault.seal("name", name, self.id) or b""

    def reach(self, *, phone: str | None, account: str | None, vault: Vault) -> None:
        """Set phone and payee account; another account is not verified yet."""
        if vault.open("phone", self.phone_sealed, self.id) != phone:
            self.phone_sealed = vault.seal("phone", phone, self.id)
        if vault.open("account", self.account_sealed, self.id) != account:
            self.account_sealed, self.payee_account_verified = vault.seal("account", account, self.id), False

    def reside(self, spans: list[dict[str, Any]]) -> None:
        """Set the registered residence over time. Raises SpanReversed, SpansOverlap."""
        if any(span["last_on"] is not None and span["last_on"] < span["first_on"] for span in spans):
            raise SpanReversed
        ordered = sorted(spans, key=lambda span: span["first_on"])
        for earlier, later in itertools.pairwise(ordered):
            if earlier["last_on"] is None or earlier["last_on"] >= later["first_on"]:
                raise SpansOverlap
        self.hukou = ordered

    def must_stand_for_itself(self) -> None:
        """Raises PersonIsMerged: what is said of an entry that no longer counts would be lost."""
        if self.merged_into is not None:
            raise PersonIsMerged

    def merge(self, other: "Person", canonical: "Person", *, reason: MergeReason, paper_number: str | None) -> None:
        """He is the `other`, and with him the `canonical` person.

        Raises MergedIntoItself, PersonAlreadyMerged, MergesInCircle, ConfirmedIntoProvisional, BothConfirmedWithoutPaper.
        """
        if other.id == self.id:
            raise MergedIntoItself
        if self.merged_into is not None:
            raise PersonAlreadyMerged
        if canonical.id == self.id:
            raise MergesInCircle
        if canonical.is_provisional and not self.is_provisional:
            raise ConfirmedIntoProvisional
        if paper_number is None and not (canonical.is_provisional or self.is_provisional):
            raise BothConfirmedWithoutPaper
        self.same_as, self.merged_into = other.id, canonical.id
        self.merge_reason, self.merge_paper_number = reason, paper_number

    def unmerge(self) -> None:
        """He is somebody of his own again. Raises PersonNotMerged."""
        if self.merged_into is None:
            raise PersonNotMerged
        self.same_as = self.merged_into = self.merge_reason = self.merge_paper_number = None

    def die(self, on: date | None, *, today: date) -> None:
        """Raises DiedInFuture."""
        if on is not None and on > today:
            raise DiedInFuture
        self.died_on = on
