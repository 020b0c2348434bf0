"""Personal data at rest: AES-256-GCM bound to its place, and a keyed index to find it by. SM4 and SM3 fit behind the same two classes."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class CannotDecrypt(RuntimeError):
    """The key is unknown, or the ciphertext belongs to another place or was changed."""


class FieldCipher:
    """Encrypts one field of one row. The ciphertext names its key; older keys go on decrypting after a rotation."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("no encryption key: set CRAFTPORT_ENCRYPTION_KEYS to name:base64[,name:base64…], the newest first")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._newest = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> FieldCipher:
        """From the settings' form, `name:base64,name:base64`, newest first."""
        pairs = (part.partition(":") for part in text.split(",") if part)
        return cls({name: base64.b64decode(key, validate=True) for name, _, key in pairs})

    def encrypt(self, value: str, *, field: str, row: UUID) -> bytes:
        """`field` is `table.column`: a ciphertext moved to another place does not decrypt."""
        return self.encrypt_bytes(value.encode(), field=field, row=row)

    def decrypt(self, ciphertext: bytes, *, field: str, row: UUID) -> str:
        """Raises CannotDecrypt."""
        return self.decrypt_bytes(ciphertext, field=field, row=row).decode()

    def encrypt_bytes(self, value: bytes, *, field: str, row: UUID) -> bytes:
        """A whole file, say."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        name = self._newest.encode()
        return bytes([len(name)]) + name + nonce + self._ciphers[self._newest].encrypt(nonce, value, _place(field, row))

    def decrypt_bytes(self, ciphertext: bytes, *, field: str, row: UUID) -> bytes:
        """Raises CannotDecrypt."""
        end = 1 + ciphertext[0] if ciphertext else 0
        cipher = self._ciphers.get(ciphertext[1:end].decode(errors="replace"))
        if cipher is None:
            raise CannotDecrypt(f"{field}: its key is not among the settings' keys")
        try:
            return cipher.decrypt(ciphertext[end : end + _NONCE_BYTES], ciphertext[end + _NONCE_BYTES :], _place(field, row))
        except (InvalidTag, ValueError) as error:
            raise CannotDecrypt(f"{field}: changed, or of another row") from error

    def is_current(self, ciphertext: bytes) -> bool:
        """Whether it is under the newest key; the others wait for re-encryption."""
        return ciphertext[1 : 1 + ciphertext[0]] == self._newest.encode()


def _place(field: str, row: UUID) -> bytes:
    return f"{field}:{row}".encode()


class BlindIndex:
    """Finds an equal value without showing it: HMAC-SHA256 of the normalised value, under a key of its own."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the index key must have 32 bytes or more: set CRAFTPORT_INDEX_KEY to its base64")
        self._key = key

    @classmethod
    def parse(cls, text: str) -> BlindIndex:
        """From the settings' form, base64."""
        return cls(base64.b64decode(text, validate=True))

    def of(self, value: str, *, field: str) -> bytes:
        """32 bytes; equal values of one field have equal ones."""
        return hmac.digest(self._key, f"{field}:{value}".encode(), "sha256")


@dataclass(frozen=True)
class Keys:
    """What a service seals personal data with, and finds it by."""

    cipher: FieldCipher
    index: BlindIndex
