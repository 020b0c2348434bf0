"""Any permutation, duplication and batching of the events of a small city ends in the ledger that its facts alone determine."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from awards.app import service
from awards.policy.dossier import City, PersonFacts
from awards.policy.due import person_due
from awards.reconciling.entitlements import changes
from common.bus.facts import Heard
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.reconciling.dossier import Taken, Urgency
from common.testing.at_work import AtWork, at_work
from common.testing.telling import Teller
from contracts import certification, matching, registry, training

WELDER, FITTER, OLD_WELDER = "2015:6-18-02-04", "2015:6-20-01-01", "1999:6-04-02-05"
TODAY = date(2018, 12, 1)
SPAN = registry.OrganisationSpan(
    kind=registry.OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1)
)


@pytest.fixture(scope="module")
async def quiet(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    """Awards without its loops: the test itself applies facts and reconciles, batch by batch."""
    async with at_work(service, postgres, first_day=TODAY, worker=False) as started:
        yield started


REGISTERS = {"training.class", "training.designation", "training.mandate", "registry.organisation", "matching.agreement"}


class Slice:
    """The facts of three persons, one base, two partners and what they share; ids of its own, so that slices do not meet."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.space = uuid7()
        self.persons = [self._id(f"person{nth}") for nth in range(3)]
        self.base, self.enterprise = self._id("base"), self._id("enterprise")
        self.partners = [self._id("partner0"), self._id("partner1")]
        self.facts: list[Any] = [*self._registers(draw), *(fact for person in self.persons for fact in self._of_a_person(draw, person))]

    def _id(self, name: str) -> UUID:
        return uuid5(self.space, name)

    def _registers(self, draw: st.DrawFn) -> list[Any]:
        day = st.sampled_from([date(2018, 2, 1), date(2018, 3, 1), date(2018, 4, 1)])
        early = st.sampled_from([date(2018, 1, 1), date(2018, 3, 1)])
        courses = [
            training.TrainingClass(
                id=self._id(f"class{nth}"), number=f"{self.space}{nth}", kind=kind, organiser_id=self.base, occupation=draw(st.sampled_from([WELDER, OLD_WELDER, FITTER])),
                level_code=3, starts_on=draw(day), ends_on=date(2018, 7, 1), state=training.ClassState.COMPLETED,
            )
            for nth, kind in enumerate((training.ClassKind.UNIVERSAL, training.ClassKind.SHORTAGE))
        ]  # fmt: skip
        terms = {"organisation_id": self.base, "occupation": WELDER, "level_code": 3, "valid_to": date(2018, 12, 31)}
        return [
            *courses,
            training.Designation(id=self._id("d"), tender_number="T", price_fen=100_000, valid_from=draw(early), **terms),
            training.Mandate(id=self._id("m"), catalogue_year=2018, valid_from=draw(early), **terms),
            registry.Organisation(id=self.enterprise, uscc=str(self.space)[:18], spans=(SPAN,)),
            *(
                matching.Agreement(id=self._id(f"a{nth}"), partner_id=partner, kind="DELIVERY", is_outside_province=False, signed_on=draw(early), expires_on=date(2018, 12, 31))
                for nth, partner in enumerate(self.partners)
            ),
        ]  # fmt: skip

    def _of_a_person(self, draw: st.DrawFn, person: UUID) -> list[Any]:
        maybe, of = st.booleans(), f"{person}"
        facts: list[Any] = []
        if draw(st.integers(0, 4)):
            area = draw(st.sampled_from(["320582", "320582", "340100"]))
            facts.append(
                registry.Person(id=person, birth_month="1995-01", hukou=(registry.HukouSpan(area_code=area, first_on=date(1995, 1, 1)),))
            )
        for nth in range(draw(st.integers(1, 2))):
            facts.append(
                training.Participation(
                    id=self._id(f"{of}p{nth}"),
                    person_id=person,
                    class_id=self._id(f"class{nth}"),
                    enrolled_on=date(2018, 2, 1),
                    attended_share_bp=draw(st.sampled_from([9000, 9000, 7999])),
                    completed_on=date(2018, 7, 1),
                )
            )
            revoked_on = draw(st.sampled_from([None, date(2018, 11, 1)]))
            facts.append(certification.Certificate(
                id=self._id(f"{of}c{nth}"), person_id=person, occupation=draw(st.sampled_from([WELDER, FITTER])), level_code=3, mode="SOCIAL_APPRAISAL", kind="SKILL_LEVEL",
                issued_on=date(2018, 7, 10), body_id=self.base, class_id=self._id(f"class{nth}"), revoked_on=revoked_on, revocation_reason="FRAUD" if revoked_on else None,
            ))  # fmt: skip
        for nth, partner in enumerate(self.partners):
            if draw(maybe):
                started_on = date(2018, 5, 1) + timedelta(days=draw(st.integers(0, 60)))
                facts.append(matching.Placement(
                    id=self._id(f"{of}pl{nth}"), person_id=person, partner_id=partner, employer_id=self.enterprise, started_on=started_on, evidence="CONTRACT",
                    reported_on=date(2018, 9, 1), confirmed_on=draw(st.sampled_from([None, date(2018, 9, 2)])), cancelled_on=draw(st.sampled_from([None, date(2018, 10, 1)])),
                ))  # fmt: skip
        return facts

    def known(self) -> City:
        """The registers, as if all had arrived."""
        return City(
            classes={each.id: each for each in self._all(training.TrainingClass)},
            organisations={each.id: each for each in self._all(registry.Organisation)},
            designations={self.base: self._all(training.Designation)},
            mandates={self.base: self._all(training.Mandate)},
            agreements={
                partner: [each for each in self._all(matching.Agreement) if each.partner_id == partner] for partner in self.partners
            },
            catalogues=SHARED[:1],
            occupations=SHARED[1:],
        )

    def person(self, person: UUID) -> PersonFacts:
        def his(kind: type[Any]) -> list[Any]:
            return [each for each in self._all(kind) if each.person_id == person]

        own = next((each for each in self._all(registry.Person) if each.id == person), None)
        return PersonFacts(person, own, (), (), his(training.Participation), his(certification.Certificate), his(matching.Placement))

    def _all(self, kind: type[Any]) -> list[Any]:
        return [each for each in self.facts if isinstance(each, kind)]


SHARED: list[Any] = [
    training.Catalogue(id=uuid7(), year=2018, entries=(training.CatalogueEntry(occupation=WELDER, level_codes=(3,)),), in_force_from=date(2018, 2, 1), paper_number="1"),
    certification.Occupation(id=uuid7(), occupation=WELDER, name="焊工", same_as=(OLD_WELDER,)),
]  # fmt: skip


@st.composite
def slices(draw: st.DrawFn) -> Slice:
    return Slice(draw)


async def apply(quiet: AtWork, events: list[Any]) -> None:
    running = quiet.running
    async with running.database.transaction() as session:
        heard = [Heard(event, running.facts._replicas[event.topic].contract.parse(event.data)) for event in events]
        await running.facts.keep(await raw(session), heard)


async def ledger(quiet: AtWork, city: Slice) -> dict[tuple[str, str], tuple[str, int, str]]:
    async with quiet.running.database.transaction() as session:
        rows = await (await raw(session)).fetch(
            "SELECT scheme, entitlement_key, state, due_fen, payee_id FROM entitlement WHERE person_id = ANY($1::uuid[]) AND state <> 'WITHDRAWN'",
            city.persons,
        )
    return {(row["scheme"], row["entitlement_key"]): (row["state"], row["due_fen"], str(row["payee_id"])) for row in rows}


def determined(quiet: AtWork, city: Slice) -> dict[tuple[str, str], tuple[str, int, str]]:
    """What the pure policy says of the final facts."""
    known, found = city.known(), {}
    for person in city.persons:
        due = person_due(city.person(person), known, quiet.running.equipment.parameters, TODAY)
        for change in changes([], due.owed, Taken(str(person), 1, Urgency.LIVE, "")):
            found[change.name.scheme, change.name.key] = (str(change.content.state), change.content.due_fen, str(change.content.payee_id))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("examples", "one_by_one"), [(150, False), (50, True)], ids=["in batches", "each event alone"])
def test_any_order_ends_in_the_same_ledger(quiet: AtWork, run: Any, examples: int, *, one_by_one: bool) -> None:
    """Each alone and reconciled at once: an event that marks too little shows, because nothing else comes after it to cover it."""
    teller, reconciler = Teller(quiet), quiet.running.reconciler()
    run(apply(quiet, [teller.event(fact, version=1) for fact in SHARED]))

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(city=slices(), data=st.data())
    def check(city: Slice, data: st.DataObject) -> None:
        # Each fact has an older state before it, which must leave no trace.
        events = [teller.event(fact, version=2) for fact in city.facts] + [teller.event(_older(fact), version=1) for fact in city.facts]
        events = data.draw(st.permutations(events))
        if data.draw(st.booleans()):
            # Registers last: then only their fan-outs reach the persons.
            events.sort(key=lambda event: event.topic in REGISTERS)
        events += data.draw(st.lists(st.sampled_from(events), max_size=10))
        cuts = list(range(len(events))) if one_by_one else sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
        for first, last in itertools.pairwise([0, *cuts, len(events)]):
            run(apply(quiet, list(events[first:last])))
            if one_by_one or data.draw(st.booleans()):
                run(reconciler.until_clean())
        run(reconciler.until_clean())
        assert run(ledger(quiet, city)) == determined(quiet, city)

    check()


def _older(fact: Any) -> Any:
    """An earlier state of the same aggregate, which must leave no trace."""
    changed = {
        training.Participation: {"attended_share_bp": 100}, certification.Certificate: {"level_code": 4, "revoked_on": None, "revocation_reason": None},
        matching.Placement: {"confirmed_on": None}, training.Designation: {"price_fen": 1}, training.TrainingClass: {"starts_on": date(2017, 6, 1)},
        registry.Person: {"hukou": ()}, training.Mandate: {"valid_from": date(2018, 12, 31)},
    }  # fmt: skip
    return fact.model_copy(update=changed.get(type(fact), {}))


@pytest.fixture
def run(quiet: AtWork) -> Any:
    """Runs a coroutine on the session's loop from within a synchronous example."""
    return asyncio.get_event_loop_policy().get_event_loop().run_until_complete
