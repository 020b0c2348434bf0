"""Occupations: the same code means different trades in different editions, so a key is edition and code, `2015:6-18-02-04`."""

from __future__ import annotations

import re

from common.identifiers.text import tidied
from common.refusal import Invalid

EDITIONS = ("1999", "2015", "2022")
_CODE = re.compile(r"\d(-\d{2}){3}(-\d{2})?", re.ASCII)


class OccupationCodeMalformed(Invalid):
    title = "职业编码应形如 6-18-02-04（工种再加 -01）"


class OccupationEditionUnknown(Invalid):
    title = "职业版本应为 1999、2015 或 2022（国家职业分类大典的版本）"


def occupation_key(edition: str, code: str) -> str:
    """The key of a trade. Raises OccupationEditionUnknown, OccupationCodeMalformed."""
    edition, code = tidied(edition), tidied(code)
    if edition not in EDITIONS:
        raise OccupationEditionUnknown
    if not _CODE.fullmatch(code):
        raise OccupationCodeMalformed
    return f"{edition}:{code}"
