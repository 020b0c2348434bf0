"""A natural person: identifiers sealed, everything that travels in the open."""

import itertools
from datetime import date
from typing import Any, ClassVar, Self

from sqlalchemy import LargeBinary
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


class Person(Aggregate, Table, table=True):
    """A person (人员). Name, ID number, phone and account never leave this table in the open."""

    __tablename__ = "person"
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

    def die(self, on: date | None, *, today: date) -> None:
        """Raises DiedInFuture."""
        if on is not None and on > today:
            raise DiedInFuture
        self.died_on = on
