"""Names and numbers that cannot be anybody's: county 320599, mobiles 120…, cards 9999….

Numbers are made from an index by a bijection, so that a city of any size has no two alike and nothing need be remembered.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from common.identifiers.id_card import check_character
from common.identifiers.uscc import complete_uscc

COUNTY = "320599"
"""Unassigned, as far as the published code lists go."""

_FIRST_BIRTHDAY = date(1958, 3, 1).toordinal()
_BIRTHDAYS = 15_000
_ORDINARY_SEQUENCES = 900
_NUMBERS = _BIRTHDAYS * _ORDINARY_SEQUENCES
_STRIDE = 6_700_417  # coprime with _NUMBERS: neighbours in the city are no neighbours in age
_FIRST_YOUNG_BIRTHDAY = date(1995, 1, 1).toordinal()
_YOUNG_BIRTHDAYS = 1_820
YOUNG_NUMBERS = _YOUNG_BIRTHDAYS * (1_000 - _ORDINARY_SEQUENCES)

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤仇单缪季"
_TWO_CHARACTER_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "尉迟", "皇甫")
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文斌辉鑫鹏飞宇浩晨欣雨佳怡梦婷雪琳慧颖志海波峰健龙云翔俊凯嘉诚思远子涵博睿㛃𬍛"
_LATIN = ("SMITH JOHN", "GARCÍA ANA", "O'NEILL MARY")
_DOTTED = ("阿卜杜拉·买买提", "古丽·艾合买提", "迪丽努尔·吐尔逊")


def ordinary_number(index: int) -> tuple[str, date]:
    """ID number and birth date of the `index`-th ordinary person (born 1958–1999)."""
    birthday, sequence = divmod(index * _STRIDE % _NUMBERS, _ORDINARY_SEQUENCES)
    return _number(_FIRST_BIRTHDAY + birthday, sequence)


def young_number(index: int) -> tuple[str, date]:
    """ID number and birth date of the `index`-th of those born 1995–1999, with sequences that ordinary persons never have."""
    sequence, birthday = divmod(index, _YOUNG_BIRTHDAYS)
    return _number(_FIRST_YOUNG_BIRTHDAY + birthday * 997 % _YOUNG_BIRTHDAYS, _ORDINARY_SEQUENCES + sequence)


def number_of(born_on: date, sequence: int) -> str:
    """An ID number with a chosen birth date; sequences from 980 are free for stories about people not born 1995–1999."""
    return _number(born_on.toordinal(), sequence)[0]


def _number(birthday: int, sequence: int) -> tuple[str, date]:
    born_on = date.fromordinal(birthday)
    seventeen = f"{COUNTY}{born_on.year:04d}{born_on.month:02d}{born_on.day:02d}{sequence:03d}"
    return seventeen + check_character(seventeen), born_on


def mobile(index: int) -> str:
    return f"120{index % 100_000_000:08d}"


def account(index: int) -> str:
    """A card number of 19 digits with a right Luhn digit."""
    digits = f"9999{index:014d}"
    total = 0
    for nth, character in enumerate(reversed(digits)):
        digit = int(character)
        total += digit if nth % 2 else digit * 2 - 9 * (digit > 4)
    return digits + str(-total % 10)


def name(chance: Random) -> str:
    """Mostly two or three common characters; now and then a rare character, a long surname, a dot or Latin letters."""
    draw = chance.random()
    if draw < 0.002:
        return chance.choice(_LATIN)
    if draw < 0.008:
        return chance.choice(_DOTTED)
    surname = chance.choice(_TWO_CHARACTER_SURNAMES) if draw < 0.014 else _SURNAMES[int(chance.random() ** 2 * len(_SURNAMES))]
    given = _GIVEN[int(chance.random() * len(_GIVEN))]
    return surname + given + (_GIVEN[int(chance.random() * len(_GIVEN))] if draw < 0.8 else "")


def uscc(registered_as: str, number: int) -> str:
    """A credit code: 91 enterprise, 12 public school, 52 private training body, 92 sole trader."""
    return complete_uscc(f"{registered_as}{COUNTY}MA{number:06d}")


def end_of_month(month: int) -> date:
    """The last day of a month counted from year 0."""
    following = month + 1
    return date(following // 12, following % 12 + 1, 1) - timedelta(days=1)
