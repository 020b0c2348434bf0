"""Referral counts follow from what placements and certificates say in the end, in whatever order it came; and each event marks all it changes."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from city.lives import Quarter, Version, disordered, in_order, newest
from common.bus.facts import Heard
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_work import AtWork, at_work
from common.testing.examples import examples
from contracts.certification import Certificate
from matching.app import service
from matching.replicas import certificates

TODAY = date(2018, 12, 1)
PERSONS, PARTNERS = 12, 2
SEEDS = range(examples(2))
Books = Mapping[tuple[Any, ...], Any]
_REFERRALS = "SELECT person_id, partner_id, year, is_employed, level_code FROM referral"
_COUNTS = "SELECT partner_id, year, delivered, employed, certified_by_level::text FROM referral_count WHERE delivered > 0"
_MARK_ALL = f"""
    INSERT INTO dossier AS d (kind, id, dirty, urgency, cause)
    SELECT kind, id, 1, 0, 'test' FROM (
        SELECT 'person' AS kind, person_id::text AS id FROM placement UNION SELECT 'person', person FROM {certificates.table}
        UNION SELECT 'partner-year', partner_id || '/' || year FROM referral UNION SELECT kind, id FROM dossier) AS named
    ON CONFLICT (kind, id) DO UPDATE SET dirty = d.dirty + 1
"""
_LOOK_AGAIN = "SELECT kind, id, look_again_on FROM dossier WHERE look_again_on IS NOT NULL"


class Matching:
    """Without its loops. Placements are its own and are acted on over REST; certificates are heard."""

    def __init__(self, at_work: AtWork, chance: Random) -> None:
        self._at_work, self._chance = at_work, chance
        self.running, self.reconciler = at_work.running, at_work.running.reconciler()
        self.placements: dict[str, dict[str, Any]] = {}
        self.employers = [str(uuid4()) for _ in range(3)]
        self.partners = [str(uuid4()) for _ in range(PARTNERS)]

    async def hear(self, versions: Sequence[Version]) -> None:
        heard = [Heard(version.event(), version.fact) for version in versions]
        async with self.running.database.transaction() as session:
            await self.running.facts.keep(await raw(session), heard)

    async def act(self, person: UUID) -> str:
        """Something happens to one of the person's placements, or a new one is reported; which act, when it was not refused."""
        chance, own = self._chance, [each for each in self.placements.values() if each["person_id"] == str(person)]
        what = {
            "employer_id": chance.choice(self.employers),
            "started_on": str(date(chance.choice((2017, 2018)), chance.randint(1, 11), 1)),
        }
        if len(own) < 2:
            body = {"person_id": str(person), "partner_id": chance.choice(self.partners), "evidence": "CONTRACT", **what}
            return await self._keep("report", await self._at_work.call("POST", "/matching/v1/placements", json=body))
        placement, verb = chance.choice(own), chance.choice(("confirm", "confirm", "cancel", "correct"))
        body = {"cancel": {"cancelled_on": str(TODAY)}, "correct": {"evidence": "INSURANCE", **what}}.get(verb)
        path = f"/matching/v1/placements/{placement['id']}:{verb}"
        return await self._keep(verb, await self._at_work.call("POST", path, json=body, version=placement["version"]))

    async def _keep(self, verb: str, answer: Any) -> str:
        if not answer.is_success:
            assert answer.status_code == 409, answer.text
            return "refused"
        self.placements[answer.json()["id"]] = answer.json()
        return verb

    async def books(self) -> Books:
        books: dict[tuple[Any, ...], Any] = {}
        async with self.running.database.transaction() as session:
            connection = await raw(session)
            for name, key, query in (("referral", 3, _REFERRALS), ("count", 2, _COUNTS), ("look again", 2, _LOOK_AGAIN)):
                books |= {(name, *row[:key]): tuple(row[key:]) for row in await connection.fetch(query)}
        return books

    async def recompute_all(self) -> None:
        """Everybody whom a placement or a certificate names, and every partner-year, whether it was ever marked or not."""
        async with self.running.database.transaction() as session:
            await (await raw(session)).execute(_MARK_ALL)
        await self.reconciler.until_clean()

    async def set_day(self, day: date) -> None:
        async with self.running.database.transaction() as session:
            await (await raw(session)).execute("UPDATE business_day SET day = $1", day)

    def determined(self, certificates: Sequence[Any], today: date) -> Books:
        """Worked out from what stands, in plain words: reported and not cancelled, of those confirmed, the highest valid certificate."""
        levels: dict[UUID, list[int]] = defaultdict(list)
        for each in certificates:
            if each.issued_on <= today and not (each.revoked_on and each.revoked_on <= today):
                levels[each.person_id].append(each.level_code)
        standing = [each for each in self.placements.values() if not each["cancelled_on"]]
        names = {(UUID(each["person_id"]), UUID(each["partner_id"]), int(each["started_on"][:4])): False for each in standing}
        for each in standing:
            if each["confirmed_on"]:
                names[UUID(each["person_id"]), UUID(each["partner_id"]), int(each["started_on"][:4])] = True
        return {("referral", *name): (employed, min(levels[name[0]], default=None)) for name, employed in names.items()}


@pytest.fixture
async def matching(postgres: EmbeddedPostgres, request: pytest.FixtureRequest) -> AsyncIterator[Matching]:
    async with at_work(service, postgres, first_day=TODAY, worker=False) as started:
        yield Matching(started, Random(request.node.callspec.params["seed"]))


def certificates_of(chance: Random, seed: int) -> list[Version]:
    """All versions of all certificates, each in order."""
    quarter = Quarter(chance, UUID(int=seed), PERSONS * 2)
    return [version for version in in_order(quarter.lives()) if isinstance(version.fact, Certificate)]


def agree(books: Books, expected: Books) -> None:
    """The rows, and that the counts are their sums."""
    referrals = {name: content for name, content in books.items() if name[0] == "referral"}
    assert referrals == expected
    delivered, employed = (
        Counter(name[2:] for name in referrals),
        Counter(name[2:] for name, (is_employed, _) in referrals.items() if is_employed),
    )
    counts = {name[1:]: content[:2] for name, content in books.items() if name[0] == "count"}
    assert counts == {name: (delivered[name], employed[name]) for name in delivered}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_acts_and_certificates_in_any_order_end_in_the_same_counts(matching: Matching, seed: int) -> None:
    chance = Random(seed)
    published = certificates_of(chance, seed)
    persons = sorted({version.fact.person_id for version in published})[:PERSONS]
    log = disordered([*published, *chance.choices(published, k=len(published) // 3)], chance, reach=len(published) * 2)
    done = Counter[str]()
    while log:
        batch, log = log[: (size := chance.randint(1, 12))], log[size:]
        await matching.hear(batch)
        done[await matching.act(chance.choice(persons))] += 1
        if chance.random() < 0.3:
            await matching.reconciler.round()
    for _ in range(4 * PERSONS):
        done[await matching.act(chance.choice(persons))] += 1
    await matching.reconciler.until_clean()

    agree(await matching.books(), matching.determined(newest(published), TODAY))
    assert done.keys() == {"report", "confirm", "cancel", "correct", "refused"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_whoever_a_single_event_or_act_changes_is_marked(matching: Matching, seed: int) -> None:
    """What was marked is recomputed, then everything is: nothing may change, neither at once nor before the day to look again."""
    chance = Random(seed)
    published = certificates_of(chance, seed)
    persons = sorted({version.fact.person_id for version in published})[: PERSONS // 2]
    own = [version for version in published if version.fact.person_id in persons]
    turns = ["heard"] * len(own) + ["acted"] * len(own)
    chance.shuffle(turns)
    for turn in turns:
        if turn == "heard":
            await matching.hear([own.pop(0)])
        else:
            await matching.act(chance.choice(persons))
        await matching.reconciler.until_clean()
        books = await matching.books()
        await matching.recompute_all()
        assert await matching.books() == books

    today, woke = TODAY, 0
    for _ in range(20):
        days = [content[0] for name, content in books.items() if name[0] == "look again"]
        next_day = min(days, default=date.max)
        for day in {today + timedelta(days=1), next_day - timedelta(days=1)}:
            if today < day < next_day != date.max:
                await matching.set_day(day)
                assert not await matching.reconciler.round()
                await matching.recompute_all()
                assert await matching.books() == books
        today = next_day if days and chance.random() < 0.5 else today + timedelta(days=chance.randint(1, 40))
        await matching.set_day(today)
        await matching.reconciler.until_clean()
        after = await matching.books()
        await matching.recompute_all()
        assert await matching.books() == after
        woke += after != books
        books = after
    assert woke, "some certificate was issued or revoked in these months"
