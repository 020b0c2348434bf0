"""A partner's year while it is not known of somebody whether he counts: it waits, says for what, and follows what becomes known."""

from datetime import date
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.matching import Agreement, AgreementKind
from contracts.registry import Organisation, OrganisationKind, OrganisationSpan


def employer(id_: UUID, *, is_local: bool) -> Organisation:
    span = OrganisationSpan(kind=OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=is_local, first_on=date(2010, 3, 1))
    return Organisation(id=id_, uscc="91320599MA1MC0Q16D", name="丙厂", spans=(span,))


async def year(city: Any, partner: UUID | None = None) -> tuple[int, int, str, str]:
    """Counted, undecided, outcome, and everything that is said."""
    answer = await city.at_work.call("GET", f"/awards/v1/partners/{partner or city.partner}/years/2018")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    return page["persons"], page["undecided"], page["explanation"]["outcome"], page["explanation"]["text"]


async def placement(city: Any, id_: UUID) -> tuple[bool, bool, str]:
    """Whether it counts, whether that is undecided, and why."""
    answer = await city.at_work.call("GET", f"/awards/v1/partners/{city.partner}/years/2018/placements?limit=100")
    (found,) = [item for item in answer.json()["items"] if item["id"] == str(id_)]
    return found["counts"], found["is_undecided"], found["because"]


async def bonus(city: Any) -> list[tuple[str, str, str]]:
    rows = await city.owed(scheme="partner-bonus")
    return [(row["state"], row["accruing"]["amount"], row["due"]["amount"]) for row in rows]


async def test_the_hundredth_whose_employer_nobody_has_heard_of_makes_the_year_wait_until_it_is_known_either_way(city: Any) -> None:
    unheard = uuid7()
    last = city.placement(employer_id=unheard)
    await city.teller.tell(*(city.placement() for _ in range(99)), last)

    persons, undecided, outcome, text = await year(city)
    assert (persons, undecided, outcome) == (99, 1, "AWAITING")
    assert "输送人数 99 人，要求达到 100 人；尚未认定人数 1 人（待查明：用人单位为本市企业 1 人）" in text
    assert await bonus(city) == [("AWAITING", "0.00", "0.00")]
    assert await placement(city, last.id) == (False, True, "尚未认定，待查明：用人单位为本市企业")

    await city.advance(date(2019, 2, 1))
    assert await bonus(city) == [("AWAITING", "0.00", "0.00")], "the year's end decides nothing that is unknown"

    await city.teller.tell(employer(unheard, is_local=True))
    assert (await year(city))[:3] == (100, 0, "GRANTED")
    assert await bonus(city) == [("DUE", "0.00", "20000.00")]
    assert await placement(city, last.id) == (True, False, "计入")

    await city.teller.tell(employer(unheard, is_local=False))
    assert (await year(city))[:3] == (99, 0, "REFUSED")
    assert await bonus(city) == [("WITHDRAWN", "0.00", "0.00")]
    counts, is_undecided, because = await placement(city, last.id)
    assert (counts, is_undecided, because.partition("：")[0]) == (False, False, "用人单位为本市企业")


async def test_what_is_surely_counted_is_paid_for_whoever_is_undecided_beside_it(city: Any) -> None:
    unheard = uuid7()
    await city.teller.tell(*(city.placement() for _ in range(100)), *(city.placement(employer_id=unheard) for _ in range(5)))

    persons, undecided, outcome, text = await year(city)
    assert (persons, undecided, outcome) == (100, 5, "ACCRUING")
    assert "尚未认定人数 5 人（待查明：用人单位为本市企业 5 人）" in text
    assert await bonus(city) == [("ACCRUING", "20000.00", "0.00")]

    await city.teller.tell(employer(unheard, is_local=True))
    assert await bonus(city) == [("ACCRUING", "21000.00", "0.00")]


async def test_an_earlier_delivery_that_is_undecided_holds_open_for_whom_its_person_counts(city: Any) -> None:
    other, unheard, person = uuid7(), uuid7(), uuid7()
    agreed = Agreement(
        id=uuid7(), partner_id=other, kind=AgreementKind.DELIVERY, is_outside_province=False, signed_on=date(2018, 1, 1),
        expires_on=date(2018, 12, 31),
    )  # fmt: skip
    ours = city.placement(person)
    theirs = city.placement(person, partner_id=other, employer_id=unheard, started_on=date(2018, 6, 1))
    await city.teller.tell(ours)
    assert (await year(city))[:2] == (1, 0)

    await city.teller.tell(agreed, theirs)
    assert [(await year(city, partner))[:2] for partner in (city.partner, other)] == [(0, 1), (0, 1)]
    assert await placement(city, ours.id) == (False, True, "尚未认定，待查明：同一人更早的输送记录")

    await city.teller.tell(employer(unheard, is_local=False))
    assert [(await year(city, partner))[:2] for partner in (city.partner, other)] == [(1, 0), (0, 0)]

    await city.teller.tell(employer(unheard, is_local=True))
    assert [(await year(city, partner))[:2] for partner in (city.partner, other)] == [(0, 0), (1, 0)]
    assert await placement(city, ours.id) == (False, False, "该人员已计入另一条输送记录（一人一生只计一次）")
