"""Vectors 9, 10, 11 and 13 of the readings, and who counts once: from a person's facts to what is due, through every step that is pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from awards.kernel.explanation import explain
from awards.kernel.kinds import Outcome
from awards.kernel.parameters import Parameters
from awards.parameters.seed import load_seed
from awards.policy.dossier import City, PersonFacts
from awards.policy.due import Owed, person_due
from awards.policy.grounds.recruitment import recruitments
from awards.policy.schemes import BY_ID
from contracts import awards, certification, registry, training

SEED = load_seed()
WELDER = "2015:6-18-02-04"


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


MAN = _id("本人")


def organisation(name: str, *, is_local: bool = True) -> registry.Organisation:
    span = registry.OrganisationSpan(
        kind=registry.OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=is_local, first_on=date(2000, 1, 1)
    )
    return registry.Organisation(id=_id(name), uscc="91320599MA1MC0Q16D", spans=(span,))


CITY = City(
    organisations={each.id: each for each in (organisation("甲厂"), organisation("乙厂"), organisation("外厂", is_local=False))},
    catalogues=[
        training.Catalogue(
            id=_id("目录"), year=2018, entries=(training.CatalogueEntry(occupation=WELDER, level_codes=(3, 2, 1)),), in_force_from=date(2018, 1, 1),
            paper_number="1",
        )
    ],
    employment_complete_since=date(2000, 1, 1),
    insurance_complete_since=date(2000, 1, 1),
)  # fmt: skip
PERSON = registry.Person(id=MAN, birth_month="1990-05", hukou=(registry.HukouSpan(area_code="340100", first_on=date(1990, 5, 1)),))


def job(organisation: str, started_on: date, ended_on: date | None = None) -> registry.Employment:
    return registry.Employment(
        id=_id(f"{organisation}{started_on}"), person_id=MAN, organisation_id=_id(organisation), kind=registry.EmploymentKind.CONTRACT,
        started_on=started_on, ended_on=ended_on, evidence=registry.EmploymentEvidence.CONTRACT,
    )  # fmt: skip


def insured(first_month: str, last_month: str) -> registry.InsuranceSpan:
    return registry.InsuranceSpan(
        kind=registry.InsuranceKind.FIVE_IN_ONE, organisation_id=_id("甲厂"), first_month=first_month, last_month=last_month
    )


def certificate(level_code: int, issued_on: date, **changed: Any) -> certification.Certificate:
    values = {
        "id": _id(f"证书{level_code}{issued_on}"), "person_id": MAN, "occupation": WELDER, "level_code": level_code, "mode": "SOCIAL_APPRAISAL",
        "kind": "QUALIFICATION", "issued_on": issued_on, "body_id": _id("鉴定所"),
    }  # fmt: skip
    return certification.Certificate.model_validate(values | changed)


def title(kind: str, awarded_on: date, withdrawn_on: date | None = None) -> certification.Title:
    return certification.Title(
        id=_id(f"{kind}{awarded_on}"), person_id=MAN, kind=certification.TitleKind(kind), awarded_on=awarded_on, paper_number="1",
        withdrawn_on=withdrawn_on,
    )  # fmt: skip


def named(named_on: date, **changed: Any) -> awards.Honour:
    values = {
        "id": _id(f"命名{named_on}"), "person_id": MAN, "kind": "OUTSTANDING", "year": named_on.year, "rank": 1, "named_on": named_on, "term_years": 3,
        "paper_number": "1",
    }  # fmt: skip
    return awards.Honour.model_validate(values | changed)


def due(today: date, parameters: Parameters = SEED, *, city: City = CITY, **facts: Sequence[Any]) -> list[Owed]:
    person = PersonFacts(MAN, PERSON, **facts)
    return [each for each in person_due(person, city, parameters, today).owed if each.outcome is Outcome.GRANTED]


def sums(owed: list[Owed]) -> dict[str, int]:
    """Yuan by scheme."""
    found: dict[str, int] = {}
    for each in owed:
        assert each.displaced_by is None
        found[each.scheme.id] = found.get(each.scheme.id, 0) + each.fen // 100
    return found


def test_vector_9_a_national_master_who_is_also_a_senior_technician_is_paid_for_once() -> None:
    owed = due(
        date(2018, 6, 1),
        employments=[job("甲厂", date(2018, 3, 1))],
        titles=[title("NATIONAL_TECHNICAL_EXPERT", date(2016, 5, 4))],
        certificates=[certificate(1, date(2015, 5, 20))],
    )

    assert [(each.scheme.id, each.fen, each.payee) for each in owed] == [("recruited-master", 10_000_000, _id("甲厂"))]


@pytest.mark.parametrize(
    ("started_on", "right_on"),
    [(date(2019, 3, 1), date(2020, 3, 1)), (date(2020, 2, 29), date(2021, 2, 28)), (date(2018, 12, 31), date(2019, 12, 31))],
)
def test_vector_10_the_right_arises_on_the_anniversary_and_not_the_day_before(started_on: date, right_on: date) -> None:
    facts: dict[str, Any] = {"employments": [job("甲厂", started_on)], "certificates": [certificate(3, date(2016, 5, 20))]}

    before = due(date.fromordinal(right_on.toordinal() - 1), **facts)

    assert (sums(before), sums(due(right_on, **facts))) == ({}, {"newcomer": 2_000})


def test_vector_11_three_instalments_of_three_thousand() -> None:
    facts: dict[str, Any] = {"employments": [job("甲厂", date(2012, 3, 1))], "honours": [named(date(2018, 5, 4))]}

    by_year = [sums(due(date(year, 12, 31), **facts)) for year in (2018, 2019, 2020, 2021)]

    assert by_year == [{"outstanding": 3_000}, {"outstanding": 6_000}, {"outstanding": 9_000}, {"outstanding": 9_000}]


def test_vector_11_who_leaves_the_city_in_2019_after_payment_is_not_paid_for_2020() -> None:
    jobs = [job("甲厂", date(2012, 3, 1), date(2019, 8, 31)), job("外厂", date(2019, 9, 1))]

    owed = due(date(2021, 1, 1), employments=jobs, honours=[named(date(2018, 5, 4))])

    assert sums(owed) == {"outstanding": 6_000}


def test_vector_13_the_enterprise_and_the_person_are_both_paid() -> None:
    facts: dict[str, Any] = {"employments": [job("甲厂", date(2018, 3, 1))], "certificates": [certificate(1, date(2015, 5, 20))]}

    owed = due(date(2019, 3, 1), **facts)

    assert {(each.scheme.id, each.fen, each.payee) for each in owed} == {
        ("recruited-master", 2_000_000, _id("甲厂")),
        ("newcomer", 200_000, MAN),
    }
    assert all(each.displaced_by is None for each in owed)


def test_a_master_counts_for_whoever_brought_him_in_first_whatever_he_became_since() -> None:
    """Left after a year, back two years later as a national master: the city has brought him in already (A35, A37, A60)."""
    owed = due(
        date(2021, 6, 1),
        employments=[job("甲厂", date(2018, 3, 1), date(2018, 12, 31)), job("乙厂", date(2021, 1, 4))],
        insurance=[insured("2018-03", "2018-12")],
        certificates=[certificate(1, date(2015, 5, 20))],
        titles=[title("NATIONAL_TECHNICAL_EXPERT", date(2020, 5, 4))],
    )

    assert [(each.fen, each.payee) for each in owed if each.scheme.id == "recruited-master"] == [(2_000_000, _id("甲厂"))]


def test_who_was_nobody_when_he_first_came_is_brought_in_when_he_returns_as_a_master() -> None:
    owed = due(
        date(2021, 6, 1),
        employments=[job("甲厂", date(2018, 3, 1), date(2018, 12, 31)), job("乙厂", date(2021, 1, 4))],
        insurance=[insured("2018-03", "2018-12")],
        titles=[title("NATIONAL_TECHNICAL_EXPERT", date(2020, 5, 4))],
    )

    assert [(each.fen, each.payee) for each in owed if each.scheme.id == "recruited-master"] == [(10_000_000, _id("乙厂"))]


@pytest.mark.parametrize(("last_month", "yuan"), [("2018-02", {"recruited-master": 100_000}), ("2018-03", {})])
def test_a_return_within_twelve_whole_months_brings_nobody_in(last_month: str, yuan: dict[str, int]) -> None:
    owed = due(
        date(2019, 6, 1),
        employments=[job("甲厂", date(2017, 3, 1), date(2018, 2, 28)), job("乙厂", date(2019, 3, 15))],
        insurance=[insured("2017-03", last_month)],
        titles=[title("NATIONAL_TECHNICAL_EXPERT", date(2018, 5, 4))],
    )

    assert sums(owed) == yuan


def test_a_title_that_is_withdrawn_takes_the_reward_with_it() -> None:
    facts: dict[str, Any] = {"employments": [job("甲厂", date(2018, 3, 1))]}
    held = title("PROVINCIAL_TECHNICAL_EXPERT", date(2016, 5, 4))

    assert sums(due(date(2018, 6, 1), titles=[held], **facts)) == {"recruited-master": 50_000}
    assert due(date(2018, 6, 1), titles=[held.model_copy(update={"withdrawn_on": date(2018, 5, 1)})], **facts) == []


def test_the_days_figure_of_the_naming_holds_for_all_instalments() -> None:
    raised = Parameters.load(
        SEED.content()
        | {"outstanding.amount": [{"value": 300_000, "effective_from": "2015-01-01"}, {"value": 500_000, "effective_from": "2019-01-01"}]}
    )
    jobs = [job("甲厂", date(2012, 3, 1))]

    assert sums(due(date(2020, 12, 31), raised, employments=jobs, honours=[named(date(2018, 12, 31))])) == {"outstanding": 9_000}
    assert sums(due(date(2021, 12, 31), raised, employments=jobs, honours=[named(date(2019, 1, 1))])) == {"outstanding": 15_000}


def test_the_end_of_the_policy_stops_new_namings_and_no_running_instalments() -> None:
    ended = Parameters.load(
        SEED.content() | {"outstanding.amount": [{"value": 300_000, "effective_from": "2015-01-01", "valid_to": "2018-12-31"}]}
    )
    jobs = [job("甲厂", date(2012, 3, 1))]

    assert sums(due(date(2021, 12, 31), ended, employments=jobs, honours=[named(date(2018, 12, 31))])) == {"outstanding": 9_000}
    assert due(date(2021, 12, 31), ended, employments=jobs, honours=[named(date(2019, 1, 1))]) == []


def test_a_city_master_is_rewarded_once_in_a_life_for_the_first_title() -> None:
    figures = SEED.but(**{"city-master.amount": 500_000})
    first, again = title("CITY_TECHNICAL_EXPERT", date(2018, 9, 10)), title("CITY_TECHNICAL_EXPERT", date(2020, 9, 10))
    facts: dict[str, Any] = {"employments": [job("甲厂", date(2012, 3, 1))], "certificates": [certificate(3, date(2016, 5, 20))]}

    def grounds(titles: list[Any]) -> list[Any]:
        return [getattr(each.ground, "awarded_on", None) for each in due(date(2021, 1, 1), figures, titles=titles, **facts)]

    assert grounds([again, first]) == [date(2018, 9, 10)]
    assert grounds([again, first.model_copy(update={"withdrawn_on": date(2019, 1, 8)})]) == [date(2020, 9, 10)]


@pytest.mark.parametrize(("payee", "paid_to"), [("PERSON", MAN), ("ENTERPRISE", _id("甲厂"))])
def test_a_chief_technicians_term_years_are_paid_to_whom_the_parameter_says(payee: str, paid_to: UUID) -> None:
    figures = SEED.but(**{"chief-technician.amount": 600_000, "chief-technician.payee": payee})
    honour = named(date(2018, 5, 4), kind="CHIEF_TECHNICIAN", organisation_id=_id("甲厂"), term_years=2)

    owed = due(date(2021, 1, 1), figures, employments=[job("甲厂", date(2012, 3, 1))], honours=[honour])

    assert [(each.name.key.rpartition("/")[2], each.fen, each.payee) for each in owed] == [
        ("2018", 600_000, paid_to),
        ("2019", 600_000, paid_to),
    ]


@pytest.mark.parametrize(("payee", "paid_to"), [("PERSON", MAN), ("SENDER", _id("甲厂"))])
def test_a_journey_is_paid_to_whom_the_parameter_says(payee: str, paid_to: UUID) -> None:
    figures = SEED.but(**{"study-abroad.rate": 5_000, "study-abroad.cap": 2_000_000, "study-abroad.payee": payee})
    trip = training.Trip(
        id=_id("研修"), person_id=MAN, sender_id=_id("甲厂"), occupation=WELDER, selected_on=date(2018, 3, 1), starts_on=date(2018, 5, 10),
        ends_on=date(2018, 6, 10), reported_on=date(2018, 6, 20), cost_fen=3_000_000, state=training.TripState.COMPLETED,
    )  # fmt: skip

    assert [(each.fen, each.payee) for each in due(date(2018, 6, 20), figures, trips=[trip])] == [(1_500_000, paid_to)]


def test_every_attempt_of_a_student_is_paid_to_the_body_of_its_sitting() -> None:
    def sitting(name: str, body: str) -> certification.Sitting:
        return certification.Sitting(
            id=_id(name), mode=certification.EvaluationMode.SOCIAL_APPRAISAL, body_id=_id(body), occupation=WELDER, level_code=4,
            held_on=date(2018, 4, 14), state=certification.SittingState.COMPLETED,
        )  # fmt: skip

    def entry(sitting: str, attempt: int) -> certification.ExamEntry:
        return certification.ExamEntry(
            id=_id(f"报名{attempt}"), person_id=MAN, sitting_id=_id(sitting), school_id=_id("甲校"), registered_on=date(2018, 3, 20), attempt=attempt,
            fee_fen=26_000, took_part=True,
        )  # fmt: skip

    student = registry.Student(
        id=_id("学籍"), person_id=MAN, school_id=_id("甲校"), stage=registry.StudentStage.SECONDARY, entered_on=date(2016, 9, 1),
        status_spans=(registry.StudentSpan(status=registry.StudentStatus.ENROLLED, first_on=date(2016, 9, 1)),),
    )  # fmt: skip
    city = replace(CITY, sittings={each.id: each for each in (sitting("批次一", "甲所"), sitting("批次二", "乙所"))})

    owed = due(date(2018, 6, 1), city=city, exam_entries=[entry("批次一", 1), entry("批次二", 2)], students=[student])

    assert sorted((each.fen, str(each.payee)) for each in owed) == sorted([(26_000, str(_id("甲所"))), (26_000, str(_id("乙所")))])


@pytest.mark.parametrize(("again_on", "yuan"), [(date(2018, 9, 1), {"newcomer": 2_000}), (date(2018, 9, 2), {})])
def test_a_gap_of_thirty_one_days_is_none_and_one_of_thirty_two_breaks_the_year_for_good(again_on: date, yuan: dict[str, int]) -> None:
    jobs = [job("甲厂", date(2018, 3, 1), date(2018, 7, 31)), job("乙厂", again_on)]

    assert sums(due(date(2021, 3, 1), employments=jobs, certificates=[certificate(3, date(2016, 5, 20))])) == yuan


def test_a_revoked_certificate_takes_the_newcomers_reward_with_it() -> None:
    revoked = certificate(3, date(2016, 5, 20), revoked_on=date(2019, 6, 1), revocation_reason="FRAUD")

    assert due(date(2019, 7, 1), employments=[job("甲厂", date(2018, 3, 1))], certificates=[revoked]) == []


def test_what_is_told_of_a_master_reads_as_an_official_would_say_it() -> None:
    person = PersonFacts(
        MAN, PERSON, employments=[job("甲厂", date(2018, 3, 1))], titles=[title("NATIONAL_TECHNICAL_EXPERT", date(2016, 5, 4))]
    )
    (ground,) = recruitments(person, CITY)

    told = explain(BY_ID["recruited-master"], ground, SEED.but(**{"recruited-master.stay_months": 12}), date(2019, 2, 28))

    assert str(told).splitlines() == [
        "引进高技能人才单位奖励（第十一款）  尚未到期",
        "  ✓ 引进单位为本市企业：本市企业",
        "  ✓ 从外地来：从外地来",
        "  ✓ 到岗前一年未在本市参保：到岗当月之前连续未在本市参保 218 个月，要求达到 12 个月；从未在本市参保",
        "  ✓ 到岗时已是国家、省级技术能手，或紧缺职业的高级技师：国家技术能手（2016-05-04 授予）",
        "  ✗ 在岗达到规定月数：到岗日起满 12 个月之日 2019-03-01，还差 1 天",
        "本次：最早 2019-03-01，即可得 100,000.00 元  可咨询：市人社局人才开发科",
    ]
