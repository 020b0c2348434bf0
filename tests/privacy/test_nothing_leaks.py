"""The whole city lives its year, things go wrong in every way, and nobody's number, name, phone or account is anywhere but under a key."""

import json
import logging
import re
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import structlog
from desk import free_port
from listening import Heard, Planted, logs, traces

from city import sheets
from city.agency import Agency
from city.block import OPENING
from city.driver import SERVICES, Driver
from city.identities import number_of
from city.synthetic import City
from common.bus.postgres import PostgresBus
from common.bus.protocol import Outgoing
from common.database.engine import raw
from common.files.reading import read_sheet
from common.one_process import OneProcess, one_process
from common.testing.at_rest import everything_in
from common.testing.files import csv_file
from common.testing.until import until

pytestmark = pytest.mark.slow

PROBE = "probe-7-word"
"""Nobody's secret: it goes through every channel, so that a channel to which nobody listens is noticed."""
UNTIL = date(2018, 9, 30)
"""Every kind of file has been dropped by then."""
NAMES = ["欧阳鑫㛃", "尉迟鑫㛃", "皇甫鑫㛃"]
NUMBERS = [number_of(OPENING.replace(year=1971, month=month), 991) for month in range(1, 9)]
PHONES = ["12098765432", "12098765433"]
ACCOUNTS = ["9999000098765432109", "9999000098765432117"]
CERTIFICATES = ["S000132999991898765432", "S000132999991898765433"]
_SECRET_COLUMNS = ("证件号码", "手机", "社会保障卡账号", "证书编号")


@dataclass
class Life:
    """A city, somebody at its counter, and everything heard from it."""

    city: OneProcess
    client: httpx2.AsyncClient
    stranger: httpx2.AsyncClient
    """Nobody listens to what he asks: his addresses are his own fault."""
    officer: Agency
    heard: Heard
    headers: dict[str, str]

    async def post(self, path: str, body: Any, *, headers: dict[str, str] | None = None) -> httpx2.Response:
        sent = self.headers | {"Idempotency-Key": uuid4().hex} | (headers or {})
        return await self.client.post(path, json=body, headers=sent)

    async def drop(self, service: str, kind: str, row: dict[str, str]) -> None:
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory) / f"{NAMES[0]}{NUMBERS[0]}.csv"
            file.write_bytes(csv_file(list(row), [row]))
            job = await self.officer.drop(service, kind, file)
        rows = await self.officer.get(f"/{service}/v1/jobs/{job['id']}/rows")
        self.heard.hear("jobs", json.dumps([job, rows], ensure_ascii=False))


@pytest.fixture(scope="module")
async def life() -> tuple[Heard, Planted]:
    heard = Heard()
    with (
        tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory,
        logs() as written,
        traces() as (provider, exporter),
    ):
        async with (
            one_process(SERVICES, Path(directory), first_day=OPENING, port=free_port(), durable=False, tracing=lambda _: provider) as city,
            httpx2.AsyncClient(base_url=city.url, timeout=60) as client,
            httpx2.AsyncClient(base_url=city.url, timeout=60) as stranger,
        ):
            for running in city.services.values():
                if running.gateway is not None:
                    heard.listen_to(running.gateway)
            heard.listen_to(client)
            officer = Agency(client, "officer")
            await officer.log_in()
            now = Life(city, client, stranger, officer, heard, {"Authorization": f"Bearer {city.issuer.token('officer')}"})
            driver = Driver(City(persons=1000), officer, Path(directory) / "files")
            await driver.open_city()
            await driver.live(after=OPENING.min, until=UNTIL)
            certificate = await refuse_and_accept(now)
            await probe(now)
            await look_into_databases(now)
            await break_things(now, certificate)
            for service in SERVICES:
                page = await client.get(f"/{service}/metrics")
                assert page.status_code == 200
                # Digits behind a point are seconds: eleven of them may read as any telephone.
                heard.hear("metrics", re.sub(r"(?m)(?<= \d)(\d*)\.\d+(e[-+]?\d+)?$", r"\1", page.text))
            numbers, names = secrets_in(Path(directory) / "files")
        provider.force_flush()
        heard.hear("traces", *(span.to_json() for span in exporter.get_finished_spans()))
        heard.hear("logs", written.getvalue())
    return heard, Planted([*numbers, *NUMBERS, *PHONES, *ACCOUNTS, *CERTIFICATES], [*names, *NAMES])


def secrets_in(directory: Path) -> tuple[set[str], set[str]]:
    """What the bureaus' files held of persons: numbers of any kind, and names of three characters or more."""
    numbers: set[str] = set()
    names: set[str] = set()
    for file in sorted(directory.iterdir()):
        sheet = read_sheet(file.read_bytes())
        columns = {header: at for at, header in enumerate(sheet.headers)}
        for _, row in sheet.rows:
            numbers |= {row[columns[header]] for header in _SECRET_COLUMNS if header in columns and len(row[columns[header]]) >= 11}
            if len(name := row[columns["姓名"]]) >= 3 and not name.startswith("="):
                names.add(name)
    assert len(numbers) > 800
    assert len(names) > 100
    return numbers, names


def person(nth: int) -> dict[str, str]:
    return {"id_number": NUMBERS[nth], "name": NAMES[0], "phone": PHONES[0], "account": ACCOUNTS[0]}


async def refuse_and_accept(life: Life) -> dict[str, Any]:
    """The planted persons come in by every door, and are refused at every door; a certificate of one of them."""
    people = "/registry/v1/people"
    made = (await life.post(people, person(0))).json()
    assert (await life.post(people, person(0))).status_code == 409
    assert (await life.post(people, person(1) | {"phone": f"{PHONES[1]}0"})).status_code == 422
    assert (await life.post(people, person(1) | {NUMBERS[1]: NAMES[1]})).status_code == 422
    assert (await life.post(f"{people}:search", {"id_number": NUMBERS[2], "purpose": "核对"})).status_code == 404
    assert (await life.post(f"{people}:search", {"id_number": NUMBERS[0], "purpose": "核对"})).status_code == 200
    wrong = NUMBERS[3][:-1] + ("1" if NUMBERS[3][-1] == "0" else "0")
    assert (await life.post(f"{people}:resolve", {"people": [{"id_number": wrong, "name": NAMES[1]}]})).status_code == 422
    changed = {"name": NAMES[1], "phone": PHONES[1], "account": ACCOUNTS[1]}
    for version, status in (("7", 412), ("1", 200)):
        answer = await life.client.put(f"{people}/{made['id']}", json=changed, headers=life.headers | {"If-Match": f'"{version}"'})
        assert answer.status_code == status, answer.text
    row = {"姓名": NAMES[2], "证件号码": NUMBERS[4], "手机": PHONES[0], "社会保障卡账号": ACCOUNTS[0]}
    await life.drop("registry", "persons", row)
    await life.drop("registry", "persons", row | {"手机": f"{PHONES[0]}9", "证件号码": wrong})
    certificate = {
        "number": CERTIFICATES[0], "person_id": made["id"], "occupation": "2015:6-18-02-04", "level_code": 3, "issued_on": "2018-05-20",
        "body_id": str(uuid4()),
    }  # fmt: skip
    assert (await life.post("/certification/v1/certificates", certificate)).status_code == 201
    assert (await life.post("/certification/v1/certificates", certificate)).status_code == 409
    search = {"number": CERTIFICATES[0], "purpose": "核对"}
    for number, status in ((CERTIFICATES[0], 200), (CERTIFICATES[1], 404), (CERTIFICATES[1] * 2, 422)):
        answer = await life.post("/certification/v1/certificates:search", search | {"number": number})
        assert answer.status_code == status, answer.text
    row = {"证书编号": CERTIFICATES[1], "姓名": NAMES[2], "证件号码": wrong}
    await life.drop("certification", "certificates", dict.fromkeys(sheets.CERTIFICATES.headers, "") | row)
    for query in ({"id_number": NUMBERS[0]}, {"cursor": NUMBERS[0]}, {"person_id": NUMBERS[0]}):
        answer = await life.stranger.get("/certification/v1/certificates", params=query, headers=life.headers)
        assert answer.status_code == 422
        life.heard.hear("problems", answer.text)
    for path in (f"{people}/{NUMBERS[0]}", f"/{NUMBERS[0]}", f"{people}/{NAMES[0]}", f"{people}/{NUMBERS[0]}/insurance"):
        answer = await life.stranger.get(path, headers=life.headers)
        assert answer.status_code in (404, 422)
        life.heard.hear("problems", answer.text)
    await life.officer.settled(SERVICES)
    return certificate


async def probe(life: Life) -> None:
    """The word that is no secret, through every channel."""
    structlog.get_logger("test").warning("probing", about=PROBE)
    logging.getLogger("elsewhere").error("%s of the standard library", PROBE)
    organisations = (await life.officer.get("/registry/v1/organisations", limit=1))["items"]
    path = f"/registry/v1/organisations/{organisations[0]['id']}"
    content = {"name": PROBE, "spans": organisations[0]["spans"]}
    answer = await life.client.put(path, json=content, headers=life.headers | {"If-Match": f'"{organisations[0]["version"]}"'})
    assert answer.status_code == 200, answer.text
    await life.client.get("/training/v1/classes", params={"number": PROBE}, headers=life.headers)
    await life.client.get(f"/registry/v1/organisations/{PROBE}", headers=life.headers)
    await life.post("/registry/v1/people", person(0) | {PROBE: 1})
    await life.drop("registry", "persons", {"姓名": "示例", "证件号码": number_of(OPENING.replace(year=1972), 991), PROBE: "x"})
    await life.officer.settled(SERVICES)


async def look_into_databases(life: Life) -> None:
    """All five, and the bus's: as a bare dump holds them."""
    for name, running in life.city.services.items():
        async with running.database.transaction() as session:
            connection = await raw(session)
            life.heard.hear(f"database of {name}", *await everything_in(connection))
            life.heard.hear("audit", *(row[0] for row in await connection.fetch("SELECT changes::text FROM audit")))
    bus = next(iter(life.city.services.values())).bus
    assert isinstance(bus, PostgresBus)
    async with bus._pool.acquire() as connection:
        life.heard.hear("bus", *await everything_in(connection))


async def break_things(life: Life, certificate: dict[str, Any]) -> None:
    """An error of the database with a whole row in it, an unreadable event, a dossier that fails over what stands in it."""
    registry, certification, awards = (life.city.services[name] for name in ("registry", "certification", "awards"))
    async with certification.database.transaction() as session:
        index = certification.equipment.vault.find_by(CERTIFICATES[1]).hex()
        await (await raw(session)).execute(f"ALTER TABLE certificate ADD CONSTRAINT planted CHECK (number_index <> '\\x{index}')")
    answer = await life.post("/certification/v1/certificates", certificate | {"number": CERTIFICATES[1]})
    assert answer.status_code == 500, answer.text
    async with registry.database.transaction() as session:
        await (await raw(session)).execute("CREATE UNIQUE INDEX planted ON organisation (name)")
    span = {"kind": "ENTERPRISE", "area_code": "320582103", "first_on": "2010-03-01"}
    twins = [{"uscc": code, "name": NUMBERS[5], "spans": [span]} for code in ("91320599MA0000015T", "91320599MA0099880N")]
    assert 409 in [(await life.post("/registry/v1/organisations", twin)).status_code for twin in twins]

    content = json.dumps({"id": NUMBERS[6], "name": NAMES[0], "phone": PHONES[0]}, ensure_ascii=False).encode()
    envelope = {
        "ce_specversion": "1.0", "ce_id": str(uuid4()), "ce_subject": str(uuid4()), "ce_time": "2018-06-01T08:00:00+08:00", "ce_epoch": "1",
        "ce_version": "1", "ce_cause": NUMBERS[6], "ce_source": NUMBERS[6],
    }  # fmt: skip
    await registry.bus.publish(
        [
            Outgoing("registry.person", NUMBERS[6], {"ce_source": NUMBERS[6]}, content),
            *(
                Outgoing("registry.person", NUMBERS[6], envelope | {"ce_type": f"craftport.registry.person.{verb}.v1"}, content)
                for verb in ("registered", PROBE, NUMBERS[6])
            ),
        ]
    )
    async with awards.database.transaction() as session:
        connection = await raw(session)
        person_id = await connection.fetchval("SELECT id::text FROM replica_registry_person LIMIT 1")
        await connection.execute(
            "UPDATE replica_registry_person SET state = state || jsonb_build_object('birth_month', $2::text) WHERE id = $1::text::uuid",
            person_id, NUMBERS[7],
        )  # fmt: skip
        await connection.execute("UPDATE dossier SET dirty = dirty + 1 WHERE kind = 'person' AND id = $1", person_id)
    awards.committed.ring()

    async def is_told() -> bool:
        state = await life.officer.get("/awards/v1/operations/state")
        letters = await life.officer.get("/awards/v1/operations/dead-letters")
        if not state["failed"] or len(letters["items"]) < 4:
            return False
        life.heard.hear("failed dossiers", json.dumps(state["failed"], ensure_ascii=False), PROBE)
        life.heard.hear("dead letters", json.dumps(letters, ensure_ascii=False))
        return True

    await until(is_told)


async def test_every_channel_is_listened_to(life: tuple[Heard, Planted]) -> None:
    channels = dict(life[0].items())

    assert set(channels) == {
        "logs", "traces", "metrics", "addresses", "problems", "jobs", "bus", "audit", "failed dossiers", "dead letters",
        *(f"database of {service}" for service in SERVICES),
    }  # fmt: skip
    heard_in_passing = {f"database of {service}" for service in ("training", "certification", "matching", "awards")}
    assert {channel for channel, text in channels.items() if PROBE not in text} - heard_in_passing == {"dead letters", "metrics"}
    assert "ce_type is unknown" in channels["dead letters"], "reasons never hold a value, this one neither"
    assert all(word in channels["traces"] for word in ("apply facts", "/registry/v1/people:resolve", "exception.type"))
    # No label holds a word of a caller, the probe neither: what is known to have happened must be counted there.
    for figure in (
        'craftport_request_seconds_count{method="PUT",route="/people/{person_id}",service="registry",status="412"} ',
        'craftport_dead_letters{service="awards",topic="registry.person"} ',
        'craftport_dossiers{kind="person",service="awards",state="failed"} ',
    ):
        assert re.search(re.escape(figure) + r"[1-9]", channels["metrics"]), figure
    assert all(len(channels[channel]) > 10_000 for channel in heard_in_passing)
    assert all(word in channels["logs"] for word in ("request_failed", "dossier_failed", "planted")), "the errors were provoked"


async def test_nobody_is_named_anywhere(life: tuple[Heard, Planted]) -> None:
    heard, planted = life

    assert planted.in_(f"a {NUMBERS[0].lower()} b {PHONES[0][:3]}-{PHONES[0][3:7]}-{PHONES[0][7:]} c") == {NUMBERS[0], PHONES[0]}
    assert planted.in_(f"{NUMBERS[0][:6]}********{NUMBERS[0][-4:]}{NAMES[0]}") == {f"{NUMBERS[0][:6]}…{NUMBERS[0][-4:]}", NAMES[0]}
    assert {channel: found for channel, text in heard.items() if (found := planted.in_(text))} == {}
