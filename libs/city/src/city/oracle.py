"""What is owed, worked out from the clauses in plain Python: slow, obvious, and independent of the rule kernel that it checks.

Readings: A20 months, A24 fee, A25 attendance, A30 catalogue, A33 hundred, A34 and A52 deliveries, A38 and A54 the year, A43(i) stacking, A58 origin,
A59 first ever and live from, A61 certificate, A68 revocation, A69 reporting. Facts count from the day on which their file is dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from city.block import OPENING, YEAR, Block, price_of
from city.expected import Because, Expected, NotCounted, Outcome
from city.people import Certificate, Employment, Participation, Person, Placement, month_of
from city.registers import TrainingClass
from city.trades import GROUP, listed_on
from common.calendar.periods import add_years

UNIVERSAL, SHORTAGE, PARTNER, NEWCOMER = "universal-training", "shortage-training", "partner-bonus", "newcomer"
CLOSES_ON = date(YEAR + 1, 1, 31)
EMPLOYMENT_COMPLETE_SINCE = date(2000, 1, 1)
NEWCOMER_LIVE_FROM = date(2017, 1, 1)
PER_PERSON_FEN, THRESHOLD = 200_00, 100
NEWCOMER_FEN = 2_000_00
SHORTAGE_FEN = {3: 1_000_00, 2: 2_000_00, 1: 3_000_00}
RATE_BP = {5: 10_000, 4: 8_000, 3: 8_000, 2: 8_000, 1: 8_000}
INSURED_MONTHS, LEAST_ATTENDANCE_BP, LONGEST_GAP_DAYS = 6, 8_000, 31
HIGH_SKILLED, WORKING_AGE = 3, 16

Holds = bool | None
Conditions = list[tuple[Because, Holds]]


def monthly_file_on(day: date) -> date:
    """When the bureau's file about a day is dropped: at the opening, or on the fifth of the next month."""
    if day < OPENING:
        return OPENING
    return date(day.year + day.month // 12, day.month % 12 + 1, 5)


@dataclass(frozen=True, slots=True)
class Oracle:
    """What a block's people and partners are owed on a day."""

    block: Block
    today: date

    def expectations(self) -> Iterator[Expected]:
        """Every ground of the four schemes."""
        classes = {training.number: training for training in self.block.classes}
        for person in self.block.persons:
            trained = [*self._universal(person, classes), *self._shortage(person, classes)]
            yield from _stacked(trained, classes)
            yield from self._newcomer(person)
        yield from self._partner_years()

    def _universal(self, person: Person, classes: dict[str, TrainingClass]) -> Iterator[Expected]:
        for taken in person.participations:
            training = classes[taken.class_number]
            if training.kind != "UNIVERSAL" or training.roster_on > self.today:
                continue
            fee = price_of(self.block, training)
            subsidy = (fee * RATE_BP[training.level_code] + 5_000) // 10_000
            conditions: Conditions = [
                (Because.DESIGNATED, fee > 0),
                (Because.RESIDENT_OR_INSURED, _either(_is_local(person, training.starts_on), self._is_insured(person, training.starts_on))),
                (Because.ATTENDED, None if taken.attended_bp is None else taken.attended_bp >= LEAST_ATTENDANCE_BP),
                (Because.COMPLETED, _completed(taken, self.today)),
                (Because.SURPLUS_REFUNDED, True if taken.charged_fen - taken.refunded_fen <= fee - subsidy else None),
            ]
            yield _decided(
                Expected(UNIVERSAL, Outcome.DUE, training.organiser, subsidy, person=person.id_number, class_number=training.number),
                conditions,
            )

    def _is_insured(self, person: Person, day: date) -> bool:
        months = {
            month
            for paid in person.paid
            if monthly_file_on(paid.back_paid_on or date.min) <= self.today
            for month in range(paid.first_month, min(paid.last_month + 1, month_of(day)))
        }
        return len(months) >= INSURED_MONTHS

    def _shortage(self, person: Person, classes: dict[str, TrainingClass]) -> Iterator[Expected]:
        for held in person.certificates:
            training = classes.get(held.class_number or "")
            if training is None or training.kind != "SHORTAGE" or monthly_file_on(held.issued_on) > self.today:
                continue
            conditions: Conditions = [
                (Because.MANDATED, self._is_mandated(training)),
                (Because.LISTED, listed_on(training.occupation, training.starts_on)),
                (Because.MATCHES_CLASS, _group(held.occupation, held.level_code) == _group(training.occupation, training.level_code)),
                (Because.CERTIFICATE_VALID, held.issued_on <= self.today and not self._is_revoked(held)),
                (Because.HIGH_SKILLED, held.level_code <= HIGH_SKILLED),
            ]
            yield _decided(
                Expected(
                    SHORTAGE, Outcome.DUE, training.organiser, SHORTAGE_FEN.get(held.level_code, 0),
                    person=person.id_number, class_number=training.number, certificate=held.number,
                ),
                conditions,
            )  # fmt: skip

    def _is_mandated(self, training: TrainingClass) -> bool:
        return any(
            (mandate.uscc, mandate.occupation, mandate.level_code) == (training.organiser, training.occupation, training.level_code)
            and mandate.valid_from <= training.starts_on <= mandate.valid_to
            for mandate in self.block.mandates
        )

    def _is_revoked(self, held: Certificate) -> bool:
        return held.revoked_on is not None and held.revoked_on <= self.today

    def _newcomer(self, person: Person) -> Iterator[Expected]:
        jobs = sorted(self._jobs(person))
        if not jobs:
            return
        started_on = jobs[0][0]
        anniversary_on = add_years(started_on, 1)
        longest_gap, until = _chain(jobs, anniversary_on - timedelta(days=1))
        levels = [
            held.level_code
            for held in person.certificates
            if held.issued_on <= started_on and monthly_file_on(held.issued_on) <= self.today and not self._is_revoked(held)
        ]
        came_of_age_on = date(person.born_on.year + WORKING_AGE, person.born_on.month, 1)
        conditions: Conditions = [
            (Because.LIVE, started_on >= NEWCOMER_LIVE_FROM),
            (Because.FIRST_EVER, True if came_of_age_on >= EMPLOYMENT_COMPLETE_SINCE else None),
            (Because.FROM_OUTSIDE, _is_from_outside(person, started_on)),
            (Because.HIGH_SKILLED_ON_ARRIVAL, bool(levels) and min(levels) <= HIGH_SKILLED),
            (Because.YEAR_COMPLETED, anniversary_on <= self.today),
            (Because.SHORT_GAPS, longest_gap <= LONGEST_GAP_DAYS),
            (Because.EMPLOYED_AT_ANNIVERSARY, until >= anniversary_on - timedelta(days=1)),
        ]
        yield _decided(Expected(NEWCOMER, Outcome.DUE, person.id_number, NEWCOMER_FEN, person=person.id_number), conditions)

    def _jobs(self, person: Person) -> Iterator[tuple[date, date]]:
        """First and last day of every employment, as known today."""
        for job in person.employments:
            if monthly_file_on(job.started_on) <= self.today:
                yield job.started_on, self._known_end(job)

    def _known_end(self, job: Employment) -> date:
        return job.ended_on if job.ended_on and monthly_file_on(job.ended_on) <= self.today else date.max

    def _partner_years(self) -> Iterator[Expected]:
        counted: dict[str, int] = defaultdict(int)
        for person in self.block.persons:
            for placement, because in self._judged(person):
                counted[placement.partner] += because is None
        for agreed in self.block.agreements:
            persons = counted[agreed.partner]
            line = Expected(PARTNER, Outcome.REFUSED, agreed.partner, partner=agreed.partner, year=YEAR, persons=persons)
            if persons < THRESHOLD:
                yield replace(line, because=Because.HUNDRED_PERSONS)
            elif self.today <= CLOSES_ON:
                yield replace(line, outcome=Outcome.ACCRUING, accruing_fen=persons * PER_PERSON_FEN)
            else:
                yield replace(line, outcome=Outcome.DUE, due_fen=persons * PER_PERSON_FEN)

    def not_counted(self) -> Iterator[NotCounted]:
        """Every reported placement that earns its partner nothing."""
        for person in self.block.persons:
            for placement, because in self._judged(person):
                if because is not None:
                    yield NotCounted("", self.today, person.id_number, placement.partner, because)

    def _judged(self, person: Person) -> Iterator[tuple[Placement, Because | None]]:
        """A person's reported placements, each with the reason why it does not count; at most one counts (A52)."""
        enterprises = {enterprise.uscc for enterprise in self.block.enterprises if enterprise.is_locally_registered}
        is_taken = False
        reported = [placement for placement in person.placements if placement.reported_on <= self.today]
        for placement in sorted(reported, key=lambda placement: (placement.started_on, placement.confirmed_on or date.max)):
            because = self._not_counted_because(placement, enterprises)
            if because is None and is_taken:
                because = Because.OTHER_PARTNER
            is_taken = is_taken or because is None
            yield placement, because

    def _not_counted_because(self, placement: Placement, enterprises: set[str]) -> Because | None:
        if placement.employer not in enterprises:
            return Because.ENTERPRISE_IS_LOCAL
        if not any(
            agreed.partner == placement.partner and agreed.signed_on <= placement.started_on <= agreed.expires_on
            for agreed in self.block.agreements
        ):
            return Because.AGREED
        if placement.confirmed_on is None or placement.confirmed_on > self.today:
            return Because.CONFIRMED
        if placement.cancelled_on is not None and placement.cancelled_on <= self.today:
            return Because.CONFIRMED
        return Because.REPORTED_IN_TIME if placement.reported_on > CLOSES_ON else None


def _decided(owed: Expected, conditions: Conditions) -> Expected:
    """The first condition that fails refuses; else the first that is unknown waits; else it is owed."""
    refused_by = next((because for because, holds in conditions if holds is False), None)
    waiting_for = next((because for because, holds in conditions if holds is None), None)
    if refused_by or waiting_for:
        outcome = Outcome.REFUSED if refused_by else Outcome.AWAITING
        return replace(owed, outcome=outcome, due_fen=0, because=refused_by or waiting_for)
    return owed


def _stacked(grounds: list[Expected], classes: dict[str, TrainingClass]) -> list[Expected]:
    """Of what is owed for one occupation and level, the highest stays, of equals the earlier, then universal training (A43(i), A56)."""
    rivals: dict[tuple[str, int], list[int]] = defaultdict(list)
    for nth, ground in enumerate(grounds):
        if ground.outcome is Outcome.DUE:
            training = classes[ground.class_number or ""]
            rivals[_group(training.occupation, training.level_code)].append(nth)
    result = list(grounds)
    for places in rivals.values():
        best, *others = sorted(
            places,
            key=lambda nth: (-grounds[nth].due_fen, classes[grounds[nth].class_number or ""].starts_on, grounds[nth].scheme == SHORTAGE),
        )
        winner = (grounds[best].scheme, grounds[best].class_number or "")
        for nth in others:
            result[nth] = replace(grounds[nth], outcome=Outcome.DISPLACED, due_fen=0, displaced_by=winner)
    return result


def _chain(jobs: list[tuple[date, date]], last_day_needed: date) -> tuple[int, date]:
    """The longest gap (days strictly between) before the last day needed, and until when the chain reaches."""
    longest, until = 0, jobs[0][1]
    for first, last in jobs[1:]:
        if until >= last_day_needed:
            break
        longest = max(longest, (first - until).days - 1)
        until = max(until, last)
    return longest, until


def _is_local(person: Person, day: date) -> Holds:
    """None on a day that no known span covers."""
    if not person.is_in_police_file:
        return None
    spans = [span for span in person.hukou if span.first_on <= day <= (span.last_on or date.max)]
    return spans[0].area_code.startswith("320582") if spans else None


def _is_from_outside(person: Person, day: date) -> Holds:
    local = _is_local(person, day)
    elsewhere = bool(person.elsewhere) if person.is_in_police_file and person.elsewhere is not None else None
    if local is False or elsewhere:
        return True
    return None if local is None or elsewhere is None else False


def _completed(taken: Participation, today: date) -> bool:
    return taken.completed_on is not None and taken.completed_on <= today


def _either(one: Holds, other: Holds) -> Holds:
    return True if one or other else None if one is None or other is None else False


def _group(occupation: str, level_code: int) -> tuple[str, int]:
    return GROUP[occupation], level_code
