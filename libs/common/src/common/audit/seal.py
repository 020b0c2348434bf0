"""A seal: ties an audit row, every column of it, to the seal before it, under a key that the database does not know."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

GENESIS = bytes(32)
"""What the first seal stands on."""
_KEY_BYTES = 32

COLUMNS = {
    "id": "a.id::text",
    "at": "extract(epoch FROM a.at)::text",
    "actor": "a.actor",
    "role": "a.role",
    "operation": "a.operation",
    "subject": "a.subject",
    "subject_id": "a.subject_id::text",
    "version": "a.version::text",
    "verb": "a.verb",
    "cause": "a.cause",
    "request_id": "a.request_id",
    "changes": "a.changes::text",
}
"""Every column of the audit as the text that is sealed; the same whatever the session's time zone and date style."""
CONTENT = f"ARRAY[{', '.join(COLUMNS.values())}]"
"""SQL for a row `a` of the audit."""
Content = Sequence[str | None]
_as_text = json.JSONEncoder(ensure_ascii=False).encode


class Seal(NamedTuple):
    """A row of the chain, in the order of the table's columns."""

    seal_no: int
    audit_id: int
    day: date
    key_id: str
    previous: bytes
    hash: bytes


class AuditKeys:
    """Named keys. The newest seals; older ones go on verifying what they have sealed."""

    def __init__(self, service: str, keys: Mapping[str, bytes]) -> None:
        """`service`: the same row under the same key has another seal in another service's chain."""
        if not keys or any(len(key) < _KEY_BYTES for key in keys.values()):
            raise ValueError("set CRAFTPORT_AUDIT_KEYS to name:base64[,name:base64…], the newest first, of 32 bytes or more each")
        self._service, self._keys = service, keys
        self.newest = next(iter(keys))

    @classmethod
    def parse(cls, service: str, text: str) -> AuditKeys:
        """From the settings' form, `name:base64,name:base64`, newest first."""
        pairs = (part.partition(":") for part in text.split(",") if part)
        return cls(service, {name: base64.b64decode(key, validate=True) for name, _, key in pairs})

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def hash(self, seal: Seal, content: Content) -> bytes:
        """What the seal's hash must be when it seals this content; the hash that it has does not count. KeyError: the key is not ours."""
        sealed = [self._service, seal.seal_no, seal.audit_id, seal.day.isoformat(), seal.key_id, seal.previous.hex(), *content]
        # JSON keeps its parts apart: no two lists have one text.
        return hmac.digest(self._keys[seal.key_id], _as_text(sealed).encode(), "sha256")

    def seal(self, seal_no: int, audit_id: int, day: date, previous: bytes, content: Content) -> Seal:
        """The next link, under the newest key."""
        link = Seal(seal_no, audit_id, day, self.newest, previous, b"")
        return link._replace(hash=self.hash(link, content))
