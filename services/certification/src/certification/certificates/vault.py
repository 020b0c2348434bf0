"""Where certificate numbers are kept: encrypted for reading, and under a keyed index for finding."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from common.security.encryption import BlindIndex, FieldCipher

_FIELD = "certificate.number"
"""Migration 0007 seals under the same name."""


@dataclass(frozen=True)
class Vault:
    """Seals, opens and finds the numbers of `certificate`."""

    cipher: FieldCipher
    index: BlindIndex

    def seal(self, number: str, certificate_id: UUID) -> bytes:
        """For the column `number_sealed`."""
        return self.cipher.encrypt(number, field=_FIELD, row=certificate_id)

    def open(self, sealed: bytes, certificate_id: UUID) -> str:
        """The number. Raises CannotDecrypt."""
        return self.cipher.decrypt(sealed, field=_FIELD, row=certificate_id)

    def find_by(self, number: str) -> bytes:
        """The index value of a number."""
        return self.index.of(number, field=_FIELD)
