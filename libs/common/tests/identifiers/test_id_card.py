"""Identity numbers: what is read, and what each refusal is for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendar.months import Month
from common.identifiers.id_card import IdCard, IdCardBirthDateImpossible, IdCardCheckDigitWrong, IdCardMalformed, check_character
from common.refusal import Invalid

TODAY = date(2018, 1, 2)


def number(seventeen: str) -> str:
    return seventeen + check_character(seventeen)


VALID = number("32059919850412013")


def test_a_number_tells_birth_and_sex() -> None:
    card = IdCard.parse(VALID, today=TODAY)
    assert (card.birth_on, card.birth_month, card.is_male, card.area_code) == (date(1985, 4, 12), Month(1985, 4), True, "320599")


def test_published_example_of_the_standard() -> None:
    assert check_character("11010519491231002") == "X"


def test_as_people_type_it() -> None:
    x = "11010519491231002x"
    assert IdCard.parse(" 110105 19491231 002x ", today=TODAY) == IdCard.parse(x.upper(), today=TODAY)
    assert IdCard.parse("１１０１０５１９４９１２３１００２Ｘ", today=TODAY).number == x.upper()


def test_a_number_of_fifteen_digits_becomes_the_new_one() -> None:
    assert IdCard.parse("110105491231002", today=TODAY).number == "11010519491231002X"


def test_a_county_that_is_in_no_list_is_no_ground_for_refusal() -> None:
    for county in ("320521", "320582", "320599", "830000"):
        assert IdCard.parse(number(f"{county}19600229012"), today=TODAY)


def test_a_permanent_resident_card_for_foreigners() -> None:
    assert IdCard.parse(number("93284019800101012"), today=TODAY)


@pytest.mark.parametrize(
    "text",
    ["", "3205991985041201", VALID + "1", "X" * 18, "3205991985041201ⅹⅹ", number("99959919850412013")[1:], number("00059919850412013")],
)
def test_malformed(text: str) -> None:
    with pytest.raises(IdCardMalformed):
        IdCard.parse(text, today=TODAY)


@pytest.mark.parametrize("born", ["19850230", "20180102", "20990101", "19851301"])
def test_birth_must_be_a_past_day(born: str) -> None:
    with pytest.raises(IdCardBirthDateImpossible):
        IdCard.parse(number(f"320599{born}012"), today=TODAY)


def test_born_yesterday() -> None:
    assert IdCard.parse(number("32059920180101012"), today=TODAY)


@given(st.dates(date(1930, 1, 1), date(2001, 12, 31)), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(born: date, sequence: int, place: int, difference: int) -> None:
    right = number(f"320599{born:%Y%m%d}{sequence:03d}")
    wrong = right[:place] + str((int(right[place]) + difference) % 10) + right[place + 1 :]
    with pytest.raises((IdCardMalformed, IdCardBirthDateImpossible, IdCardCheckDigitWrong)):
        IdCard.parse(wrong, today=TODAY)


@pytest.mark.parametrize("text", ["32059919850412", number("32059919850230012"), VALID[:-1] + ("1" if VALID[-1] != "1" else "2")])
def test_a_refusal_never_repeats_the_number(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        IdCard.parse(text, today=TODAY)
    refusal = caught.value
    assert text[:6] not in f"{refusal!r} {refusal} {refusal.title} {refusal.detail} {refusal.__cause__}"


def test_masked_and_in_representations() -> None:
    card = IdCard.parse(VALID, today=TODAY)
    assert VALID[4:16] not in repr(card)
    assert card.masked == f"3***************{VALID[-2:]}"
