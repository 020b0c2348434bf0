"""What certification needs beside its database: who persons are, and the keys under which certificate numbers stand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from certification.certificates.model import Certificate
from certification.certificates.vault import Vault
from common.identifiers.people import People
from common.security.encryption import CannotDecrypt
from common.service import Running


class KeysDoNotFit(RuntimeError):
    """The settings' keys are not those under which the database's certificate numbers stand."""


@dataclass(frozen=True)
class Equipment:
    """Found by routes and imports as `equipment`."""

    people: People
    vault: Vault


async def equip(running: Running) -> Equipment:
    """Raises KeysDoNotFit."""
    vault = Vault(running.keys.cipher, running.keys.index)
    async with running.database.transaction() as session:
        await must_fit(session, vault)
    return Equipment(People(running.other_services()), vault)


async def must_fit(session: AsyncSession, vault: Vault) -> None:
    """The oldest number and the newest open, and are found. Raises KeysDoNotFit.

    Under another index key every known number would be taken for a new one, and its holder paid twice: better not to start.
    """
    for end in (col(Certificate.id).asc(), col(Certificate.id).desc()):
        certificate = (await session.execute(select(Certificate).order_by(end).limit(1))).scalar_one_or_none()
        if certificate is None:
            return
        try:
            is_found = vault.find_by(certificate.number(vault)) == certificate.number_index
        except CannotDecrypt as error:
            raise KeysDoNotFit("certificate numbers do not open: give CRAFTPORT_ENCRYPTION_KEYS the key of this database again") from error
        if not is_found:
            raise KeysDoNotFit("certificate numbers would not be found: give CRAFTPORT_INDEX_KEY the key of this database again")
