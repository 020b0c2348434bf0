"""`python -m <service> verify`: the status says whether all holds, and the page says what does not, in words for an operator."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from lending.app import TODAY, lending
from lending.sealing import Audit, row

from common.audit.heads import HeadFiles
from common.audit.seal import AuditKeys
from common.database.engine import Database
from common.testing.at_work import AUDIT_KEYS, INDEX_KEY, KEY, at_work
from common.testing.until import until
from common.verify.check import Check, CouldNotCheck, Finding
from common.verify.command import Result, run, verify, worst
from common.verify.standing import DossiersClean

VERIFY = """
import sys
sys.path.insert(0, {tests!r})
from common.commands import main
from lending.app import lending
sys.argv[1:] = ["verify", "--patience", "0"]
main(lending())
"""


@pytest.fixture
def audit(database: Database, heads: HeadFiles) -> Audit:
    return Audit(database, heads, AuditKeys.parse("lending", AUDIT_KEYS))


@pytest.fixture
def told(database: Database, heads: HeadFiles, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the command is told by its surroundings."""
    for name in os.environ:
        if name.startswith("CRAFTPORT_"):
            monkeypatch.delenv(name)
    said = {
        "DATABASE_URL": database.url.set(drivername="postgresql").render_as_string(hide_password=False), "CONSISTENCY_KEY": "consistency",
        "ENCRYPTION_KEYS": f"k1:{KEY}", "INDEX_KEY": INDEX_KEY, "AUDIT_KEYS": AUDIT_KEYS, "AUDIT_HEADS": str(heads.days_file.parent),
    }  # fmt: skip
    for name, value in said.items():
        monkeypatch.setenv(f"CRAFTPORT_{name}", value)
    return said


async def verified() -> tuple[Result, str]:
    page: list[str] = []
    return await verify(lending(), patience_seconds=0, say=page.append), "\n".join(page)


@pytest.mark.slow
async def test_the_command_ends_with_a_status_that_says_whether_all_holds(
    audit: Audit, told: dict[str, str], forge: Callable[..., Any]
) -> None:
    await audit.act(row(subject="business_day", subject_id=None, version=None))
    await audit.seal()
    result, page = await verified()
    assert (result, page.count("✓"), "1 枚封印" in page) == (0, 6, True), page

    await forge("UPDATE audit SET role = 'OFFICER'")
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VERIFY.format(tests=str(Path(__file__).parents[1])), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    said, _ = await command.communicate()
    assert (command.returncode, said.decode().count("✓")) == (1, 5), said.decode()
    assert "何处：记录 1（封印 1）" in said.decode()
    assert "怎样处理：" in said.decode()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AUDIT_KEYS", None, "CRAFTPORT_AUDIT_KEYS"),
        ("AUDIT_KEYS", "k1:c2hvcnQ=", "CRAFTPORT_AUDIT_KEYS"),
        ("DATABASE_URL", "postgresql://lending:x@127.0.0.1:9/lending", "无法检查"),
    ],
)
async def test_what_could_not_be_checked_is_neither_right_nor_wrong(
    told: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, said: str
) -> None:
    if value is None:
        monkeypatch.delenv(f"CRAFTPORT_{name}")
    else:
        monkeypatch.setenv(f"CRAFTPORT_{name}", value)
    result, page = await verified()

    assert (result, said in page) == (2, True), page


class Finds(Check):
    name, says, counts = "检查", "一切都好", "件"

    def __init__(self, number: int, then: Exception | None = None) -> None:
        self._number, self._then = number, then

    async def findings(self) -> AsyncIterator[Finding]:
        for nth in range(self._number):
            self.looked_at += 1
            yield Finding(f"发现 {nth}", "某处", "如此")
        if self._then:
            raise self._then


@pytest.mark.parametrize(
    ("check", "result"),
    [
        (Finds(0), Result.HOLDS),
        (Finds(2), Result.DIFFERS),
        (Finds(0, CouldNotCheck("没有钥匙")), Result.UNKNOWN),
        (Finds(0, LookupError("secret")), Result.UNKNOWN),
        (Finds(2, LookupError("secret")), Result.DIFFERS),
    ],
)
async def test_what_is_found_is_certain_and_what_could_not_be_looked_at_is_told(check: Finds, result: Result) -> None:
    page: list[str] = []

    assert await run(check, page.append) is result
    assert ("✓" in "".join(page)) == (result is Result.HOLDS)
    assert ("发现 1" in "".join(page)) == (result is Result.DIFFERS)
    assert "secret" not in "".join(page)


async def test_a_flood_of_findings_is_counted_and_not_told_one_by_one() -> None:
    page: list[str] = []
    await run(Finds(1000), page.append)

    assert "1,000 处不符" in page[0]
    assert len(page) < 30
    assert "另有 980 处" in page[-1]


def test_the_worst_of_several_counts() -> None:
    assert worst([Result.HOLDS, Result.UNKNOWN, Result.DIFFERS]) is Result.DIFFERS
    assert worst([Result.HOLDS, Result.UNKNOWN]) is Result.UNKNOWN
    assert worst([Result.HOLDS]) is Result.HOLDS
    assert worst([]) is Result.HOLDS


async def marked(database: Database, dirty: int, clean: int, **columns: object) -> str:
    id_ = f"reader-{uuid4().hex[:8]}"
    async with database.raw_transaction() as connection:
        await connection.execute(
            "INSERT INTO dossier (kind, id, dirty, clean, urgency, cause, look_again_on, failed_reason) VALUES ('reader', $1, $2, $3, 0, 'test', $4, $5)",
            id_, dirty, clean, columns.get("look_again_on"), columns.get("failed_reason"),
        )  # fmt: skip
    return id_


async def test_a_dossier_that_failed_or_waits_too_long_is_named(database: Database) -> None:
    waits, failed = await marked(database, 2, 1), await marked(database, 2, 1, failed_reason="KeyError")
    due = await marked(database, 1, 1, look_again_on=TODAY)
    await marked(database, 1, 1, look_again_on=TODAY + timedelta(days=1))

    found = [finding async for finding in DossiersClean(database, patience_seconds=0).findings()]
    assert [finding.where for finding in found] == [f"reader {failed}", f"reader {'、'.join(sorted((waits, due)))}"]


async def test_a_dossier_that_is_answered_within_the_patience_is_no_finding(database: Database) -> None:
    id_ = await marked(database, 2, 1)
    check = DossiersClean(database, patience_seconds=20)
    look, seen = check._waiting, 0

    async def waiting() -> Any:
        nonlocal seen
        seen += 1
        if seen == 2:  # answered, and marked anew since
            async with database.raw_transaction() as connection:
                await connection.execute("UPDATE dossier SET clean = 2, dirty = 3 WHERE id = $1", id_)
        return await look()

    check._waiting = waiting  # type: ignore[method-assign]
    assert [finding async for finding in check.findings()] == []
    assert seen == 2


async def test_the_heads_are_shown_to_whoever_keeps_them(postgres: Any) -> None:
    async with at_work(lending(), postgres, first_day=TODAY) as service:
        empty = (await service.call("GET", "/lending/v1/operations/audit-head", who="auditor")).json()
        assert empty == {"service": "lending", "newest": None, "days": []}
        await service.call("POST", "/lending/v1/books", json={"name": "first", "shelf": "A1"}, who="clerk")
        audit = Audit(service.running.database, None, service.running.audit_keys)

        async def sealed(count: int) -> bool:
            return len(await audit.seals()) == count

        await until(lambda: sealed(1))
        day = {"day": (TODAY + timedelta(days=3)).isoformat()}
        await service.call("POST", "/lending/v1/operations/business-day:advance", json=day)
        await until(lambda: sealed(2))
        told = (await service.call("GET", "/lending/v1/operations/audit-head", who="auditor")).json()
        first, second = await audit.seals()

    assert [(each["day"], each["seal_no"], each["count"], each["hash"]) for each in (*told["days"], told["newest"])] == [
        (TODAY.isoformat(), 1, 1, first.hash.hex()), (day["day"], 2, 1, second.hash.hex()),
    ]  # fmt: skip
