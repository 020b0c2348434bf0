"""Files of the bureaus: accepted rows a second with their events published, how long the loop is held, and a live certificate meanwhile."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import uuid4

import httpx2
from figures import Figure, directory, percentile
from slices import slices
from uuid_utils.compat import uuid7

from city import sheets
from city.agency import Agency
from city.dropping import DroppedFile, Dropping
from city.identities import ordinary_number, uscc
from city.sheets import Kind, Line
from common.collector import settle_collector
from common.one_process import OneProcess, one_process
from common.waking import rung

SERVICES = ("registry", "training", "certification", "awards")
ENTERPRISE, BASE = uscc("91", 1), uscc("52", 2)
OCCUPATION, CLASS = "2015:6-18-02-04", "JQ-1"
FIRST_DAY = date(2018, 12, 1)
MONTHS = ("2018-09", "2018-10", "2018-11")
LIVE_SECONDS = 0.05
FEWEST_LIVE = 3


@dataclass
class Bureau:
    """The city at work in one process, and the officer who drops files into it."""

    city: OneProcess
    officer: Agency
    client: httpx2.AsyncClient
    directory: Path
    ids: dict[str, str] = field(default_factory=dict)

    def file(self, name: str, kind: Kind, rows: Iterator[tuple[str, ...]]) -> DroppedFile:
        """As the city writes it, with a few rows that must be refused."""
        dropping = Dropping(self.directory / name, until=FIRST_DAY)
        dropping.write(Line(name, kind, FIRST_DAY, row) for row in rows)
        (dropped,) = dropping.close()
        return dropped

    async def rows_per_second(self, service: str, kind: Kind, file: DroppedFile) -> float:
        """Accepted, until the job has ended and nothing is left in the outbox."""
        began = time.perf_counter()
        job = await self.officer.drop(service, kind.import_name, file.path)
        published = self.city.services[service].committed.listen()
        while await self._is_publishing(service):
            await rung(published, within_seconds=0.01)
        seconds = time.perf_counter() - began
        await self.officer.settled(SERVICES)
        if (job["state"], job["rows_accepted"]) != ("DONE", file.accepted):
            raise AssertionError(f"{file.path.name}: {job}")
        return file.accepted / seconds

    async def _is_publishing(self, service: str) -> bool:
        async with self.city.services[service].database.raw_transaction() as connection:
            return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"))

    async def furnish(self) -> None:
        """An enterprise, a base, its class; heard wherever a file names them."""
        for code, kind in ((ENTERPRISE, "ENTERPRISE"), (BASE, "TRAINING_BODY")):
            span = {"kind": kind, "area_code": "320582100", "is_locally_registered": True, "first_on": "2000-01-01"}
            made = await self.officer.create("/registry/v1/organisations", {"uscc": code, "name": "示例单位", "spans": [span]})
            self.ids[code] = made["id"]
        await self.officer.create("/certification/v1/occupations", {"occupation": OCCUPATION, "name": "焊工"})
        course = {
            "number": CLASS, "kind": "SHORTAGE", "organiser_id": self.ids[BASE], "occupation": OCCUPATION, "level_code": 3,
            "starts_on": "2018-03-01", "ends_on": "2018-05-01",
        }  # fmt: skip
        made = await self.officer.create("/training/v1/classes", course)
        self.ids[CLASS] = made["id"]
        mandate = {
            "organisation_id": self.ids[BASE], "occupation": OCCUPATION, "level_code": 3, "catalogue_year": 2018, "valid_from": "2018-01-01",
            "valid_to": "2018-12-31",
        }  # fmt: skip
        await self.officer.create("/training/v1/mandates", mandate)
        entries = [{"occupation": OCCUPATION, "level_codes": [3]}]
        await self.officer.create(
            "/training/v1/catalogues", {"year": 2018, "entries": entries, "in_force_from": "2018-01-01", "paper_number": "1"}
        )
        await self.officer.settled(SERVICES)

    async def know(self, persons: int) -> None:
        """Registry knows these persons already."""
        for at in range(0, persons, 1000):
            asked = [{"id_number": ordinary_number(nth)[0], "name": "示例人员"} for nth in range(at, min(at + 1000, persons))]
            await self.officer.create("/registry/v1/people:resolve", {"people": asked})
        await self.officer.settled(SERVICES)

    async def certified_after(self) -> float:
        """Seconds from a clerk's POST of a certificate until awards shows what is owed for it."""
        person = uuid7()
        body = {
            "number": uuid4().hex[:20].upper(), "person_id": str(person), "occupation": OCCUPATION, "level_code": 3, "issued_on": "2018-05-20",
            "body_id": self.ids[BASE], "class_id": self.ids[CLASS],
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {self.city.issuer.token('officer')}"}
        began = time.perf_counter()
        posted = await self.client.post("/certification/v1/certificates", json=body, headers=headers | {"Idempotency-Key": uuid7().hex})
        token = posted.headers["Consistency-Token"]
        answer = await self.client.get("/awards/v1/entitlements", params={"person_id": str(person), "after": token}, headers=headers)
        seconds = time.perf_counter() - began
        if answer.status_code != 200 or [row["state"] for row in answer.json()["items"]] != ["DUE"]:
            raise AssertionError(answer.text)
        return seconds


def insurance_rows(persons: int, month: str) -> Iterator[tuple[str, ...]]:
    return (("示例人员", ordinary_number(nth)[0], "示例单位", ENTERPRISE, "五险合一", month, month, "") for nth in range(persons))


def roster_rows(persons: int) -> Iterator[tuple[str, ...]]:
    return (
        (CLASS, "示例人员", ordinary_number(nth)[0], "2018-02-20", "92.5", "2018-05-01", "合格", "0.00", "0.00", "")
        for nth in range(persons)
    )


def certificate_rows(persons: int) -> Iterator[tuple[str, ...]]:
    edition, code = OCCUPATION.split(":")
    return (
        (
            "示例人员", ordinary_number(nth)[0], f"S00013200000018{3}{nth:06d}", "职业技能等级证书", edition, code, "焊工", "高级工", "社会化鉴定",
            "2018-05-20", BASE, CLASS, "",
        )
        for nth in range(persons)
    )  # fmt: skip


@asynccontextmanager
async def bureau() -> AsyncIterator[Bureau]:
    """All services in one process, as `make demo` runs them."""
    with directory() as place:
        async with one_process(SERVICES, place / "city", first_day=FIRST_DAY, port=_free_port()) as city:
            async with httpx2.AsyncClient(base_url=city.url, timeout=60) as client:
                officer = Agency(client, "officer")
                await officer.log_in()
                settle_collector()
                yield Bureau(city, officer, client, place)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _certify(made: Bureau, readings: list[float]) -> None:
    while True:
        await asyncio.sleep(LIVE_SECONDS)
        readings.append(await made.certified_after())


@asynccontextmanager
async def live_certificates(made: Bureau) -> AsyncIterator[list[float]]:
    """A clerk issues one after the other meanwhile; how long each took to become money."""
    readings: list[float] = []
    certifying = asyncio.create_task(_certify(made, readings))
    try:
        yield readings
    finally:
        certifying.cancel()
        with suppress(asyncio.CancelledError):
            await certifying


async def _measure(insured: int, rows: int) -> list[Figure]:
    async with bureau() as made:
        await made.furnish()
        await made.know(max(insured, rows))
        months = [made.file(f"insurance-{month}", sheets.INSURANCE, insurance_rows(insured, month)) for month in MONTHS]
        roster = made.file("roster", sheets.ROSTER, roster_rows(rows))
        certificates = made.file("certificates", sheets.CERTIFICATES, certificate_rows(rows))
        with slices() as held:
            first, next_ = [await made.rows_per_second("registry", sheets.INSURANCE, month) for month in months[:2]]
            rosters = await made.rows_per_second("training", sheets.ROSTER, roster)
            certified = await made.rows_per_second("certification", sheets.CERTIFICATES, certificates)
        async with live_certificates(made) as live:
            await made.rows_per_second("registry", sheets.INSURANCE, months[2])
            while len(live) < FEWEST_LIVE:  # noqa: ASYNC110 - nothing rings for it
                await asyncio.sleep(LIVE_SECONDS)
    return [
        Figure("insurance month, persons first insured, accepted rows/s", first, at_least=4_000),
        Figure("insurance month, persons insured before, accepted rows/s", next_, at_least=4_000),
        Figure("roster, accepted rows/s", rosters, at_least=2_000),
        Figure("certificates, accepted rows/s", certified, at_least=2_000),
        Figure("a live certificate while a month is imported, p50, s", percentile(live, 0.5)),
        Figure("a live certificate while a month is imported, p99, s", percentile(live, 0.99), at_most=1.0),
        Figure("longest CPU slice on the event loop during imports, ms", max(held) * 1e3, at_most=20),
    ]


def measure(*, insured: int, rows: int) -> list[Figure]:
    """Insurance files of `insured` rows, a roster and a certificates file of `rows`."""
    return asyncio.run(_measure(insured, rows))


if __name__ == "__main__":
    for figure in measure(insured=10_000, rows=5_000):
        print(figure.name, figure.measured, figure.verdict)
