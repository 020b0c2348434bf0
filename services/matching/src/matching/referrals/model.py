"""Who was referred by whom, and the counts of each partner-year. Written by reconciliation alone."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from common.database.columns import json
from matching.tables import Table


class Referral(Table, table=True):
    """One person of one partner in one year: reported, confirmed, and his highest valid certificate (codes run backwards)."""

    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_partner_id", "partner_id", "year"),)

    person_id: UUID = Field(primary_key=True)
    partner_id: UUID = Field(primary_key=True)
    year: int = Field(primary_key=True)
    is_employed: bool
    level_code: int | None = None


class ReferralCount(Table, table=True):
    """A partner's year: persons delivered, employed, and certified by level."""

    __tablename__ = "referral_count"

    partner_id: UUID = Field(primary_key=True)
    year: int = Field(primary_key=True)
    delivered: int
    employed: int
    certified_by_level: dict[str, int] = Field(sa_type=json)
