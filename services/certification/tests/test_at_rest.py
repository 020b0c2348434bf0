"""Certificate numbers stand nowhere in clear: not in a table, not in a file that waits, not on the bus; and older databases become so."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from certification.app import service
from certification.certificates.importing import _KNOWN, certificates_import
from certification.certificates.model import Certificate
from certification.certificates.vault import Vault
from certification.equipment import KeysDoNotFit
from common.bus.postgres import PostgresBus
from common.bus.relay import Relay
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.database.migrations import upgrade
from common.security.encryption import BlindIndex, FieldCipher, Keys
from common.service import Running
from common.testing.at_rest import as_they_may_stand, everything_in
from common.testing.at_work import GATEWAY, AtWork, at_work, settings
from common.testing.files import csv_file
from common.testing.played_registry import PlayedRegistry
from common.testing.postgres import fresh_database

TODAY = date(2018, 6, 1)
PATH = "/certification/v1/certificates"
WELDER = "2015:6-18-02-04"
OLDER = "S00013299999183"
"""How the numbers of an older database begin, and nothing else."""
KEYS = Keys(FieldCipher({"k1": b"k" * 32}), BlindIndex(b"i" * 32))
"""Those of every service in a test."""


@asynccontextmanager
async def idle(postgres: EmbeddedPostgres) -> AsyncIterator[tuple[AtWork, PostgresBus]]:
    """Certification whose loops stand still, so that everything stays where an act has put it."""
    async with fresh_database(postgres, "bus") as url:
        bus = await PostgresBus.open(url, connections=4)
        others = httpx2.AsyncClient(transport=httpx2.MockTransport(PlayedRegistry()), base_url=GATEWAY)
        async with at_work(service, postgres, first_day=TODAY, bus=bus, worker=False, gateway=others) as started:
            yield started, bus
        await bus.close()


async def test_no_number_stands_anywhere_in_clear(postgres: EmbeddedPostgres) -> None:
    numbers = [f"S00013299999182{nth:07d}" for nth in range(4)]
    async with idle(postgres) as (certification, bus):
        await certification.call("POST", "/certification/v1/occupations", json={"occupation": WELDER, "name": "人人可见的职业"})

        await live(certification, numbers)
        assert await leaks(certification, numbers) == [], "while a file waits to be read"
        assert await certification.running.jobs().step()
        await certification.app.state.read_audit.flush()
        assert await leaks(certification, numbers) == [], "with everything in the outbox"

        assert await Relay(certification.running.database, bus, wake=certification.running.committed.listen()).step() >= 4
        async with bus._pool.acquire() as connection:
            log = "\n".join(await everything_in(connection))
        assert [form for form in as_they_may_stand(numbers) if form in log] == [], "on the bus"
        assert "人人可见的职业" in log, "the search finds what does stand in clear"


async def test_who_has_the_dump_cannot_try_numbers_out_on_a_digest(postgres: EmbeddedPostgres) -> None:
    """All else of a certificate stands in the table, and of its number five digits are unknown."""
    async with idle(postgres) as (certification, _):
        await certification.call("POST", "/certification/v1/occupations", json={"occupation": WELDER, "name": "焊工"})
        number, ids = "1810003002300017", {"person_id": str(uuid7()), "body_id": str(uuid7())}
        body = json.dumps({"number": number, "occupation": WELDER, "level_code": 3, "issued_on": "2018-05-20"} | ids).encode()
        made = await certification.call("POST", PATH, content=body, headers={"Content-Type": "application/json"})
        assert made.status_code == 201, made.text
        file = f"证书编号\n{number}\n".encode()
        await certification.call("POST", "/certification/v1/imports/certificates", files={"file": ("file.csv", file)})
        async with certification.running.database.transaction() as session:
            connection = await raw(session)
            held = "\n".join(await everything_in(connection))
            rows = await connection.fetchval("SELECT (SELECT count(*) FROM idempotency) + (SELECT count(*) FROM job)")

    guesses = [number.encode(), f"certificate.number:{number}".encode(), body, PATH.encode() + b"\n" + body, file]
    assert rows == 3
    assert [guess for guess in guesses if sha256(guess).hexdigest() in held] == []


async def live(certification: AtWork, numbers: list[str]) -> None:
    """Every way in which a number comes in, refused ways too."""
    issued, taken, unknown, in_file = numbers
    body = {"person_id": str(uuid7()), "occupation": WELDER, "level_code": 3, "issued_on": "2018-05-20", "body_id": str(uuid7())}
    made = await certification.call("POST", PATH, json=body | {"number": issued})
    assert made.status_code == 201, made.text
    assert (await certification.call("POST", PATH, json=body | {"number": issued})).status_code == 409
    assert (await certification.call("POST", PATH, json=body | {"number": taken, "level_code": 9})).status_code == 422
    one = f"{PATH}/{made.json()['id']}"
    correction = {"occupation": WELDER, "level_code": 2, "issued_on": "2018-05-21"}
    assert (await certification.call("POST", f"{one}:correct", json=correction, version=1)).status_code == 200
    assert (
        await certification.call("POST", f"{one}:revoke", json={"reason": "FRAUD", "revoked_on": "2018-06-01"}, version=2)
    ).status_code == 200
    for number, status in ((issued, 200), (unknown, 404)):
        assert (await certification.call("POST", f"{PATH}:search", json={"number": number, "purpose": "核对"})).status_code == status
    row = dict.fromkeys((column.header for column in certificates_import.columns), "") | {"证书编号": in_file, "姓名": "示例"}
    dropped = await certification.call(
        "POST", "/certification/v1/imports/certificates", files={"file": (f"{in_file}.csv", csv_file(list(row), [row]))}
    )
    assert dropped.status_code == 202, dropped.text


async def leaks(certification: AtWork, numbers: list[str]) -> list[str]:
    async with certification.running.database.transaction() as session:
        held = "\n".join(await everything_in(await raw(session)))
    assert "人人可见的职业" in held, "the search finds what does stand in clear"
    return [form for form in as_they_may_stand(numbers) if form in held]


@asynccontextmanager
async def older_database(postgres: EmbeddedPostgres, count: int) -> AsyncIterator[tuple[str, dict[UUID, str]]]:
    """As it was when numbers stood in clear, with so many certificates; their numbers by id."""
    async with fresh_database(postgres, "older") as url:
        await upgrade(url, service.migrations, to="0006")
        numbers = {uuid7(): f"{OLDER}{nth:07d}" for nth in range(count)}
        connection = await asyncpg.connect(url)
        try:
            body = uuid7()
            await connection.copy_records_to_table(
                "certificate",
                columns=("id", "version", "number", "person_id", "occupation", "level_code", "mode", "kind", "issued_on", "body_id"),
                records=[
                    (id_, 1, number, uuid7(), WELDER, 3, "SOCIAL_APPRAISAL", "SKILL_LEVEL", date(2018, 5, 20), body)
                    for id_, number in numbers.items()
                ],
            )
        finally:
            await connection.close()
        yield url, numbers


@asynccontextmanager
async def started_on(url: str, postgres: EmbeddedPostgres, **told: Any) -> AsyncIterator[Running]:
    """The service on a database that is there, told this and that otherwise."""
    async with fresh_database(postgres, "bus") as bus_url:
        bus = await PostgresBus.open(bus_url, connections=2)
        running = Running(service, settings(url, TODAY).model_copy(update=told), bus)
        try:
            await running.open()
            yield running
        finally:
            await running.close()
            await bus.close()


async def read_back(running: Running) -> dict[UUID, str]:
    vault: Vault = running.equipment.vault
    async with running.database.transaction() as session:
        held = (await session.execute(select(Certificate))).scalars().all()
    assert all(vault.find_by(certificate.number(vault)) == certificate.number_index for certificate in held)
    return {certificate.id: certificate.number(vault) for certificate in held}


async def bytes_of_the_table(postgres: EmbeddedPostgres, url: str) -> bytes:
    """As they lie on the disk, dead rows and dropped columns included."""
    superuser = await asyncpg.connect(postgres.url(url.rpartition("/")[2]))
    try:
        await superuser.execute("CHECKPOINT")
        return bytes(await superuser.fetchval("SELECT pg_read_binary_file(pg_relation_filepath('certificate'))"))
    finally:
        await superuser.close()


async def test_an_older_database_keeps_every_number_and_none_in_clear(postgres: EmbeddedPostgres) -> None:
    async with older_database(postgres, 5_001) as (url, numbers):  # one more than is sealed at once
        assert numbers[min(numbers)].encode() in await bytes_of_the_table(postgres, url)

        async with started_on(url, postgres) as running:
            assert await read_back(running) == numbers
            async with running.database.transaction() as session:
                held = "\n".join(await everything_in(await raw(session)))
        on_disk = await bytes_of_the_table(postgres, url)

    assert "SKILL_LEVEL" in held
    assert b"SKILL_LEVEL" in on_disk
    assert OLDER not in held
    assert OLDER.encode() not in on_disk


async def test_without_keys_an_older_database_stays_whole_as_it_was(postgres: EmbeddedPostgres) -> None:
    async with older_database(postgres, 2) as (url, numbers):
        with pytest.raises(RuntimeError, match="migrate"):
            await upgrade(url, service.migrations)

        connection = await asyncpg.connect(url)
        held = {row["id"]: row["number"] for row in await connection.fetch("SELECT id, number FROM certificate")}
        await connection.close()
        assert held == numbers


@pytest.mark.parametrize(
    ("keys", "setting"),
    [
        (Keys(FieldCipher({"k1": b"x" * 32}), KEYS.index), "CRAFTPORT_ENCRYPTION_KEYS"),
        (Keys(FieldCipher({"lost": b"k" * 32}), KEYS.index), "CRAFTPORT_ENCRYPTION_KEYS"),
        (Keys(KEYS.cipher, BlindIndex(b"x" * 32)), "CRAFTPORT_INDEX_KEY"),
    ],
    ids=["another key of the same name", "a key that is gone", "another index key"],
)
async def test_the_service_does_not_start_on_numbers_that_it_could_not_read_or_find(
    postgres: EmbeddedPostgres, keys: Keys, setting: str
) -> None:
    async with older_database(postgres, 1) as (url, _):
        await upgrade(url, service.migrations, keys=keys)

        with pytest.raises(KeysDoNotFit, match=setting):
            async with started_on(url, postgres):
                pass


def told_of(keys: Mapping[str, bytes]) -> SecretStr:
    """As settings name keys, the newest first."""
    return SecretStr(",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in keys.items()))


async def test_after_a_rotation_older_numbers_read_and_are_found_and_newer_ones_stand_under_the_newer_key(
    postgres: EmbeddedPostgres,
) -> None:
    old, new = {"k1": b"k" * 32}, {"k2": b"n" * 32}
    content = {
        "person_id": uuid7(), "occupation": WELDER, "level_code": 3, "mode": "SOCIAL_APPRAISAL", "kind": "SKILL_LEVEL", "issued_on": TODAY,
        "body_id": uuid7(),
    }  # fmt: skip
    async with older_database(postgres, 3) as (url, numbers):
        async with started_on(url, postgres):
            pass
        async with started_on(url, postgres, encryption_keys=told_of(new | old)) as running:
            assert await read_back(running) == numbers
            vault: Vault = running.equipment.vault
            async with running.database.transaction() as session:
                for id_, number in numbers.items():
                    found = select(Certificate.id).where(col(Certificate.number_index) == vault.find_by(number))
                    assert (await session.execute(found)).scalar_one() == id_
                newer = Certificate.numbered("S000132999991840000001", vault, **content)
                session.add(newer)
            assert vault.cipher.is_current(newer.number_sealed)

        with pytest.raises(KeysDoNotFit, match="CRAFTPORT_ENCRYPTION_KEYS"):  # the older key goes only when nothing stands under it
            async with started_on(url, postgres, encryption_keys=told_of(new)):
                pass


async def test_a_plan_that_was_made_while_the_table_was_young_still_seeks_numbers_in_the_index(postgres: EmbeddedPostgres) -> None:
    """It is kept until the table is analysed: a file would be slower with every chunk."""
    async with fresh_database(postgres, "young") as url:
        await upgrade(url, service.migrations)
        connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_generic_plan"})
        try:
            await connection.execute(f"PREPARE known(bytea[]) AS {_KNOWN}")
            plan = "\n".join(row[0] for row in await connection.fetch("EXPLAIN EXECUTE known('{}')"))
        finally:
            await connection.close()

    assert "uq_certificate_number_index" in plan
    assert "Seq Scan" not in plan
