"""An agency waits while anything moves, and says where and why when nothing does."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from city import agency
from city.agency import Agency, Refused, Stuck

CALM: dict[str, Any] = {"outbox": 0, "backlog": {}, "is_backlog_known": True, "stopped": {}, "topics": [], "dossiers": [], "failed": []}


def officer(states: Iterator[dict[str, Any]]) -> Agency:
    """At a service that is in these states, one after the other; the last one stays."""
    last = dict(CALM)

    def answer(_: httpx2.Request) -> httpx2.Response:
        nonlocal last
        last = next(states, last)
        return httpx2.Response(200, json=last)

    return Agency(httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://city"), "officer")


async def test_it_waits_until_nothing_is_on_its_way() -> None:
    states = iter(
        [CALM | {"outbox": 2}, CALM | {"backlog": {"training.class/0": 1}}, CALM | {"dossiers": [{"kind": "person", "waiting": 1}]}, CALM]
    )

    await officer(states).settled(("awards",))

    assert next(states, None) is None


async def test_a_bus_that_is_away_is_no_calm() -> None:
    states = iter([CALM | {"is_backlog_known": False}, CALM | {"is_backlog_known": False}, CALM])

    await officer(states).settled(("awards",))

    assert next(states, None) is None


async def test_a_partition_that_stands_still_is_named_at_once_with_its_reason() -> None:
    with pytest.raises(Stuck, match="已停止：ValueError"):
        await officer(iter([CALM | {"stopped": {"training.class/0": "ValueError"}}])).settled(("awards",))


async def test_what_does_not_move_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agency, "_PATIENCE_SECONDS", 0.0)
    failed = {"kind": "person", "id": "p1", "failures": 3, "reason": "KeyError"}
    waiting = CALM | {"outbox": 7, "dossiers": [{"kind": "person", "waiting": 1}], "failed": [failed]}

    with pytest.raises(Stuck) as stuck:
        await officer(iter([waiting])).settled(("awards",))

    for words in ("待发事件 7 条", "person 档案还有 1 份在等", "person 档案 p1 第 3 次复算未成：KeyError"):
        assert words in str(stuck.value)


async def test_an_import_that_does_not_move_is_named_with_its_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(agency, "_PATIENCE_SECONDS", 0.0)
    file = tmp_path / "persons.xlsx"
    file.write_bytes(b"rows")

    def answer(request: httpx2.Request) -> httpx2.Response:
        job = {"id": "j1", "state": "RUNNING", "rows_done": 500}
        return httpx2.Response(202 if request.method == "POST" else 200, json=job)

    with pytest.raises(Stuck, match="停在第 500 行"):
        await Agency(httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://city"), "officer").drop(
            "registry", "persons", file
        )


class Office:
    """A service at which some of the first answers never arrive, or say that it is away. What was asked for is done all the same."""

    def __init__(self, *faults: httpx2.Response | Exception) -> None:
        self._faults = list(faults)
        self.keys: list[str | None] = []
        self.version = 3

    def agency(self) -> Agency:
        return Agency(httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer), base_url="http://city"), "officer")

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json={"version": self.version})
        self.keys.append(request.headers.get("Idempotency-Key"))
        answer = httpx2.Response(200, json={"version": self.version + 1})
        if "If-Match" in request.headers:
            if request.headers["If-Match"] != f'"{self.version}"':
                return httpx2.Response(412, json={"code": "precondition-failed"})
            self.version += 1
        if self._faults:
            fault = self._faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return fault
        return answer


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agency, "_FIRST_PAUSE_SECONDS", 0.0)


@pytest.mark.usefixtures("at_once")
async def test_what_got_no_answer_is_asked_again_with_the_same_key() -> None:
    office = Office(httpx2.ReadError("gone"), httpx2.Response(503), httpx2.Response(409, json={"code": "twin-in-flight"}))

    await office.agency().create("/registry/v1/organisations", {})

    assert len(office.keys) == 4
    assert len(set(office.keys)) == 1


@pytest.mark.usefixtures("at_once")
async def test_a_change_whose_answer_was_lost_is_found_done_and_not_done_twice() -> None:
    office = Office(httpx2.RemoteProtocolError("killed in the middle"))

    assert await office.agency().act("/training/v1/classes/c1:open", 3) == {"version": 4}
    assert office.version == 4


@pytest.mark.usefixtures("at_once")
async def test_a_change_that_somebody_else_was_quicker_with_is_refused() -> None:
    office = Office()

    with pytest.raises(Refused, match="precondition-failed"):
        await office.agency().act("/training/v1/classes/c1:open", 2)


@pytest.mark.usefixtures("at_once")
async def test_other_refusals_are_answers() -> None:
    office = Office(httpx2.Response(409, json={"code": "already-registered"}))

    with pytest.raises(Refused, match="already-registered"):
        await office.agency().create("/registry/v1/organisations", {})

    assert len(office.keys) == 1


async def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agency, "_PATIENCE_SECONDS", -1.0)

    with pytest.raises(httpx2.ReadError):
        await Office(httpx2.ReadError("gone")).agency().create("/registry/v1/organisations", {})
