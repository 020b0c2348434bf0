"""Codes of organisations, areas, levels, occupations, certificates and telephones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.identifiers.area import TOWNS, AreaCodeMalformed, is_in_city, is_outside_province, parse_area
from common.identifiers.certificate_number import CertificateNumberLengthWrong, hint, mask_certificate_number, parse_certificate_number
from common.identifiers.level import LEVEL_NAMES, LevelUnknown, at_least, parse_level
from common.identifiers.mobile import MobileMalformed, mask_mobile, parse_mobile
from common.identifiers.occupation import OccupationCodeMalformed, OccupationEditionUnknown, occupation_key
from common.identifiers.uscc import UsccCheckDigitWrong, UsccMalformed, complete_uscc, organisation_check_character, parse_uscc

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(st.text(USCC_ALPHABET, min_size=8, max_size=8))
def test_a_completed_code_is_read_as_typed(body: str) -> None:
    code = complete_uscc("91320599" + body)
    assert parse_uscc(f" {code[:8].lower()} {code[8:].lower()}") == code


def test_a_wrong_organisation_code_inside_is_noticed_though_the_outer_digit_is_right() -> None:
    right = complete_uscc("91320599MA1A0001")
    inner = "0" if right[16] != "0" else "1"
    outer = next(last for last in USCC_ALPHABET if _outer_is_right(right[:16] + inner + last))
    with pytest.raises(UsccCheckDigitWrong):
        parse_uscc(right[:16] + inner + outer)


def _outer_is_right(code: str) -> bool:
    from stdnum.cn import uscc

    return bool(uscc.is_valid(code))


def test_organisation_codes_of_all_three_kinds_of_rest() -> None:
    # The standard's own example, and one of each special rest.
    assert organisation_check_character("D2143569") == "X"
    assert {organisation_check_character(f"0000000{n}") for n in range(10)} >= {"0", "9"}


@pytest.mark.parametrize("text", ["", "91320599MA1A0001", "91320599MA1A0001I0", "9132059OMA1A000100"])
def test_malformed_organisation_code(text: str) -> None:
    with pytest.raises(UsccMalformed):
        parse_uscc(text)


def test_the_city_its_towns_and_the_county_it_was() -> None:
    assert all(is_in_city(code) for code in ("320582", "320582100", "320521"))
    assert not any(is_in_city(code) for code in ("320581", "320500", "310582"))
    assert is_outside_province("310115")
    assert not is_outside_province("320581")


def test_towns_before_and_after_the_change_of_boundaries() -> None:
    before, after = ({town.code for town in TOWNS if town.exists_on(day)} for day in (date(2020, 12, 31), date(2021, 1, 1)))
    assert before - after == {"320582102"}
    assert after - before == {"320582001", "320582002", "320582003"}


@pytest.mark.parametrize("text", ["", "32058", "3205821", "3205821000", "32058A"])
def test_malformed_area(text: str) -> None:
    with pytest.raises(AreaCodeMalformed):
        parse_area(text)


def test_levels_run_backwards() -> None:
    assert [parse_level(name) for name in LEVEL_NAMES.values()] == [5, 4, 3, 2, 1]
    assert parse_level("首席技师") == 1
    assert at_least(3, 3)
    assert at_least(2, 3)
    assert not at_least(4, 3)


@pytest.mark.parametrize("text", ["", "学徒工", "6", "0", "工"])
def test_unknown_level(text: str) -> None:
    with pytest.raises(LevelUnknown):
        parse_level(text)


def test_an_occupation_is_edition_and_code() -> None:
    assert occupation_key("2015", "6－18－02－04") == "2015:6-18-02-04"
    assert occupation_key("1999", "6-04-02-05-01") == "1999:6-04-02-05-01"
    with pytest.raises(OccupationEditionUnknown):
        occupation_key("2018", "6-18-02-04")
    with pytest.raises(OccupationCodeMalformed):
        occupation_key("2015", "6-18-2-04")


def test_certificate_numbers_of_every_format_pass() -> None:
    assert parse_certificate_number(" y0001320000011830 00123 ") == "Y000132000001183000123"
    assert hint("Y000132000001183000123") == (2018, 3)
    assert hint("1810003001431234") == hint("1810003001331234")._replace(level_code=4)
    assert hint("1810003001031234") is None, "there is no level 0"
    assert parse_certificate_number("ANY-FORM-OF-NUMBER-99")


def test_a_masked_certificate_number_keeps_its_length_and_its_ends() -> None:
    assert mask_certificate_number("1810003001431234") == "1*************34"
    assert mask_certificate_number("Y000132000001183000123") == f"Y{'*' * 19}23"


@pytest.mark.parametrize("text", ["1" * 11, "1" * 31, ""])
def test_certificate_numbers_of_impossible_length(text: str) -> None:
    with pytest.raises(CertificateNumberLengthWrong):
        parse_certificate_number(text)


def test_mobile_numbers() -> None:
    assert parse_mobile("+86 120-1234-5678") == "12012345678"
    assert mask_mobile("12012345678") == "*********78"
    for text in ("22012345678", "1201234567", ""):
        with pytest.raises(MobileMalformed):
            parse_mobile(text)
