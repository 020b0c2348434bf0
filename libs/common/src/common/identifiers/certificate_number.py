"""Certificate numbers: a dozen formats are in circulation, so only the length decides, and the format is a hint."""

from __future__ import annotations

import re
from typing import NamedTuple

from common.identifiers.text import tidied
from common.refusal import Invalid

SHORTEST, LONGEST = 12, 30
_QUALIFICATION = re.compile(r"(?P<year>\d{2})\d{8}(?P<level>[1-5])\d{5}", re.ASCII)
_SKILL_LEVEL = re.compile(r"[YS]\d{12}(?P<year>\d{2})(?P<level>[1-5])\d{6}", re.ASCII)


class CertificateNumberLengthWrong(Invalid):
    title = "证书编号应为 12 至 30 位"


class CertificateHint(NamedTuple):
    """What the usual format would say; worth a question where the entered values differ, never a refusal."""

    issued_year: int
    level_code: int


def parse_certificate_number(text: str) -> str:
    """The number as it is stored. Raises CertificateNumberLengthWrong."""
    number = tidied(text)
    if not SHORTEST <= len(number) <= LONGEST:
        raise CertificateNumberLengthWrong
    return number


def mask_certificate_number(number: str) -> str:
    """First and last two characters: the year, the body and the level stand beside it, so that only the serial number is a secret."""
    return f"{number[0]}{'*' * (len(number) - 3)}{number[-2:]}"


def hint(number: str) -> CertificateHint | None:
    """Year and level by the 16-digit qualification or the 22-character skill-level format; None for every other."""
    found = _QUALIFICATION.fullmatch(number) or _SKILL_LEVEL.fullmatch(number)
    return found and CertificateHint(issued_year=2000 + int(found["year"]), level_code=int(found["level"]))
