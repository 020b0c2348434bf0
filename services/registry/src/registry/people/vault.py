"""Where a person's identifiers are kept: encrypted for reading, and under a keyed index for finding."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from common.security.encryption import BlindIndex, FieldCipher


@dataclass(frozen=True)
class Vault:
    """Seals and opens the identifying columns of `person`."""

    cipher: FieldCipher
    index: BlindIndex

    def seal(self, column: str, value: str | None, person_id: UUID) -> bytes | None:
        """For the column `<column>_sealed`; None stays None."""
        return None if value is None else self.cipher.encrypt(value, field=f"person.{column}", row=person_id)

    def open(self, column: str, sealed: bytes | None, person_id: UUID) -> str | None:
        """What stands in the column."""
        return None if sealed is None else self.cipher.decrypt(sealed, field=f"person.{column}", row=person_id)

    def find_by(self, id_number: str) -> bytes:
        """The index value of an ID number."""
        return self.index.of(id_number, field="person.id_number")
