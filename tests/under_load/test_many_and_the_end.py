"""Each service in processes of its own: five times what it can do, and then told to end in the midst of it."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from asked import ASKED, Asked
from product import ENDS_WITHIN_SECONDS, Product, product

from common.database.embedded import EmbeddedPostgres
from common.database.engine import Database
from common.security.issuer import DevelopmentIssuer
from common.settings import Limits
from common.testing.until import until

LIMITS = Limits()
CALLERS = 5 * (LIMITS.at_work + LIMITS.waiting)
RECOVERS_WITHIN_SECONDS = 5
PATIENCE_SECONDS = 20
"""With all callers of the test and the service itself on one small machine; a queue without a bound takes longer the longer it lasts."""


@dataclass
class Callers:
    """Whoever asks one service at the same time, and what they were answered. Half of it is entered, where there is something to enter."""

    asked: Product
    what: Asked
    answers: list[tuple[httpx2.Response, float]] = field(default_factory=list)
    cut_off: list[httpx2.TransportError] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    async def ask(self) -> httpx2.Response | None:
        """One request; None when the connection ended before an answer."""
        began, number = time.monotonic(), next(self._numbers)
        try:
            if self.what.path and number % 2:
                headers = self.asked.login(self.what.enters) | {"Idempotency-Key": uuid4().hex}
                answer = await self.asked.client.post(self.what.path, json=self.what.body(number), headers=headers)
            else:
                answer = await self.asked.client.get(self.what.lists, headers=self.asked.login())
        except httpx2.TransportError as error:
            self.cut_off.append(error)
            return None
        self.answers.append((answer, time.monotonic() - began))
        return answer

    async def ask_again_and_again(self, until_set: asyncio.Event) -> None:
        while not until_set.is_set() and await self.ask() is not None:
            pass

    def statuses(self) -> Counter[int]:
        return Counter(answer.status_code for answer, _ in self.answers)

    def entered(self) -> set[str]:
        """The ids of what they were told has been entered."""
        return {answer.json()["id"] for answer, _ in self.answers if answer.status_code == 201}

    def must_be_whole(self) -> None:
        """Every answer is one of ours, and nothing more than that was said."""
        for answer, _ in self.answers:
            assert answer.status_code in (200, 201, 503), answer.text
            answer.json()
            if answer.status_code == 503:
                assert answer.headers["content-type"] == "application/problem+json"
                assert int(answer.headers["Retry-After"]) >= 1


async def rows(asked: Product, table: str) -> set[str]:
    database = Database(asked.database_url, connections=2)
    try:
        async with database.raw_transaction() as connection:
            return {str(row["id"]) for row in await connection.fetch(f"SELECT id FROM {table}")}
    finally:
        await database.close()


@asynccontextmanager
async def watched(asked: Product) -> AsyncIterator[list[tuple[int, float]]]:
    """Meanwhile somebody looks whether it is well: what he was answered, and after how long."""
    seen: list[tuple[int, float]] = []

    async def watch() -> None:
        while True:
            for path in ("health/live", "health/ready", "metrics"):
                began = time.monotonic()
                answer = await asked.client.get(f"http://127.0.0.1:{asked.api.port}/{asked.name}/{path}")
                seen.append((answer.status_code, time.monotonic() - began))

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        await asyncio.wait((watching,))


async def five_times_its_capacity(asked: Product, what: Asked) -> None:
    """Bounded queues, true answers, and well again at once."""

    async def is_as_usual() -> bool:
        began, answer = time.monotonic(), await Callers(asked, what).ask()
        return answer is not None and answer.status_code == 200 and time.monotonic() - began < 1

    await until(is_as_usual)
    burst = Callers(asked, what)
    async with watched(asked) as seen:
        await asyncio.gather(*(burst.ask() for _ in range(CALLERS)))
    ended = time.monotonic()
    await until(is_as_usual, within_seconds=RECOVERS_WITHIN_SECONDS)
    assert time.monotonic() - ended < RECOVERS_WITHIN_SECONDS
    burst.must_be_whole()
    assert not burst.cut_off
    statuses = burst.statuses()
    assert statuses[200] + statuses[201] >= LIMITS.at_work, "those who have a place get their answer"
    assert max(seconds for answer, seconds in burst.answers if answer.status_code < 300) < PATIENCE_SECONDS
    assert {status for status, _ in seen} == {200}, "who watches is never turned away"
    if what.table:
        assert burst.entered() == await rows(asked, what.table), "503 says that nothing was done"
    page = (await asked.client.get(f"http://127.0.0.1:{asked.api.port}/{asked.name}/metrics")).text
    if statuses[503]:
        assert f'craftport_requests_refused_total{{code="overloaded",service="{asked.name}"}} {float(statuses[503])}' in page
    assert f'craftport_requests_waiting{{line="callers",service="{asked.name}"}} 0.0' in page


async def told_to_end_under_load(asked: Product, what: Asked) -> None:
    """Down in time, nobody gets half an answer, and what was said to be entered is."""
    before = await rows(asked, what.table) if what.table else set()
    async with httpx2.AsyncClient(base_url=asked.client.base_url, timeout=30) as staying:  # on connections that are kept
        await _told_to_end(replace(asked, client=staying), what, before)


async def _told_to_end(asked: Product, what: Asked, before: set[str]) -> None:
    callers, enough = Callers(asked, what, _numbers=count(CALLERS)), asyncio.Event()
    asking = [asyncio.create_task(callers.ask_again_and_again(enough)) for _ in range(20)]

    async def are_busy() -> bool:
        return len(callers.answers) > 60

    await until(are_busy, within_seconds=30)
    ended = await asyncio.gather(asked.api.told_to_end(), asked.worker.told_to_end())
    enough.set()
    await asyncio.gather(*asking)

    for (status, seconds), process in zip(ended, (asked.api, asked.worker), strict=True):
        assert status == 0, process.said()[-3000:]
        assert seconds < ENDS_WITHIN_SECONDS
    callers.must_be_whole()
    assert len(callers.cut_off) > 0, "who comes later finds nobody"
    for error in callers.cut_off:
        assert isinstance(error, httpx2.ConnectError | httpx2.ReadError | httpx2.WriteError | httpx2.RemoteProtocolError)
        assert "without sending complete message body" not in str(error), "an answer that has begun is finished"
    if what.table:
        assert callers.entered() <= await rows(asked, what.table) - before


@pytest.mark.parametrize("name", ASKED)
async def test_five_times_its_capacity_is_borne_and_its_end_is_in_order(
    postgres: EmbeddedPostgres, issuer: DevelopmentIssuer, tmp_path: Path, name: Any
) -> None:
    async with product(name, postgres, issuer, tmp_path) as asked:
        await five_times_its_capacity(asked, ASKED[name])
        await told_to_end_under_load(asked, ASKED[name])
