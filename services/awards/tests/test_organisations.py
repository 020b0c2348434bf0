"""Money of organisations: a sponsored class matched and split as payments come and go, and what an organisation is told of its own."""

from datetime import date
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from common.security.principal import Role
from contracts import matching, registry, training

OPENED = date(2018, 9, 3)
A, B = UUID("018f0000-0000-7000-8000-00000000000a"), UUID("018f0000-0000-7000-8000-00000000000b")


def organisation(id_: UUID, kind: str, area_code: str, **changed: Any) -> registry.Organisation:
    span = registry.OrganisationSpan(
        kind=registry.OrganisationKind(kind), area_code=area_code, is_locally_registered=area_code.startswith("320582"), first_on=date(2000, 1, 1)
    )  # fmt: skip
    values = {"id": id_, "uscc": f"91{id_.int % 10**16:016}", "name": "示例", "spans": (span,)}
    return registry.Organisation.model_validate(values | changed)


def payment(sponsor: UUID, student: UUID | None, fen: int, **changed: Any) -> matching.SponsorPayment:
    values = {
        "payment_id": uuid7(), "enterprise_id": sponsor, "student_id": student, "paid_on": date(2018, 10, 10), "amount_fen": fen, "is_proven": True,
    }  # fmt: skip
    return matching.SponsorPayment.model_validate(values | changed)


class Class:
    """A sponsored class at a school in another city, with one student."""

    def __init__(self, city: Any) -> None:
        self.city, self.school, self.student = city, uuid7(), uuid7()
        self.fact = matching.SponsoredClass(
            id=uuid7(), school_id=self.school, opened_on=OPENED, state=matching.SponsoredClassState.OPEN,
            students=(matching.SponsoredStudent(person_id=self.student, enrolled_on=OPENED),),
        )  # fmt: skip

    async def open(self) -> None:
        await self.city.teller.tell(
            organisation(A, "ENTERPRISE", "320582103"), organisation(B, "ENTERPRISE", "320582103"), self.fact,
            organisation(self.school, "SECONDARY_SCHOOL", "341200"),
        )  # fmt: skip

    async def be(self, *payments: matching.SponsorPayment, **changed: Any) -> None:
        self.fact = self.fact.model_copy(update={"payments": payments or self.fact.payments} | changed)
        await self.city.teller.tell(self.fact)

    async def owed(self) -> dict[str, tuple[str, str]]:
        """By payee."""
        rows = await self.city.owed(scheme="sponsored-class")
        return {row["payee_id"]: (row["state"], row["due"]["amount"]) for row in rows}


async def test_seven_hundred_and_six_hundred_for_one_student_share_a_thousand(city: Any) -> None:
    course = Class(city)
    await course.open()
    of_a, of_b = payment(A, course.student, 70_000), payment(B, course.student, 60_000, is_proven=False)

    await course.be(of_a, of_b)
    alone = await course.owed()
    await course.be(of_a, of_b.model_copy(update={"is_proven": True}))
    shared = await course.owed()
    await course.be(of_a.model_copy(update={"refunded_fen": 40_000}), of_b.model_copy(update={"is_proven": True}))
    refunded = await course.owed()
    await course.be(state=matching.SponsoredClassState.CANCELLED)
    cancelled = await course.owed()

    assert alone == {str(A): ("DUE", "700.00"), str(B): ("AWAITING", "0.00")}
    assert shared == {str(A): ("DUE", "538.46"), str(B): ("DUE", "461.54")}
    assert refunded == {str(A): ("DUE", "300.00"), str(B): ("DUE", "600.00")}
    assert cancelled == {str(A): ("WITHDRAWN", "0.00"), str(B): ("WITHDRAWN", "0.00")}


async def test_a_sponsor_that_turns_out_to_be_elsewhere_leaves_the_whole_to_the_other(city: Any) -> None:
    course = Class(city)
    await course.open()
    await course.be(payment(A, course.student, 70_000), payment(B, course.student, 60_000))
    before = await course.owed()

    await city.teller.tell(organisation(B, "ENTERPRISE", "320583"))

    assert before[str(A)] == ("DUE", "538.46")
    assert await course.owed() == {str(A): ("DUE", "700.00"), str(B): ("WITHDRAWN", "0.00")}


async def test_a_decision_of_a_split_is_explained_and_replayed_from_its_record(city: Any) -> None:
    course = Class(city)
    await course.open()
    await course.be(payment(A, course.student, 70_000), payment(B, course.student, 60_000))
    (row,) = (row for row in await city.owed(scheme="sponsored-class") if row["payee_id"] == str(A))

    told = (await city.at_work.call("GET", f"/awards/v1/entitlements/{row['id']}/explanation")).json()
    replayed = (await city.at_work.call("GET", f"/awards/v1/decisions/{row['decision_id']}/replay")).json()

    assert told["worked_out"] == "〔每人配套上限〕 1,000.00 元，按付款 700.00 元 占合计 1,300.00 元 的比例分摊"
    assert (replayed["amount"]["amount"], replayed["is_equal"]) == ("538.46", True)


async def test_an_organisation_is_told_what_it_could_have_and_that_a_figure_is_missing(city: Any) -> None:
    school, held_on = uuid7(), date(2018, 4, 12)
    lecture = training.Lecture(
        id=uuid7(), school_id=school, teacher_id=uuid7(), enterprise_id=city.enterprise, held_on=held_on, hours=4, confirmed_on=held_on
    )
    base = registry.Recognition(
        id=uuid7(), organisation_id=school, kind=registry.RecognitionKind.DEMONSTRATION_BASE, paper_number="1", valid_from=date(2018, 1, 1)
    )
    await city.teller.tell(organisation(school, "SECONDARY_SCHOOL", "320582"), lecture, base)

    answer = await city.at_work.call("GET", f"/awards/v1/organisations/{school}/explanations")

    assert answer.status_code == 200, answer.text
    told = {each["scheme"]: [one["outcome"] for one in each["explanations"]] for each in answer.json()["schemes"]}
    assert told == {"teacher-lecture": ["DISABLED"], "demonstration-base": ["DISABLED"], "studio": []}
    assert await city.owed(scheme="teacher-lecture") == []


async def test_a_school_sees_every_sponsor_of_a_student_and_a_sponsor_itself(city: Any) -> None:
    course = Class(city)
    await course.open()
    await course.be(payment(A, course.student, 70_000), payment(B, course.student, 60_000))
    path = f"/awards/v1/sponsored-classes/{course.fact.id}/students/{course.student}/explanations"
    accounts = {
        "officer": "officer", "school": city.at_work.account(Role.ORGANISATION, organisation_id=course.school),
        "sponsor": city.at_work.account(Role.ORGANISATION, organisation_id=A), "stranger": city.at_work.account(Role.ORGANISATION, organisation_id=uuid7()),
        "student": city.at_work.account(Role.PERSON, person_id=course.student), "another": city.at_work.account(Role.PERSON, person_id=uuid7()),
    }  # fmt: skip

    answers = {name: await city.at_work.call("GET", path, who=who) for name, who in accounts.items()}

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "officer": 200, "school": 200, "sponsor": 200, "stranger": 404, "student": 200, "another": 404,
    }  # fmt: skip
    seen = {name: {each["enterprise_id"]: each["explanation"]["amount"]["amount"] for each in answer.json().get("sponsors", ())} for name, answer in answers.items()}  # fmt: skip
    both = {str(A): "538.46", str(B): "461.54"}
    assert seen == {"officer": both, "school": both, "student": both, "sponsor": {str(A): "538.46"}, "stranger": {}, "another": {}}
