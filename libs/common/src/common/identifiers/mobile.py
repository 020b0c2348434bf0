"""Mobile numbers: eleven digits that begin with 1. The operators' ranges change too often to be checked."""

from __future__ import annotations

import re

from common.identifiers.text import tidied
from common.refusal import Invalid

_MOBILE = re.compile(r"(?:\+?86)?(1\d{10})", re.ASCII)


class MobileMalformed(Invalid):
    title = "手机号码应为 11 位数字，以 1 开头"


def parse_mobile(text: str) -> str:
    """The eleven digits. Raises MobileMalformed."""
    found = _MOBILE.fullmatch(tidied(text).replace("-", ""))
    if found is None:
        raise MobileMalformed
    return found[1]


def mask_mobile(number: str) -> str:
    """The last two digits only."""
    return f"{'*' * 9}{number[-2:]}"
