"""The unified social credit code (统一社会信用代码, GB 32100-2015) with the organisation code inside it (GB 11714-1997)."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum.cn import uscc as standard

from common.identifiers.text import tidied
from common.refusal import Invalid

_CODE = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{2}\d{6}[0-9A-HJ-NP-RT-UW-Y]{10}", re.ASCII)
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class UsccMalformed(Invalid):
    title = "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、Z、S、V）"


class UsccCheckDigitWrong(Invalid):
    title = "统一社会信用代码校验不符，请对照营业执照或登记证书核对每一位"


@lru_cache(maxsize=10_000)
def parse_uscc(text: str) -> str:
    """The code as it is stored. Raises UsccMalformed, UsccCheckDigitWrong (of the whole or of the organisation code inside).

    A file names the same organisations again and again: what was found right is not worked out for every row.
    """
    code = tidied(text)
    if not _CODE.fullmatch(code):
        raise UsccMalformed
    if standard.calc_check_digit(code[:17]) != code[17] or organisation_check_character(code[8:16]) != code[16]:
        raise UsccCheckDigitWrong
    return code


def complete_uscc(sixteen: str) -> str:
    """Both check characters after authority, kind, area and the 8 characters of the organisation."""
    seventeen = sixteen + organisation_check_character(sixteen[8:])
    return seventeen + str(standard.calc_check_digit(seventeen))


def organisation_check_character(eight: str) -> str:
    """The ninth character of an organisation code (GB 11714)."""
    rest = 11 - sum(weight * int(character, 36) for weight, character in zip(_INNER_WEIGHTS, eight, strict=True)) % 11
    return "0" if rest == 11 else "X" if rest == 10 else str(rest)
