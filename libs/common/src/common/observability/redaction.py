"""Taking personal data out of whatever is about to be logged or exported: by key, and by shape inside any text."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REDACTED = "[redacted]"

SECRET_KEYS = frozenset(
    {
        "account", "authorization", "client_secret", "cookie", "file_name", "id_card", "id_number", "input", "input_value", "mobile", "name_of_person",
        "number", "password", "payee_account", "person_name", "phone", "refresh_token", "secret", "set-cookie", "access_token", "token", "url.query",
        "query_string", "姓名", "证件号码", "手机", "社会保障卡账号", "账号", "证书编号", "联系人",
    }
)  # fmt: skip
"""Whatever stands under these keys is hidden whole, compared without case."""

# Surroundings are checked for digits only where a leak would name somebody; telephones also for letters, or hexadecimal ids would suffer.
_SHAPES = re.compile(
    r"""
      (?P<token> (?i:bearer)\s+[\w.~+/=-]+ | \beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)? )
    | (?P<url_password> (?<=://)[^\s:/@]+:[^\s/@]+(?=@) )
    | (?P<id_card> (?<!\d)\d{17}[\dXx](?!\d) | (?<![\da-fA-F-])\d{15}(?![\da-fA-F]) )
    | (?P<certificate> (?<![0-9A-Za-z])[SYsy]\d{21}(?!\d) )
    | (?P<account> (?<!\d)\d{16,19}(?!\d) | (?<!\d)\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?(?!\d) )
    | (?P<mobile> (?<![0-9A-Za-z.-])(?:\+?86[ -]?)?1\d{2}[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z]) )
    """,
    re.VERBOSE,
)
# Exceptions of the libraries in use quote values: the database its parameters and rows, Pydantic the input.
_QUOTED = (
    re.compile(r"(?<=input_value=).*?(?=, input_type=)", re.DOTALL),
    re.compile(r"(?<=\[parameters: ).*?(?=\]$|\]\n)", re.DOTALL | re.MULTILINE),
    re.compile(r"(?<=DETAIL:).*"),
    re.compile(r"(?<=\)=\().*?(?=\)(?: already exists| is not present| conflicts|$))"),
    re.compile(r"(?<=Failing row contains \().*?(?=\)\.?$)", re.MULTILINE),
    re.compile(r"(?<=invalid input syntax for type ).*"),
)
_ID_CARD_OR_ACCOUNT_DIGITS = 15
_MOBILE_DIGITS = 11


def redact_text(text: str) -> str:
    """The text without numbers of persons, accounts, telephones, tokens, and without values that exceptions quote."""
    for quoted in _QUOTED:
        text = quoted.sub(REDACTED, text)
    return _SHAPES.sub(REDACTED, text)


def redact(value: Any, *, key: str = "") -> Any:
    """The same value, at any depth, with personal data hidden. What is no plain value is hidden inside its text."""
    if key.lower() in SECRET_KEYS:
        return REDACTED if value is not None else None
    match value:
        case None | bool() | float():
            return value
        case int():
            return REDACTED if _names_somebody(value) else value
        case str():
            return redact_text(value)
        case bytes():
            return f"[{len(value)} bytes]"
        case Mapping():
            return {redact_text(str(inner)): redact(item, key=str(inner)) for inner, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redact(item) for item in value]
        case _:
            return redact_text(str(value))


def _names_somebody(value: int) -> bool:
    digits = str(abs(value))
    return len(digits) >= _ID_CARD_OR_ACCOUNT_DIGITS or (len(digits) == _MOBILE_DIGITS and digits[0] == "1")


def redactor(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor, after the one that makes texts of exceptions and before any handler sees the event."""
    return {key: redact(value, key=key) for key, value in event.items()}
