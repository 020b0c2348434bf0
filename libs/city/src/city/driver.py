"""The driver: lives the invented year in Craftport over REST, as agencies do, day by day.

A year that was broken off is lived again from its beginning: what was done before is found done, so nothing happens twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from city.agency import Agency, Refused
from city.dropping import DroppedFile
from city.registers import Organisation, TrainingClass
from city.synthetic import Act, City

SERVICES = ("registry", "training", "certification", "matching", "awards")
_IMPORTED_BY = {
    "persons": "registry", "employment": "registry", "insurance": "registry", "roster": "training", "certificates": "certification",
    "placements": "matching",
}  # fmt: skip
_FILES_IN_ORDER = tuple(_IMPORTED_BY)
_BEFORE = {"open": "PLANNED", "complete": "OPEN"}
_AT_ONCE = 8


@dataclass
class Told:
    """What was put in so far."""

    rows_accepted: int = 0
    rows_refused: int = 0
    files: int = 0
    acts: int = 0
    examples: dict[str, str] = field(default_factory=dict)
    """For every kind of fault, by its code, the first row that was refused for it."""
    unexpected: list[str] = field(default_factory=list)
    """Files of which other rows were refused than the city expects."""


def _nobody_listens(_: date) -> None:
    """The default for who wants to hear how far the year is."""


@dataclass
class Driver:
    """Tells a city's year. `directory`: where the bureaus' files are dropped; `heard`: called with the day whenever more was done."""

    city: City
    officer: Agency
    directory: Path
    heard: Callable[[date], None] = _nobody_listens
    told: Told = field(default_factory=Told)
    organisations: dict[str, str] = field(default_factory=dict)
    """USCC → id."""
    _classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    _days: dict[str, date] = field(default_factory=dict)
    """Each service's business day."""

    def figures(self) -> dict[str, Any]:
        """What went in, as plain values."""
        told = self.told
        return {
            "organisations": self.organisations, "files": told.files, "accepted": told.rows_accepted, "refused": told.rows_refused,
            "examples": list(told.examples.values()), "acts": told.acts, "unexpected": told.unexpected,
        }  # fmt: skip

    async def open_city(self) -> None:
        """Enter the registers: what is known on the first day."""
        await self._each(
            ("/registry/v1/sources", {"kind": each.kind, "complete_since": _day(each.complete_since)}) for each in self.city.sources()
        )
        organisations = {each.uscc: each for each in self.city.organisations()}
        made = await self._each(("/registry/v1/organisations", _organisation(each)) for each in organisations.values())
        self.organisations = {each["uscc"]: each["id"] for each in made}
        occupations = ({"occupation": each.key, "name": each.name, "same_as": list(each.same_as)} for each in self.city.occupations())
        await self._each(("/certification/v1/occupations", body) for body in occupations)
        await self._each(("/training/v1/catalogues", body) for body in self._catalogues())
        await self._each(("/training/v1/designations", body) for body in self._designations())
        await self._each(("/training/v1/mandates", body) for body in self._mandates())
        await self._each(("/matching/v1/agreements", body) for body in self._agreements())
        year = self.city.reporting_year()
        await self._create("/matching/v1/reporting-years", {"year": year.year, "closes_on": _day(year.closes_on)})
        await self.officer.settled(SERVICES)

    async def live(self, *, after: date, until: date) -> None:
        """Everything that happens after a day, up to another, in the order of days."""
        self.directory.mkdir(parents=True, exist_ok=True)
        files = await asyncio.to_thread(self.city.write_files, self.directory, until=until)
        events = [
            *self._lives_of_classes(),
            *((each.on, 1, each) for each in files),
            *((each.on, 2, each) for each in self.city.acts(until=until)),
        ]
        due = sorted((event for event in events if after < event[0] <= until), key=lambda event: event[:2])
        for day, happening in groupby(due, key=lambda event: event[0]):
            await self.advance(day)
            await self._happen([what for _, _, what in happening])
            self.heard(day)
        await self.advance(until)
        await self.officer.settled(SERVICES)

    async def advance(self, day: date) -> None:
        """Move the day of all services, so that what waits for it is looked at. Where a later day stands already, it stays."""
        for service in SERVICES:
            if service not in self._days:
                held = await self.officer.get(f"/{service}/v1/operations/business-day")
                self._days[service] = date.fromisoformat(held["day"])
            if self._days[service] < day:
                await self.officer.create(f"/{service}/v1/operations/business-day:advance", {"day": _day(day)})
                self._days[service] = day

    def _lives_of_classes(self) -> Iterator[tuple[date, int, tuple[str, TrainingClass]]]:
        for each in self.city.classes():
            yield max(each.planned_on, date(2018, 1, 2)), 0, ("plan", each)
            yield max(each.starts_on, each.planned_on), 0, ("open", each)
            yield max(each.ends_on, each.planned_on), 0, ("complete", each)

    async def _happen(self, happening: list[Any]) -> None:
        lives = [each for each in happening if isinstance(each, tuple)]
        for verb in ("plan", "open", "complete"):
            await self._classes_do(verb, [each for what, each in lives if what == verb])
        files = [each for each in happening if isinstance(each, DroppedFile)]
        if files:
            # What a file names (an organisation, a class) must have been heard where it is dropped.
            await self.officer.settled(SERVICES)
        for file in sorted(files, key=lambda each: _FILES_IN_ORDER.index(each.import_name)):
            await self._drop(file)
        acts = [each for each in happening if isinstance(each, Act)]
        await self._confirm([each for each in acts if each.verb == "confirm"])
        for act in acts:
            if act.verb != "confirm":
                await self._act(act)
        self.told.acts += len(acts)

    async def _classes_do(self, verb: str, classes: list[TrainingClass]) -> None:
        if verb == "plan":
            made = await self._each(("/training/v1/classes", self._class(each)) for each in classes)
            self._classes |= {each["number"]: each for each in made}
            return
        for each in classes:
            held = self._classes[each.number]
            if held["state"] == _BEFORE[verb]:
                self._classes[each.number] = await self.officer.act(f"/training/v1/classes/{held['id']}:{verb}", held["version"])

    async def _drop(self, file: DroppedFile) -> None:
        job = await self.officer.drop(_IMPORTED_BY[file.import_name], file.import_name, file.path)
        if job["state"] != "DONE":
            raise Refused(f"{file.path.name}: {job['failed_reason']}")
        self.told.files += 1
        self.told.rows_accepted += job["rows_accepted"]
        self.told.rows_refused += job["rows_refused"]
        if job["rows_refused"]:
            rows = await self.officer.get(f"/{_IMPORTED_BY[file.import_name]}/v1/jobs/{job['id']}/rows", limit=1000)
            for row in rows["items"]:
                fault = row["faults"][0]
                example = f"{file.path.name} 第 {row['row_number']} 行，{fault['column']}：{fault['message']}"
                self.told.examples.setdefault(fault["code"], example)
        self.heard(file.on)
        if (job["rows_accepted"], job["rows_refused"]) != (file.accepted, len(file.refused)):
            self.told.unexpected.append(file.path.name)

    async def _confirm(self, acts: list[Act]) -> None:
        """A clerk confirms what partners reported, many at once."""
        by_partner: dict[str, set[str]] = defaultdict(set)
        ids = await self.person_ids({act.person for act in acts})
        for act in acts:
            by_partner[self.organisations[act.partner or ""]].add(ids[act.person])
        for partner_id, persons in by_partner.items():
            placements = self.officer.every("/matching/v1/placements", partner_id=partner_id, state="REPORTED")
            wanted = [each["id"] async for each in placements if each["person_id"] in persons]
            for at in range(0, len(wanted), 1000):
                await self.officer.create("/matching/v1/placements:confirm", {"placement_ids": wanted[at : at + 1000]})

    async def confirm_reported(self, partner: str) -> None:
        """A clerk confirms whatever a partner (its USCC) has reported and nobody has looked at yet."""
        waiting = self.officer.every("/matching/v1/placements", partner_id=self.organisations[partner], state="REPORTED")
        if placement_ids := [each["id"] async for each in waiting]:
            await self.officer.create("/matching/v1/placements:confirm", {"placement_ids": placement_ids})
        await self.officer.settled(SERVICES)

    async def _act(self, act: Act) -> None:
        person_id = (await self.person_ids({act.person}))[act.person]
        if act.verb == "cancel":
            partner_id = self.organisations[act.partner or ""]
            async for placement in self.officer.every("/matching/v1/placements", partner_id=partner_id, person_id=person_id):
                if placement["cancelled_on"] is None:
                    await self.officer.act(
                        f"/matching/v1/placements/{placement['id']}:cancel", placement["version"], {"cancelled_on": _day(act.on)}
                    )
            return
        async for held in self.officer.every("/certification/v1/certificates", person_id=person_id):
            if held["number"] == act.certificate and held["revoked_on"] is None:
                revocation = {"reason": "ISSUED_IN_ERROR", "revoked_on": _day(act.on)}
                await self.officer.act(f"/certification/v1/certificates/{held['id']}:revoke", held["version"], revocation)

    async def person_ids(self, id_numbers: set[str]) -> dict[str, str]:
        """As registry knows them."""
        numbers = sorted(id_numbers)
        ids: dict[str, str] = {}
        for at in range(0, len(numbers), 1000):
            asked = numbers[at : at + 1000]
            answer = await self.officer.create(
                "/registry/v1/people:resolve", {"people": [{"id_number": each, "name": "已登记"} for each in asked]}
            )
            ids |= dict(zip(asked, answer["person_ids"], strict=True))
        return ids

    async def _each(self, bodies: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        """Create many things, a few at a time, in order."""
        made: list[dict[str, Any]] = []
        waiting = list(bodies)
        for at in range(0, len(waiting), _AT_ONCE):
            made += await asyncio.gather(*(self._create(path, body) for path, body in waiting[at : at + _AT_ONCE]))
        return made

    async def _create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Once: the same again gives what was made then."""
        content = json.dumps([path, body], ensure_ascii=False, sort_keys=True)
        return await self.officer.create(path, body, key=hashlib.sha256(content.encode()).hexdigest())

    def _class(self, each: TrainingClass) -> dict[str, Any]:
        return {
            "number": each.number, "kind": each.kind, "organiser_id": self.organisations[each.organiser], "occupation": each.occupation,
            "level_code": each.level_code, "starts_on": _day(each.starts_on), "ends_on": _day(each.ends_on),
            "price": None if each.price_fen is None else _money(each.price_fen),
        }  # fmt: skip

    def _catalogues(self) -> Iterator[dict[str, Any]]:
        for each in self.city.catalogues():
            entries = [{"occupation": entry.occupation, "level_codes": list(entry.level_codes)} for entry in each.entries]
            yield {"year": each.year, "entries": entries, "in_force_from": _day(each.in_force_from), "paper_number": each.paper_number}

    def _designations(self) -> Iterator[dict[str, Any]]:
        for each in self.city.designations():
            yield {
                "organisation_id": self.organisations[each.uscc], "tender_number": each.tender_number, "occupation": each.occupation,
                "level_code": each.level_code, "price": _money(each.price_fen), "valid_from": _day(each.valid_from), "valid_to": _day(each.valid_to),
            }  # fmt: skip

    def _mandates(self) -> Iterator[dict[str, Any]]:
        for each in self.city.mandates():
            yield {
                "organisation_id": self.organisations[each.uscc], "occupation": each.occupation, "level_code": each.level_code,
                "catalogue_year": each.catalogue_year, "valid_from": _day(each.valid_from), "valid_to": _day(each.valid_to),
            }  # fmt: skip

    def _agreements(self) -> Iterator[dict[str, Any]]:
        for each in self.city.agreements():
            yield {
                "number": each.number, "partner_id": self.organisations[each.partner], "is_outside_province": each.is_outside_province,
                "signed_on": _day(each.signed_on), "expires_on": _day(each.expires_on),
            }  # fmt: skip


def _organisation(each: Organisation) -> dict[str, Any]:
    span = {
        "kind": each.kind, "area_code": each.area_code, "is_locally_registered": each.is_locally_registered, "first_on": _day(each.first_on),
        "industry_code": each.industry_code, "industry_edition": 2017 if each.industry_code else None, "size": each.size,
    }  # fmt: skip
    return {"uscc": each.uscc, "name": each.name, "spans": [span]}


def _day(day: date) -> str:
    return day.isoformat()


def _money(fen: int) -> dict[str, str]:
    return {"amount": f"{fen // 100}.{fen % 100:02d}", "currency": "CNY"}
