"""Everything that is owed as one file, over real connections: whole, as of one moment, in constant memory, and everyone in it noted."""

import asyncio
import csv
import io
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest
from uuid_utils.compat import uuid7

from awards.app import service
from common.database.embedded import EmbeddedPostgres
from common.security.principal import Role
from common.testing.at_work import AtWork, at_work
from common.testing.until import until
from common.web import exports
from common.web.watching import served

ROWS, MORE = 100_000, 200_000
MEMORY_BYTES = 32 * 1024**2
PATH = "/awards/v1/entitlements/export"
ENTER = """
    INSERT INTO entitlement (id, version, scheme, entitlement_key, dossier_kind, dossier_id, payee_kind, payee_id, person_id, state, due_fen, accruing_fen,
        would_be_fen, settled_fen, decided_on, decision_id)
    SELECT gen_random_uuid(), 1, CASE n % 10 WHEN 0 THEN 'newcomer' ELSE '=evil()' END, n::text, 'person', n::text, 'PERSON',
        md5((n / 2)::text)::uuid, CASE WHEN n % 4 = 3 THEN NULL ELSE md5((n / 2)::text)::uuid END, 'DUE', n * 100 + 5, 0, 0, 0, '2018-06-01', gen_random_uuid()
    FROM generate_series($1::bigint, $2::bigint) AS n
"""


@dataclass
class Counter:
    """Awards behind a port, with a list of `ROWS` entitlements."""

    at: AtWork
    client: httpx2.AsyncClient

    def login(self, who: str = "officer") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.at.issuer.token(who)}"}

    async def value(self, query: str, *given: int) -> Any:
        async with self.at.running.database.raw_transaction() as connection:
            return await connection.fetchval(query, *given)

    async def nothing_is_held(self) -> None:
        async def is_free() -> bool:
            in_use: int = self.at.running.database.engine.pool.checkedout()  # type: ignore[attr-defined]
            return in_use == 0

        await until(is_free)


@pytest.fixture(scope="module")
async def counter(postgres: EmbeddedPostgres) -> AsyncIterator[Counter]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with at_work(service, postgres, first_day=date(2018, 6, 1), worker=False) as started:
        async with started.running.database.raw_transaction() as connection:
            await connection.execute(ENTER, 1, ROWS)
        async with served(started.app, listening), httpx2.AsyncClient(base_url=url, timeout=60) as client:
            yield Counter(started, client)


def memory() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
async def test_everything_is_exported_in_constant_memory_whole_and_who_is_in_it_is_in_the_audit(counter: Counter) -> None:
    await counter.value(ENTER, ROWS + 1, MORE)
    lines, size, before, most = 0, 0, memory(), 0
    async with counter.client.stream("GET", PATH, headers=counter.login("auditor")) as answer:
        async for piece in answer.aiter_bytes():
            lines, size, most = lines + piece.count(b"\n"), size + len(piece), max(most, memory())

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="entitlements.csv"'
    assert lines == MORE + 1
    assert size > 100 * MORE
    assert most - before < MEMORY_BYTES, f"{(most - before) / 1024**2:.0f} MB"
    looked = "FROM read_audit WHERE purpose = 'export' AND operation = 'export_entitlements' AND role = 'AUDITOR'"
    named = await counter.value(f"SELECT count(DISTINCT person) FROM (SELECT unnest(person_ids) AS person {looked}) AS each")
    assert named == await counter.value("SELECT count(DISTINCT person_id) FROM entitlement")


async def test_a_spreadsheet_reads_it_and_calculates_nothing_of_it(counter: Counter) -> None:
    await counter.value("UPDATE entitlement SET state = 'WITHDRAWN', due_fen = 0 WHERE entitlement_key IN ('1', '3', '10')")
    answer = await counter.client.get(PATH, params={"state": "WITHDRAWN"}, headers=counter.login())
    rows = sorted(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")), key=lambda row: row["事项"])

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert [(row["待遇项目"], row["状态"], row["应付（元）"], row["当事人编号"] == "") for row in rows] == [
        ("'=evil()", "已撤回", "0.00", False), ("newcomer", "已撤回", "0.00", False), ("'=evil()", "已撤回", "0.00", True),
    ]  # fmt: skip
    due = await counter.client.get(PATH, params={"scheme": "nothing"}, headers=counter.login())
    assert len(due.content.decode("utf-8-sig").splitlines()) == 1, "a filter that nothing meets"


async def test_only_officers_and_auditors_may(counter: Counter) -> None:
    asked = {role: (await counter.client.get(PATH, params={"scheme": "nothing"}, headers=counter.login(role))).status_code
             for role in ("clerk", "service", "officer", "auditor", counter.at.account(Role.PERSON, person_id=uuid7()), counter.at.account(Role.ORGANISATION, organisation_id=uuid7()))}  # fmt: skip

    assert list(asked.values()) == [403, 403, 200, 200, 403, 403]


async def test_who_hangs_up_in_the_midst_leaves_nothing_held(counter: Counter) -> None:
    for _ in range(3 * exports.AT_ONCE):
        async with counter.client.stream("GET", PATH, headers=counter.login()) as answer:
            async for _ in answer.aiter_bytes():
                break
        await counter.nothing_is_held()

    assert (await counter.client.get(PATH, params={"scheme": "nothing"}, headers=counter.login())).status_code == 200


async def test_who_stops_reading_is_cut_off_and_others_are_told_to_come_back_meanwhile(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.web.intake._LONGEST_PAUSE_SECONDS", 1.0)
    async with counter.client.stream("GET", PATH, headers=counter.login()), counter.client.stream("GET", PATH, headers=counter.login()):

        async def another() -> int:
            return (await counter.client.get(PATH, params={"scheme": "nothing"}, headers=counter.login())).status_code

        refused = await another()
        others = await counter.client.get("/awards/v1/entitlements", headers=counter.login())

        async def there_is_room() -> bool:
            return await another() == 200

        await until(there_is_room, within_seconds=60)

    assert (refused, others.status_code) == (503, 200)
    await counter.nothing_is_held()


async def test_what_is_exported_is_one_moment_although_others_write_meanwhile(counter: Counter) -> None:
    sum_of_all = "SELECT sum(due_fen) FROM entitlement WHERE scheme = 'newcomer'"
    due = await counter.value(sum_of_all)
    content, writing = b"", None
    async with counter.client.stream("GET", PATH, params={"scheme": "newcomer"}, headers=counter.login()) as answer:
        async for piece in answer.aiter_bytes():
            content += piece
            if writing is None:
                writing = asyncio.create_task(
                    counter.value("UPDATE entitlement SET due_fen = due_fen + 100 WHERE scheme = 'newcomer' AND state = 'DUE'")
                )
    assert writing is not None
    await writing
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))

    assert sum(int(row["应付（元）"].replace(".", "")) for row in rows) == due
    assert await counter.value(sum_of_all) > due
