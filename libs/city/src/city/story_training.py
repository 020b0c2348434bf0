"""Seeded cases of articles 6 and 7: who may learn at the city's cost, and what a base earns for whom it trained."""

from __future__ import annotations

from datetime import date, timedelta

from city.block import WELDER, training_class
from city.expected import Because
from city.identities import number_of, uscc
from city.people import Hukou, Participation, Person
from city.registers import Designation, Mandate, Organisation, TrainingClass
from city.story import ELSEWHERE, LOCAL, NOBODY_KNOWS, Story, insured
from city.trades import TRADE

INSTITUTION = Organisation(uscc("52", 990_010), "示例职业培训学校甲", "TRAINING_BODY", "320582100", True, date(2007, 6, 1))
TRAINING_BASE = Organisation(uscc("52", 990_020), "示例高技能人才培养基地甲", "TRAINING_BODY", "320582103", True, date(2009, 6, 1))
PRICES_FEN = {5: 900_00, 4: 1_200_00, 3: 1_800_00}
LAST_DESIGNATED_DAY = date(2018, 6, 29)
CATALOGUE_CHANGES_ON = date(2018, 2, 10)
REVOKED_ON = date(2018, 11, 15)
_SPRING = date(2018, 3, 5)


def tell(story: Story) -> None:
    """All cases of training."""
    _designate(story)
    _residence_and_insurance(story)
    _attendance_and_charges(story)
    _days_and_prices(story)
    _identities(story)
    _shortage_levels(story)
    _catalogue_and_mandate(story)
    _both(story)


def _designate(story: Story) -> None:
    story.block.others += [INSTITUTION, TRAINING_BASE]
    for level_code, price in PRICES_FEN.items():
        story.block.designations.append(
            Designation("示例采〔2015〕3号", INSTITUTION.uscc, WELDER.key, level_code, price, date(2015, 6, 30), LAST_DESIGNATED_DAY)
        )
    for level_code in (3, 2, 1):
        story.block.mandates.append(Mandate(TRAINING_BASE.uscc, WELDER.key, level_code, 2018, CATALOGUE_CHANGES_ON, date(2018, 12, 31)))


def universal_class(story: Story, level_code: int, starts_on: date = _SPRING, price_fen: int | None = None) -> TrainingClass:
    return story.add_class(
        training_class(
            f"2018-A-{len(story.block.classes):02d}", "UNIVERSAL", INSTITUTION.uscc, WELDER.key, level_code, starts_on, price_fen
        )
    )


def shortage_class(story: Story, trade: str, level_code: int, starts_on: date) -> TrainingClass:
    return story.add_class(
        training_class(f"2018-B-{len(story.block.classes):02d}", "SHORTAGE", TRAINING_BASE.uscc, TRADE[trade].key, level_code, starts_on)
    )


def completes(
    person: Person, training: TrainingClass, *, attended_bp: int | None = 9_500, charged_fen: int = 0, refunded_fen: int = 0
) -> None:
    """Take part to the end and pass."""
    person.participations.append(
        Participation(
            training.number, training.starts_on - timedelta(days=3), attended_bp, training.ends_on, "PASSED", charged_fen, refunded_fen
        )
    )


def _residence_and_insurance(story: Story) -> None:
    fifth, fourth = universal_class(story, 5), universal_class(story, 4)
    opening = universal_class(story, 4, date(2018, 1, 2))

    person = story.person(LOCAL)
    completes(person, fifth)
    story.universal("本市户籍，初级工全免", person, fifth, 900_00)
    person = story.person(LOCAL)
    completes(person, fourth, charged_fen=240_00)
    story.universal("本市户籍，中级工八成", person, fourth, 960_00)

    too_few, enough = ("本月不算：只缴到开班当月满六个月", ("2017-10", "2018-12")), ("恰好六个月", ("2017-09", "2018-12"))
    for (title, months), refused in ((("只缴五个月", ("2017-10", "2018-02")), True), (too_few, True), (enough, False)):
        person = story.person()
        insured(person, story.employer, months)
        completes(person, fourth, charged_fen=240_00)
        because = Because.RESIDENT_OR_INSURED if refused else None
        story.universal(title, person, fourth, 960_00, because=because)
    person = story.person()
    insured(person, story.employer, ("2017-06", "2017-09"), ("2017-12", "2018-12"))
    completes(person, fourth, charged_fen=240_00)
    story.universal("断缴两个月，累计七个月", person, fourth, 960_00)
    person = story.person()
    insured(person, story.employer, ("2017-09", "2017-10"), ("2017-12", "2018-12"), back_paid=("2017-11", date(2017, 12, 20)))
    completes(person, fourth, charged_fen=240_00)
    story.universal("其中一个月为补缴", person, fourth, 960_00)

    for title, area, waits in (("户籍不明，参保不足", NOBODY_KNOWS, True), ("外地户籍，从未参保", ELSEWHERE, False)):
        person = story.person(area)
        completes(person, fourth, charged_fen=240_00)
        story.universal(title, person, fourth, because=Because.RESIDENT_OR_INSURED, waits=waits)
    person = story.person(NOBODY_KNOWS, elsewhere=None)
    person.is_in_police_file = False
    completes(person, fifth)
    story.universal("名册里才出现的人，户籍待公安补充", person, fifth, because=Because.RESIDENT_OR_INSURED, waits=True)

    for title, before, after, refused in (("开班当日迁入", ELSEWHERE, LOCAL, False), ("开班当日已迁出", LOCAL, ELSEWHERE, True)):
        person = story.person()
        person.hukou = (Hukou(before, person.born_on, date(2018, 1, 1)), Hukou(after, date(2018, 1, 2)))
        completes(person, opening, charged_fen=240_00)
        story.universal(title, person, opening, 960_00, because=Because.RESIDENT_OR_INSURED if refused else None)


def _attendance_and_charges(story: Story) -> None:
    training = universal_class(story, 4)
    for title, attended, because, waits in (
        ("出勤恰好八成", 8_000, None, False),
        ("出勤差万分之一", 7_999, Because.ATTENDED, False),
        ("出勤未报", None, Because.ATTENDED, True),
    ):
        person = story.person(LOCAL)
        completes(person, training, attended_bp=attended, charged_fen=240_00)
        story.universal(title, person, training, 960_00, because=because, waits=waits)
    person = story.person(LOCAL)
    person.participations.append(Participation(training.number, _SPRING, 8_500, None, dropped_on=date(2018, 4, 2)))
    story.universal("中途退学", person, training, because=Because.COMPLETED)
    for title, refunded in (("多收六十元，未退", 0), ("多收六十元，只退三十", 30_00), ("多收六十元，已退清", 60_00)):
        person = story.person(LOCAL)
        completes(person, training, charged_fen=300_00, refunded_fen=refunded)
        settled = refunded == 60_00
        story.universal(title, person, training, 960_00, because=None if settled else Because.SURPLUS_REFUNDED, waits=not settled)


def _days_and_prices(story: Story) -> None:
    last = universal_class(story, 4, LAST_DESIGNATED_DAY)
    late = universal_class(story, 4, LAST_DESIGNATED_DAY + timedelta(days=1))
    cheap = universal_class(story, 4, price_fen=1_100_00)
    dear = universal_class(story, 4, price_fen=1_500_00)
    for title, training, due, because in (
        ("定点资格最后一日开班", last, 960_00, None),
        ("定点资格到期次日开班", late, 0, Because.DESIGNATED),
        ("班级标价低于中标价，按标价", cheap, 880_00, None),
        ("班级标价高于中标价，按中标价", dear, 960_00, None),
    ):
        person = story.person(LOCAL)
        completes(person, training, charged_fen=220_00)
        story.universal(title, person, training, due, because=because)
    again = universal_class(story, 4, date(2018, 5, 7))
    person = story.person(LOCAL)
    completes(person, last, charged_fen=240_00)
    completes(person, again, charged_fen=240_00)
    story.universal("同职业同等级先开的班", person, again, 960_00)
    story.universal("同职业同等级后开的班不再补", person, last, displaced_by=again)


def _identities(story: Story) -> None:
    training = universal_class(story, 5)
    employer = story.employer
    for place in ("甲", "乙"):
        person = story.person(LOCAL, called="单晓燕")
        insured(person, employer, ("2016-03", "2018-12"))
        completes(person, training)
        story.universal(f"同企业同名两人之{place}", person, training, 900_00)
    for title, called in (("生僻字", "仇㛃𬍛"), ("带间隔号的姓名", "阿依古丽·买买提"), ("外文姓名", "O'NEILL MARY")):
        person = story.person(LOCAL, called=called)
        completes(person, training)
        story.universal(title, person, training, 900_00)
    person = story.person(LOCAL)
    person.writes_number_as = person.id_number[:6] + person.id_number[8:17]
    completes(person, training)
    story.universal("名册写旧 15 位号码，是同一个人", person, training, 900_00)
    person = _whose_number_ends_in_x(story)
    person.writes_number_as = person.id_number.lower()
    completes(person, training)
    story.universal("名册里末位小写 x", person, training, 900_00)


def _whose_number_ends_in_x(story: Story) -> Person:
    born_on = date(1984, 1, 2)
    while number_of(born_on, 980)[-1] != "X":
        born_on += timedelta(days=1)
    return story.person(LOCAL, born_on=born_on)


def _certified(
    story: Story, training: TrainingClass, *, level_code: int | None = None, occupation: str | None = None, hukou: str = LOCAL
) -> Person:
    """Somebody who completed a class and got a certificate three weeks later."""
    person = story.person(hukou, elsewhere=())
    completes(person, training)
    issued_on = training.ends_on + timedelta(days=20)
    person.certificates.append(story.certificate(occupation or training.occupation, level_code or training.level_code, issued_on, training))
    return person


def _shortage_levels(story: Story) -> None:
    start = date(2018, 3, 1)
    third, second, first = (shortage_class(story, "焊工", level_code, start) for level_code in (3, 2, 1))
    for title, training, due in (("高级工", third, 1_000_00), ("技师", second, 2_000_00), ("高级技师", first, 3_000_00)):
        story.shortage(f"紧缺培训取得{title}", _certified(story, training), training, due)
    person = _certified(story, third, level_code=4)
    story.shortage("高级工班只考得中级工", person, third, because=Because.MATCHES_CLASS)
    person = _certified(story, third, occupation=TRADE["电工"].key)
    story.shortage("证书职业与班级不一致", person, third, because=Because.MATCHES_CLASS)
    assert WELDER.key_1999 is not None
    person = _certified(story, third, occupation=WELDER.key_1999)
    story.shortage("证书用 1999 版编码，对照后一致", person, third, 1_000_00)
    person = _certified(story, third)
    person.certificates[0] = person.certificates[0]._replace(revoked_on=REVOKED_ON)
    story.shortage("证书撤销前一日", person, third, 1_000_00, on=REVOKED_ON - timedelta(days=1))
    story.shortage("证书撤销当日", person, third, because=Because.CERTIFICATE_VALID, on=REVOKED_ON)


def _catalogue_and_mandate(story: Story) -> None:
    eve = CATALOGUE_CHANGES_ON - timedelta(days=1)
    coming, leaving, kept = "工业机器人系统运维员", "铣工", "模具工"
    for trade in (coming, leaving):
        story.block.mandates.append(Mandate(TRAINING_BASE.uscc, TRADE[trade].key, 3, 2018, date(2018, 1, 15), date(2018, 12, 31)))
    story.block.mandates.append(
        Mandate(TRAINING_BASE.uscc, TRADE[kept].key, 3, 2018, CATALOGUE_CHANGES_ON + timedelta(days=1), date(2018, 4, 30))
    )
    for trade, starts_on, title, because in (
        (coming, eve, "列入目录前一日开班", Because.LISTED),
        (coming, CATALOGUE_CHANGES_ON, "列入目录当日开班", None),
        (leaving, eve, "移出目录前一日开班，旧目录仍有效", None),
        (leaving, CATALOGUE_CHANGES_ON, "移出目录当日开班", Because.LISTED),
        (kept, CATALOGUE_CHANGES_ON, "委托生效前一日开班", Because.MANDATED),
        (kept, date(2018, 4, 30), "委托最后一日开班", None),
        (kept, date(2018, 5, 1), "委托到期次日开班", Because.MANDATED),
    ):
        training = shortage_class(story, trade, 3, starts_on)
        story.shortage(title, _certified(story, training), training, 1_000_00, because=because)


def _both(story: Story) -> None:
    """One trade and level in both schemes: the higher stays."""
    shortage = shortage_class(story, "焊工", 3, date(2018, 4, 9))
    for price, universal_due in ((None, 1_440_00), (1_200_00, 0)):
        universal = universal_class(story, 3, date(2018, 5, 14), price)
        person = _certified(story, shortage)
        fee = price or PRICES_FEN[3]
        completes(person, universal, charged_fen=fee // 5)
        if universal_due:
            story.universal("两项都符合，普惠较高", person, universal, universal_due)
            story.shortage("两项都符合，紧缺较低，被普惠取代", person, shortage, displaced_by=universal)
        else:
            story.universal("两项都符合，普惠较低，被紧缺取代", person, universal, displaced_by=shortage)
            story.shortage("两项都符合，紧缺较高", person, shortage, 1_000_00)
