"""Sponsored classes over REST: students come and leave, enterprises pay, clerks prove, money goes back; each sees his own; what cannot be is refused."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from common.database.engine import raw
from common.security.principal import Role
from common.testing.at_work import AtWork
from contracts.matching import SponsoredClass
from matching.sponsored_classes import model

PATH = "/matching/v1/sponsored-classes"
SCHOOL, FACTORY, OTHER = (str(uuid4()) for _ in range(3))
LI, WANG = (str(uuid4()) for _ in range(2))


class Class:
    """One class, changed by whoever a test says; it keeps the version that was last seen."""

    def __init__(self, matching: AtWork, opened: dict[str, Any]) -> None:
        self.matching, self.id, self.version = matching, opened["id"], opened["version"]

    async def act(self, verb: str, *, who: str = "clerk", **body: Any) -> httpx2.Response:
        answer = await self.matching.call("POST", f"{PATH}/{self.id}:{verb}", json=body or None, version=self.version, who=who)
        if answer.status_code == 200:
            self.version = answer.json()["version"]
        return answer

    async def done(self, verb: str, **body: Any) -> dict[str, Any]:
        answer = await self.act(verb, **body)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    async def refused(self, verb: str, **body: Any) -> str:
        answer = await self.act(verb, **body)
        assert answer.status_code >= 400, answer.text
        code: str = answer.json()["code"]
        return code

    async def enrol(self, *students: str, on: str = "2018-09-03") -> None:
        for student in students:
            await self.done("enrol", person_id=student, enrolled_on=on)

    async def pay(self, yuan: str = "800.00", **changed: Any) -> dict[str, Any]:
        return await self.done("pay", **paid(yuan, **changed))

    async def seen(self, who: str = "officer") -> dict[str, Any]:
        content: dict[str, Any] = (await self.matching.call("GET", f"{PATH}/{self.id}", who=who)).json()
        return content


def money(yuan: str) -> dict[str, str]:
    return {"amount": yuan, "currency": "CNY"}


def paid(yuan: str = "800.00", **changed: Any) -> dict[str, Any]:
    return {"enterprise_id": FACTORY, "student_id": LI, "paid_on": "2018-10-10", "amount": money(yuan), "voucher_number": "FK1"} | changed


@pytest.fixture
async def course(matching: AtWork) -> Class:
    body = {"number": f"ZJG-{uuid4().hex[:6]}", "school_id": SCHOOL, "opened_on": "2018-09-03"}
    answer = await matching.call("POST", PATH, json=body, who="clerk")
    assert answer.status_code == 201, answer.text
    return Class(matching, answer.json())


async def going_out(matching: AtWork) -> list[str]:
    """What stands in the outbox, in order."""
    async with matching.running.database.transaction() as session:
        return [
            row["text"] for row in await (await raw(session)).fetch("SELECT convert_from(data, 'UTF8') AS text FROM outbox ORDER BY id")
        ]


async def test_a_class_is_opened_paid_for_proven_partly_refunded_and_closed(course: Class) -> None:
    await course.enrol(LI)
    payment = (await course.pay())["payments"][0]
    assert (payment["is_proven"], payment["refunded"]) == (False, money("0.00"))

    proven = (await course.done("prove", payment_id=payment["payment_id"]))["payments"][0]
    await course.done("refund", payment_id=payment["payment_id"], amount=money("100.00"))
    refunded = (await course.done("refund", payment_id=payment["payment_id"], amount=money("200.50")))["payments"][0]
    closed = await course.done("close", closed_on="2018-11-30")
    after = (await course.done("refund", payment_id=payment["payment_id"], amount=money("499.50")))["payments"][0]

    assert (proven["is_proven"], refunded["refunded"], after["refunded"]) == (True, money("300.50"), money("800.00"))
    assert (closed["state"], closed["closed_on"]) == ("CLOSED", "2018-11-30")


async def test_every_state_travels_whole_and_never_the_number_of_a_voucher(matching: AtWork) -> None:
    await matching.running.rest()  # what it says stays in the outbox
    opened = await matching.call("POST", PATH, json={"number": "ZJG-7", "school_id": SCHOOL, "opened_on": "2018-09-03"})
    course = Class(matching, opened.json())
    await course.enrol(LI)
    payment = (await course.pay(voucher_number="FK-SECRET-17"))["payments"][0]
    await course.done("prove", payment_id=payment["payment_id"])

    texts = await going_out(matching)
    matching.running.work()

    states = [SponsoredClass.parse(text) for text in texts]
    assert [(len(each.students), len(each.payments)) for each in states] == [(0, 0), (1, 0), (1, 1), (1, 1)]
    assert [(each.amount_fen, each.is_proven) for each in states[-1].payments] == [(80_000, True)]
    assert not any("FK-SECRET" in text for text in texts)


async def test_a_student_leaves_and_comes_again(course: Class) -> None:
    await course.enrol(LI)
    twice = await course.refused("enrol", person_id=LI, enrolled_on="2018-09-04")
    await course.done("leave", person_id=LI, left_on="2018-10-01")
    inside = await course.refused("enrol", person_id=LI, enrolled_on="2018-09-30")
    again = await course.done("enrol", person_id=LI, enrolled_on="2018-10-01")

    assert (twice, inside) == ("already-in-the-class", "already-in-the-class")
    assert [(each["enrolled_on"], each["left_on"]) for each in again["students"]] == [("2018-09-03", "2018-10-01"), ("2018-10-01", None)]


async def test_students_outside_their_time_are_refused(course: Class) -> None:
    assert await course.refused("enrol", person_id=LI, enrolled_on="2018-09-02") == "enrolled-outside-its-time"
    assert await course.refused("enrol", person_id=LI, enrolled_on="2018-12-02") == "enrolled-outside-its-time"
    assert await course.refused("leave", person_id=LI, left_on="2018-10-01") == "not-in-the-class"
    await course.enrol(LI, on="2018-12-01")
    assert await course.refused("leave", person_id=LI, left_on="2018-11-30") == "left-outside-its-time"
    assert await course.refused("leave", person_id=LI, left_on="2018-12-02") == "left-outside-its-time"
    assert (await course.done("leave", person_id=LI, left_on="2018-12-01"))["students"][0]["left_on"] == "2018-12-01"


async def test_a_payment_is_for_somebody_who_belongs_to_the_class_that_day(course: Class) -> None:
    await course.enrol(LI, on="2018-10-10")
    wrong = {
        "before the class opened": paid(paid_on="2018-09-02"), "in the future": paid(paid_on="2018-12-02"), "nothing": paid("0.00"),
        "the day before he came": paid(paid_on="2018-10-09"), "for somebody else": paid(student_id=WANG),
        "for all, on a day without students": paid(student_id=None, paid_on="2018-10-09"),
    }  # fmt: skip
    codes = {name: await course.refused("pay", **body) for name, body in wrong.items()}

    assert codes == {
        "before the class opened": "paid-before-opening", "in the future": "paid-in-future", "nothing": "nothing-paid",
        "the day before he came": "not-enrolled-that-day", "for somebody else": "not-enrolled-that-day",
        "for all, on a day without students": "not-enrolled-that-day",
    }  # fmt: skip
    assert len((await course.pay(paid_on="2018-10-10"))["payments"]) == 1


async def test_one_voucher_pays_for_many_but_not_twice_for_the_same(course: Class) -> None:
    await course.enrol(LI, WANG)
    await course.pay()
    assert await course.refused("pay", **paid()) == "payment-already-reported"
    assert await course.refused("pay", **paid("900.00")) == "payment-already-reported"
    await course.pay(student_id=WANG)
    await course.pay(voucher_number="FK2")
    assert len((await course.pay(student_id=None))["payments"]) == 4


async def test_nobody_leaves_before_what_was_paid_for_him(course: Class) -> None:
    await course.enrol(LI)
    payment = (await course.pay())["payments"][0]["payment_id"]

    early = await course.refused("leave", person_id=LI, left_on="2018-10-10")
    await course.done("refund", payment_id=payment, amount=money("800.00"))
    after_refund = await course.done("leave", person_id=LI, left_on="2018-10-10")

    assert (early, after_refund["students"][0]["left_on"]) == ("paid-after-leaving", "2018-10-10")


async def test_a_lump_sum_needs_somebody_to_be_for(course: Class) -> None:
    await course.enrol(LI, WANG)
    await course.pay(student_id=None)
    await course.done("leave", person_id=LI, left_on="2018-10-10")
    assert await course.refused("leave", person_id=WANG, left_on="2018-10-10") == "paid-after-leaving"
    await course.done("leave", person_id=WANG, left_on="2018-10-11")


async def test_more_than_was_paid_cannot_go_back(course: Class) -> None:
    await course.enrol(LI)
    payment = (await course.pay())["payments"][0]["payment_id"]
    assert await course.refused("refund", payment_id=payment, amount=money("800.01")) == "refund-above-payment"
    assert await course.refused("refund", payment_id=payment, amount=money("0.00")) == "nothing-paid"
    await course.done("refund", payment_id=payment, amount=money("800.00"))
    assert await course.refused("refund", payment_id=payment, amount=money("0.01")) == "refund-above-payment"
    assert await course.refused("refund", payment_id=str(uuid4()), amount=money("1.00")) == "not-found"


async def test_a_proof_is_given_once_and_can_be_taken_back(course: Class) -> None:
    await course.enrol(LI)
    payment = (await course.pay())["payments"][0]["payment_id"]
    assert await course.refused("prove", payment_id=payment, is_proven=False) == "payment-not-proven"
    await course.done("prove", payment_id=payment)
    assert await course.refused("prove", payment_id=payment) == "payment-already-proven"
    taken_back = await course.done("prove", payment_id=payment, is_proven=False)
    assert taken_back["payments"][0]["is_proven"] is False
    assert await course.refused("prove", payment_id=str(uuid4())) == "not-found"


async def test_what_has_ended_takes_neither_students_nor_payments(course: Class) -> None:
    await course.enrol(LI)
    payment = (await course.pay())["payments"][0]["payment_id"]
    assert await course.refused("close", closed_on="2018-09-02") == "closed-outside-its-time"
    assert await course.refused("close", closed_on="2018-12-02") == "closed-outside-its-time"
    await course.done("close", closed_on="2018-12-01")
    codes = [
        await course.refused("enrol", person_id=WANG, enrolled_on="2018-09-03"),
        await course.refused("leave", person_id=LI, left_on="2018-11-01"),
        await course.refused("pay", **paid(voucher_number="FK9")),
        await course.refused("close", closed_on="2018-12-01"),
    ]
    await course.done("prove", payment_id=payment)
    await course.done("cancel")

    assert codes == ["sponsored-class-not-open"] * 4
    assert await course.refused("cancel") == "sponsored-class-cancelled"
    assert await course.refused("prove", payment_id=payment, is_proven=False) == "sponsored-class-cancelled"


async def test_a_number_is_used_once_and_no_class_opens_tomorrow(matching: AtWork) -> None:
    body = {"number": "ZJG-1", "school_id": SCHOOL, "opened_on": "2018-12-01"}
    first = await matching.call("POST", PATH, json=body)
    twice = await matching.call("POST", PATH, json=body)
    tomorrow = await matching.call("POST", PATH, json=body | {"number": "ZJG-2", "opened_on": "2018-12-02"})
    assert (first.status_code, twice.json()["code"], tomorrow.json()["code"]) == (201, "sponsored-class-number-taken", "opens-in-future")


async def test_a_school_enrols_its_own_an_enterprise_pays_its_own_and_strangers_see_neither(matching: AtWork, course: Class) -> None:
    school, factory, other = (matching.account(Role.ORGANISATION, organisation_id=UUID(id_)) for id_ in (SCHOOL, FACTORY, OTHER))
    await course.done("enrol", who=school, person_id=LI, enrolled_on="2018-09-03")
    refused = [
        await course.act("enrol", who=factory, person_id=WANG, enrolled_on="2018-09-03"),
        await course.act("pay", who=other, **paid()),
        await course.act("pay", who=school, **paid()),
    ]
    await course.done("pay", who=factory, **paid())
    await course.done("pay", who=other, **paid(enterprise_id=OTHER))
    may_not = [await course.act("prove", who=factory, payment_id=str(uuid4())), await course.act("cancel", who=school)]

    assert [answer.status_code for answer in refused] == [404, 404, 404]
    assert [answer.status_code for answer in may_not] == [403, 403]
    views = {name: await course.seen(who) for name, who in (("school", school), ("factory", factory), ("stranger", other))}
    assert {name: (len(view["students"]), [each["enterprise_id"] for each in view["payments"]]) for name, view in views.items()} == {
        "school": (1, [FACTORY, OTHER]), "factory": (0, [FACTORY]), "stranger": (0, [OTHER]),
    }  # fmt: skip


async def test_classes_are_listed_without_students_and_payments(matching: AtWork, course: Class) -> None:
    await course.enrol(LI)
    listed = (await matching.call("GET", f"{PATH}?school_id={SCHOOL}&state=OPEN")).json()["items"]
    closed = (await matching.call("GET", f"{PATH}?school_id={SCHOOL}&state=CLOSED")).json()["items"]
    assert [each["id"] for each in listed] == [course.id]
    assert (set(listed[0]) & {"students", "payments"}, closed) == (set(), [])


def test_the_largest_class_still_travels() -> None:
    """One event holds at most 256 KiB."""
    course = model.SponsoredClass(number="1", school_id=UUID(SCHOOL), opened_on=date(2018, 9, 3))
    day = date(2018, 9, 3)
    for _ in range(model.MOST_STUDENTS):
        course.enrol(uuid4(), on=day, today=day)
    first = UUID(course.students[0]["person_id"])
    for nth in range(model.MOST_PAYMENTS):
        course.pay(uuid4(), student_id=first, paid_on=day, amount_fen=10**12, voucher_number=str(nth), today=day)

    assert len(course.fact().model_dump_json().encode()) < 256 * 1024  # type: ignore[union-attr]
    with pytest.raises(model.SponsoredClassFull):
        course.enrol(uuid4(), on=day, today=day)
    with pytest.raises(model.TooManyPayments):
        course.pay(uuid4(), student_id=first, paid_on=day, amount_fen=1, voucher_number="one more", today=day)
