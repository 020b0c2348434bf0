"""The same file dropped by two operators at the same time, for every kind of file: two workers at once leave what one would have left."""

import asyncio
from typing import Any

import pytest
from desk import KINDS, Desk, result

from common.security.principal import Role
from common.testing.until import until

TABLES = {"persons": "person", "employment": "employment", "insurance": "insurance", "roster": "participation", "certificates": "certificate",
          "exam-entries": "exam_entry", "titles": "title", "students": "student", "other-benefits": "other_benefit",
          "placements": "placement", "prior-payments": "prior_payment"}  # fmt: skip
ROWS = 7
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def dropped(desk: Desk, kind: str, content: bytes, who: str) -> str:
    service = desk.imports[kind][0]
    answer = await desk.call("POST", f"/{service}/v1/imports/{kind}", who=who, files={"file": ("名册", content)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def rows_and_acts(desk: Desk, kind: str) -> tuple[int, int]:
    """How many rows the table has, and how many changes were made to any."""
    service, table = desk.imports[kind][0], TABLES[kind]
    rows = await desk.value(service, f"SELECT count(*) FROM {table}")
    return int(rows), int(await desk.value(service, "SELECT count(*) FROM audit WHERE subject = $1", table))


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_file_of_two_operators_at_the_same_time_counts_once(desk: Desk, kind: str) -> None:
    service = desk.imports[kind][0]
    running, officers = desk.city.services[service], [desk.account(Role.OFFICER) for _ in range(2)]

    async def file_of_new_things() -> bytes:
        rows = [desk.row(kind) for _ in range(ROWS)]
        if service == "registry" and kind != "persons":  # whoever comes second must not find the other's persons and wait for them
            persons = [desk.row("persons") | {name: row[name] for name in ("姓名", "证件号码")} for row in rows]
            assert result(await desk.drop("persons", desk.sheet("persons", *persons))) == ("DONE", ROWS, ROWS, 0)
        return desk.sheet(kind, *rows)

    content, before = await file_of_new_things(), await rows_and_acts(desk, kind)
    assert result(await desk.drop(kind, content)) == ("DONE", ROWS, ROWS, 0)
    once = [now - was for now, was in zip(await rows_and_acts(desk, kind), before, strict=True)]

    content, before = await file_of_new_things(), await rows_and_acts(desk, kind)
    await running.rest()
    try:
        jobs = [await dropped(desk, kind, content, officer) for officer in officers]
        async with running.database.raw_transaction() as connection:
            await connection.execute(f"LOCK TABLE {TABLES[kind]} IN EXCLUSIVE MODE")  # both have looked what is there when they come to it
            workers = [asyncio.create_task(running.jobs().step()) for _ in jobs]

            async def both_wait() -> bool:
                return int(await desk.value(service, _WAITING)) >= 2

            await until(both_wait)
        await asyncio.gather(*workers)
        states: list[dict[str, Any]] = [
            (await desk.call("GET", f"/{service}/v1/jobs/{job}", who=officer)).json() for job, officer in zip(jobs, officers, strict=True)
        ]
    finally:
        running.work()

    assert len(set(jobs)) == 2, "each operator sees how his own file fared"
    assert [result(state) for state in states] == [("DONE", ROWS, ROWS, 0)] * 2, [state["failed_reason"] for state in states]
    assert [now - was for now, was in zip(await rows_and_acts(desk, kind), before, strict=True)] == once
