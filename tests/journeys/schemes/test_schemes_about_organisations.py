"""Articles 5, 6, 8 and 16, lived: a sponsored class and its split, lectures in enterprises, a demonstration base, a studio."""

from typing import Any

import pytest
from market_town import Town

pytestmark = pytest.mark.slow
OUTSIDE = "341200"


def money(yuan: str) -> dict[str, str]:
    return {"amount": yuan, "currency": "CNY"}


async def sponsored_class(town: Town, school: str, *students: str) -> str:
    """Opened in March 2018, these students in it from the first day; its path."""
    opened = {"number": f"ZJG-{school[-12:]}", "school_id": school, "opened_on": "2018-03-05"}
    path = f"/matching/v1/sponsored-classes/{await town.made('/matching/v1/sponsored-classes', opened)}"
    for student in students:
        await town.act(path, "enrol", person_id=student, enrolled_on="2018-03-05")
    return path


async def pay(town: Town, course: str, enterprise: str, yuan: str, *, student: str | None = None, is_proven: bool = True) -> str:
    """By a voucher of its own; the payment's id."""
    held = await town.officer.get(course)
    paid = await town.act(
        course, "pay", enterprise_id=enterprise, student_id=student, paid_on="2018-04-10", amount=money(yuan),
        voucher_number=f"FK{len(held['payments'])}",
    )  # fmt: skip
    payment = str(paid["payments"][-1]["payment_id"])
    if is_proven:
        await town.act(course, "prove", payment_id=payment)
    return payment


def matched(*yuan: str, state: str = "DUE") -> list[tuple[str, str, str]]:
    return [("sponsored-class", state, each) for each in yuan]


async def test_what_two_enterprises_pay_for_a_student_is_matched_and_split_between_them(town: Town) -> None:
    school, one, other, student = (
        await town.organisation("SECONDARY_SCHOOL", area_code=OUTSIDE), await town.organisation(), await town.organisation(), await town.person(),
    )  # fmt: skip
    course = await sponsored_class(town, school, student)
    of_one = await pay(town, course, one, "700.00", student=student)
    seen = [(await town.owed(payee_id=one), await town.owed(payee_id=other))]
    of_other = await pay(town, course, other, "600.00", student=student, is_proven=False)
    seen.append((await town.owed(payee_id=one), await town.owed(payee_id=other)))
    await town.act(course, "prove", payment_id=of_other)
    seen.append((await town.owed(payee_id=one), await town.owed(payee_id=other)))
    told = await town.officer.get(f"/awards/v1/sponsored-classes/{course.rpartition('/')[2]}/students/{student}/explanations")
    await town.act(course, "refund", payment_id=of_one, amount=money("700.00"))
    seen.append((await town.owed(payee_id=one), await town.owed(payee_id=other)))
    await town.act(course, "cancel")
    seen.append((await town.owed(payee_id=one), await town.owed(payee_id=other)))

    assert seen == [
        (matched("700.00"), []),
        (matched("700.00"), matched("0.00", state="AWAITING")),
        (matched("538.46"), matched("461.54")),
        (matched("0.00", state="WITHDRAWN"), matched("600.00")),
        (matched("0.00", state="WITHDRAWN"), matched("0.00", state="WITHDRAWN")),
    ]
    assert sorted(each["explanation"]["amount"]["amount"] for each in told["sponsors"]) == ["461.54", "538.46"]


async def test_a_lump_sum_is_for_those_who_belong_to_the_class_and_no_fen_is_lost(town: Town) -> None:
    school, enterprise = await town.organisation("HIGHER_VOCATIONAL", area_code=OUTSIDE), await town.organisation()
    students = [await town.person() for _ in range(4)]
    course = await sponsored_class(town, school, *students)
    await town.act(course, "leave", person_id=students[3], left_on="2018-04-10")
    await pay(town, course, enterprise, "1000.00")

    assert sorted(await town.owed(payee_id=enterprise)) == matched("333.33", "333.33", "333.34")


async def test_a_school_in_the_city_and_a_sponsor_from_elsewhere_get_nothing(town: Town) -> None:
    here, there = await town.organisation("SECONDARY_SCHOOL"), await town.organisation("SECONDARY_SCHOOL", area_code=OUTSIDE)
    local, stranger, student = await town.organisation(), await town.organisation(area_code=OUTSIDE), await town.person()
    for school, sponsor in ((here, local), (there, stranger)):
        course = await sponsored_class(town, school, student)
        await pay(town, course, sponsor, "800.00", student=student)

    assert (await town.owed(payee_id=local), await town.owed(payee_id=stranger)) == ([], [])


async def test_what_organisations_have_no_figure_for_is_due_when_a_paper_sets_it(town: Town) -> None:
    school, enterprise, teacher, master = (
        await town.organisation("SECONDARY_SCHOOL"), await town.organisation(), await town.person(), await town.person(),
    )  # fmt: skip
    reported = await town.made(
        "/training/v1/lecture-reports",
        {"school_id": school, "teacher_id": teacher, "enterprise_id": enterprise, "held_on": "2018-04-12", "hours": 4},
    )
    lecture = (await town.act(f"/training/v1/lecture-reports/{reported}", "confirm"))["id"]
    base = await town.made("/registry/v1/recognitions", recognition(school, "DEMONSTRATION_BASE"))
    await town.act(f"/registry/v1/recognitions/{base}", "accept", accepted_on="2018-05-10", investment=money("5000000.00"))
    studio = await town.made("/registry/v1/recognitions", recognition(enterprise, "STUDIO", master_id=master))
    await town.act(f"/registry/v1/recognitions/{studio}", "assess", year=2017, assessed_on="2018-01-15", is_passed=True)
    assert (await town.owed(payee_id=school), await town.owed(payee_id=enterprise)) == ([], [])
    told = await town.officer.get(f"/awards/v1/organisations/{school}/explanations")
    assert {each["scheme"]: [one["outcome"] for one in each["explanations"]] for each in told["schemes"]} == {
        "teacher-lecture": ["DISABLED"], "demonstration-base": ["DISABLED"], "studio": [],
    }  # fmt: skip

    await town.decide(**{"teacher-lecture.per_hour": 10_000, "demonstration-base.amount": 20_000_000, "studio.per_year": 5_000_000})

    assert await town.owed(payee_id=school) == [("demonstration-base", "DUE", "200000.00"), ("teacher-lecture", "DUE", "400.00")]
    assert await town.owed(payee_id=enterprise) == [("studio", "DUE", "50000.00")]

    day = str((await town.officer.get("/training/v1/operations/business-day"))["day"])
    await town.act(f"/training/v1/lectures/{lecture}", "withdraw", withdrawn_on=day)
    await town.act(f"/registry/v1/recognitions/{studio}", "assess", year=2017, assessed_on="2018-01-15", is_passed=False)

    assert await town.owed(payee_id=school) == [("demonstration-base", "DUE", "200000.00"), ("teacher-lecture", "WITHDRAWN", "0.00")]
    assert await town.owed(payee_id=enterprise) == [("studio", "WITHDRAWN", "0.00")]


def recognition(holder: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"organisation_id": holder, "kind": kind, "paper_number": f"{kind}-1", "valid_from": "2017-03-01"} | more
