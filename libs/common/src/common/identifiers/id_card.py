"""The number on the identity card (公民身份号码, GB 11643-1999): 6 area, 8 birth, 3 sequence, 1 check character.

Check character, birth date in the past and province decide; the county does not, because county codes changed many times since people were born.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from common.calendar.months import Month
from common.identifiers.text import tidied
from common.refusal import Invalid

PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()  # noqa: SIM905
)
"""GB/T 2260, with the residence permits of Taiwan (71, 83), Hong Kong (81) and Macao (82)."""
FOREIGN_RESIDENT = "9"
"""Permanent residence cards since 2023-12-01 begin so."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_NUMBER = re.compile(r"\d{17}[\dX]|\d{15}", re.ASCII)
_NEW_LENGTH = 18


class IdCardMalformed(Invalid):
    title = "证件号码应为 17 位数字加 1 位数字或 X（或旧 15 位），前两位为省级代码"


class IdCardCheckDigitWrong(Invalid):
    title = "证件号码末位校验不符，请对照证件核对每一位"


class IdCardBirthDateImpossible(Invalid):
    title = "证件号码第 7 至 14 位不是已过去的日期，请对照证件核对出生日期"


def check_character(seventeen: str) -> str:
    """The 18th character of 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECK_CHARACTERS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, seventeen, strict=True)) % 11]


@dataclass(frozen=True, slots=True, repr=False)
class IdCard:
    """A valid 18-character number. `str()` gives the number; `repr()` and logs give it masked."""

    number: str

    @classmethod
    def parse(cls, text: str, *, today: date) -> IdCard:
        """Read a number as typed; an old one of 15 digits becomes the 18 characters that replaced it.

        Raises IdCardMalformed, IdCardBirthDateImpossible, IdCardCheckDigitWrong.
        """
        number = tidied(text)
        if not _NUMBER.fullmatch(number):
            raise IdCardMalformed
        if len(number) != _NEW_LENGTH:
            seventeen = f"{number[:6]}19{number[6:]}"
            number = seventeen + check_character(seventeen)
        if number[:2] not in PROVINCES and number[0] != FOREIGN_RESIDENT:
            raise IdCardMalformed
        card = cls(number)
        try:
            born_on = card.birth_on
        except ValueError:
            raise IdCardBirthDateImpossible from None
        if born_on >= today:
            raise IdCardBirthDateImpossible
        if check_character(number[:17]) != number[17]:
            raise IdCardCheckDigitWrong
        return card

    @property
    def area_code(self) -> str:
        """The county of registered residence when the number was given: neither today's hukou nor where the person lives."""
        return self.number[:6]

    @property
    def birth_on(self) -> date:
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def birth_month(self) -> Month:
        return Month(int(self.number[6:10]), int(self.number[10:12]))

    @property
    def is_male(self) -> bool:
        return int(self.number[16]) % 2 == 1

    @property
    def masked(self) -> str:
        """First and last two characters: the usual 6 + 4 leaves a handful of candidates when the birth year is known."""
        return f"{self.number[0]}{'*' * 15}{self.number[-2:]}"

    def __str__(self) -> str:
        return self.number

    def __repr__(self) -> str:
        return f"IdCard({self.masked})"
