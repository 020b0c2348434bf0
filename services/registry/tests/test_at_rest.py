"""Who somebody is stands nowhere in clear: not in a table, not in the log of the bus; only under a key."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from common.bus.postgres import PostgresBus
from common.bus.relay import Relay
from common.database.embedded import EmbeddedPostgres
from common.database.engine import raw
from common.testing.at_rest import as_they_may_stand, everything_in
from common.testing.at_work import AtWork, at_work
from common.testing.files import csv_file
from common.testing.postgres import fresh_database
from registry.app import service

NAME, LATER_NAME = "欧阳鑫㛃", "尉迟鑫㛃"
PHONES = ["12076543210", "12076543211", "12076543212", "12076543213"]
ACCOUNTS = ["9999000076543210987", "9999000076543210979", "9999000076543210961", "9999000076543210953"]


@asynccontextmanager
async def idle_registry(postgres: EmbeddedPostgres) -> AsyncIterator[tuple[AtWork, PostgresBus]]:
    """Registry whose loops stand still, so that everything stays where an act has put it."""
    async with fresh_database(postgres, "bus") as url:
        bus = await PostgresBus.open(url, connections=4)
        async with at_work(service, postgres, first_day=date(2018, 6, 1), bus=bus, worker=False) as registry:
            yield registry, bus
        await bus.close()


@pytest.fixture
async def idle(postgres: EmbeddedPostgres) -> AsyncIterator[tuple[AtWork, PostgresBus]]:
    async with idle_registry(postgres) as started:
        yield started


async def test_no_number_phone_account_or_name_stands_anywhere_in_clear(
    idle: tuple[AtWork, PostgresBus], new_number: Callable[[], str], new_uscc: Callable[[], str]
) -> None:
    registry, bus = idle
    numbers = [new_number() for _ in range(5)]
    clear = [*numbers, *PHONES, *ACCOUNTS, NAME, LATER_NAME]
    organisation = await registry.call("POST", "/registry/v1/organisations", json=open_to_all(new_uscc()))
    assert organisation.status_code == 201

    await live(registry, numbers)
    assert await leaks(registry, clear) == [], "while a file waits to be read"
    assert await registry.running.jobs().step()
    await registry.app.state.read_audit.flush()
    job = await only_job(registry)
    assert (job["rows_accepted"], job["rows_refused"]) == (1, 1)
    assert await leaks(registry, clear) == [], "with everything in the outbox"

    relay = Relay(registry.running.database, bus, wake=registry.running.committed.listen())
    assert await relay.step() >= 5
    async with bus._pool.acquire() as connection:
        log = "\n".join(await everything_in(connection))
    assert [form for form in as_they_may_stand(clear) if form in log] == [], "on the bus"
    assert "人人可见的单位" in log, "the search finds what does stand in clear"


def open_to_all(uscc: str) -> dict[str, Any]:
    span = {"kind": "ENTERPRISE", "area_code": "320582103", "first_on": "2010-03-01"}
    return {"uscc": uscc, "name": "人人可见的单位", "spans": [span]}


async def live(registry: AtWork, numbers: list[str]) -> None:
    """Every way in which a person's data comes in, refused ways too."""
    registered, changed, resolved, imported, refused = numbers
    path = "/registry/v1/people"
    made = await registry.call("POST", path, json=body(registered, 0))
    await registry.call("POST", path, json=body(changed, 1))
    person = await registry.call("PUT", f"{path}/{made.json()['id']}", json=body(registered, 2) | {"name": LATER_NAME}, version=1)
    assert person.status_code == 422, "an ID number is no part of a change"
    content = {key: value for key, value in (body(registered, 2) | {"name": LATER_NAME}).items() if key != "id_number"}
    assert (await registry.call("PUT", f"{path}/{made.json()['id']}", json=content, version=1)).status_code == 200
    assert (await registry.call("POST", path, json=body(changed, 1))).status_code == 409
    assert (
        await registry.call("POST", f"{path}:resolve", json={"people": [{"id_number": resolved, "name": NAME}]}, who="service")
    ).status_code == 200
    await registry.call("POST", f"{path}:search", json={"id_number": registered, "purpose": "核对"})
    rows = [
        {"姓名": NAME, "证件号码": imported, "手机": PHONES[3], "社会保障卡账号": ACCOUNTS[3]},
        {"姓名": NAME, "证件号码": refused, "手机": f"{PHONES[3]}0", "社会保障卡账号": ACCOUNTS[3]},
    ]
    dropped = await registry.call(
        "POST", "/registry/v1/imports/persons", files={"file": (f"{NAME}{imported}.csv", csv_file(list(rows[0]), rows))}
    )
    assert dropped.status_code == 202


def body(number: str, nth: int) -> dict[str, Any]:
    return {"id_number": number, "name": NAME, "phone": PHONES[nth], "account": ACCOUNTS[nth]}


async def leaks(registry: AtWork, secrets: list[str]) -> list[str]:
    async with registry.running.database.transaction() as session:
        held = "\n".join(await everything_in(await raw(session)))
    assert "人人可见的单位" in held, "the search finds what does stand in clear"
    return [form for form in as_they_may_stand(secrets) if form in held]


async def only_job(registry: AtWork) -> Any:
    async with registry.running.database.transaction() as session:
        return await (await raw(session)).fetchrow("SELECT * FROM job")


async def test_a_ciphertext_opens_in_its_own_row_only(idle: tuple[AtWork, PostgresBus], new_number: Callable[[], str]) -> None:
    """Who can write to the database cannot give one person another's account."""
    registry, _ = idle
    one, other = [(await registry.call("POST", "/registry/v1/people", json=body(new_number(), nth))).json()["id"] for nth in (0, 1)]
    async with registry.running.database.transaction() as session:
        await (await raw(session)).execute(
            "UPDATE person SET phone_sealed = (SELECT phone_sealed FROM person WHERE id = $1) WHERE id = $2", other, one
        )

    with pytest.raises(Exception, match="changed, or of another row"):
        await registry.call("GET", f"/registry/v1/people/{one}")
    assert (await registry.call("GET", f"/registry/v1/people/{other}")).status_code == 200


async def test_of_a_file_that_has_lost_its_headers_nothing_is_kept(
    idle: tuple[AtWork, PostgresBus], new_number: Callable[[], str], new_uscc: Callable[[], str]
) -> None:
    """Its first person would be taken for the headers, and unknown headers are shown."""
    registry, _ = idle
    await registry.call("POST", "/registry/v1/organisations", json=open_to_all(new_uscc()))
    number = new_number()
    content = f"{NAME},{number},320582,{PHONES[0]},{ACCOUNTS[0]}\n".encode() * 2

    dropped = await registry.call("POST", "/registry/v1/imports/persons", files={"file": ("file.csv", content)})
    assert await registry.running.jobs().step()

    job = (await registry.call("GET", f"/registry/v1/jobs/{dropped.json()['id']}")).json()
    assert (job["state"], job["failed_reason"].partition(":")[0]) == ("FAILED", "headers-missing")
    assert await leaks(registry, [number, PHONES[0], ACCOUNTS[0], NAME]) == []
