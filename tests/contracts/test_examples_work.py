"""The examples of all services, carried out as given in a fresh city, in the order of the pages: what they make is what the next ones name."""

import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from city.agency import Agency
from city.synthetic import LAST_DAY
from common.one_process import one_process
from common.testing.kafka import free_ports
from contracts.compatibility import OWNERS

pytestmark = pytest.mark.slow
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Operator:
    """Somebody before the pages: takes each example as it stands there now; the page adds the key, and the version that it last saw."""

    client: httpx2.AsyncClient
    headers: dict[str, str]
    versions: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    async def page(self, service: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Path, method and operation, as the page lists them."""
        document = (await self.client.get(f"/{service}/openapi.json")).raise_for_status().json()
        tasks = [each["name"] for each in document["tags"]]
        listed = [(path, method, each) for path, methods in document["paths"].items() for method, each in methods.items()]
        return sorted(listed, key=lambda each: tasks.index(each[2]["tags"][0]))

    async def carry_out(self, path: str, method: str, operation: dict[str, Any]) -> Any:
        """The example as given; a refusal must be one of those that the operation lists."""
        given = {each["name"]: str(each["example"]) for each in operation.get("parameters", ()) if "example" in each}
        address = re.sub(r"\{(\w+)\}", lambda name: given[name[1]], path)
        query = {
            each["name"]: given[each["name"]] for each in operation.get("parameters", ()) if each["in"] == "query" and each["required"]
        }
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        added = {"Idempotency-Key": uuid4().hex} if method == "post" else {}
        if (named := ID.findall(address)) and named[-1] in self.versions:
            added["If-Match"] = self.versions[named[-1]]
        answer = await self.client.request(method.upper(), address, params=query, json=content.get("example"), headers=self.headers | added)
        if answer.status_code >= 400:
            code = answer.json()["code"]
            listed = operation["responses"][str(answer.status_code)]["content"]["application/problem+json"]["examples"]
            assert code in listed, (operation["operationId"], answer.text)
            self.refused[operation["operationId"]] = code
            return None
        if answer.headers["content-type"] != "application/json":
            return answer.content
        body = answer.json()
        if "etag" in answer.headers:
            self.versions[body.get("id") or named[-1]] = answer.headers["etag"]
        return body


@pytest.fixture(scope="module")
async def operator() -> AsyncIterator[Operator]:
    with tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory:
        (port,) = free_ports(1)
        async with (
            one_process(OWNERS, Path(directory), first_day=LAST_DAY, port=port) as running,
            httpx2.AsyncClient(base_url=running.url, timeout=60) as client,
        ):
            yield Operator(client, {"Authorization": f"Bearer {running.issuer.token('officer')}"})


def takes_a_file(operation: dict[str, Any]) -> bool:
    return "multipart/form-data" in operation.get("requestBody", {}).get("content", {})


def advances_the_day(operation: dict[str, Any]) -> bool:
    return bool(operation["operationId"].endswith("advance_business_day"))


async def settled(operator: Operator) -> None:
    officer = Agency(operator.client, "officer")
    await officer.log_in()
    await officer.settled(OWNERS)


def creates(method: str, operation: dict[str, Any]) -> bool:
    return method == "post" and "201" in operation["responses"]


def changes(operation: dict[str, Any]) -> bool:
    return any(each["name"] == "if-match" for each in operation.get("parameters", ()))


async def test_every_example_that_makes_something_makes_it(operator: Operator) -> None:
    made = []
    for service in OWNERS:
        for operation_id in [each["operationId"] for _, method, each in await operator.page(service) if creates(method, each)]:
            made.append(operation_id)
            await operator.carry_out(*await anew(operator, service, operation_id))
        await settled(operator)

    assert operator.refused == {}
    assert len(made) > 12


async def test_every_example_that_changes_something_changes_it_or_says_why_not(operator: Operator) -> None:
    for service in OWNERS:
        for operation_id in [each["operationId"] for _, _, each in await operator.page(service) if changes(each)]:
            await operator.carry_out(*await anew(operator, service, operation_id))
    await settled(operator)

    assert operator.refused == REFUSED_AFTER_WHAT_WENT_BEFORE
    operator.refused.clear()


REFUSED_AFTER_WHAT_WENT_BEFORE = {
    "merge_person": "not-found",
    "unmerge_person": "person-not-merged",
    "cancel_class": "class-is-over",
    "drop_participation": "already-ended",
    "withdraw_lecture_report": "precondition-failed",  # what confirmed it is shown, and not the report itself
    "cancel_trip": "trip-completed",
    "withdraw_exam_entry": "took-part",
    "cancel_contest": "contest-already-held",
    "correct_placement": "year-is-closed",
    "decide_ruling": "ruling-decided-by-its-proposer",
    "decline_ruling": "ruling-decided-by-its-proposer",
    "reverse_ruling": "ruling-not-in-force",
    "decide_parameters": "decided-by-its-proposer",
    "confirm_parameters": "nothing-to-confirm",
    "release_brake": "precondition-required",
}
"""Two changes that exclude each other are both shown, and only the first can be made; what needs a second person, one alone cannot.

The example of a merge names nobody who lives, not in a demo either: who tries it out makes no two people one."""


async def test_every_other_example_finds_what_was_made(operator: Operator) -> None:
    for service in OWNERS:
        for path, method, operation in await operator.page(service):
            if not (creates(method, operation) or changes(operation) or takes_a_file(operation) or advances_the_day(operation)):
                await operator.carry_out(path, method, operation)

    assert operator.refused == dict.fromkeys(NOTHING_THERE_YET, "not-found")


NOTHING_THERE_YET = {
    "read_insurance",
    *(f"{service}_{rest}" for service in OWNERS for rest in ("read_job", "list_refused_rows")),
    "read_brake",
    "export_brake",
    *(
        f"{service}_{rest}"
        for service in OWNERS
        for rest in (
            "read_dead_letter",
            "replay_dead_letter",
            "fix_dead_letter",
            "discard_dead_letter",
            "retry_dossiers",
            "resume_partition",
        )
    ),
}
"""What comes by file only, and what comes when something has gone wrong."""


async def anew(operator: Operator, service: str, operation_id: str) -> tuple[str, str, dict[str, Any]]:
    """An operation as the page shows it after all that was done before."""
    return next(each for each in await operator.page(service) if each[2]["operationId"] == operation_id)


async def test_carried_out_the_examples_earn_somebody_something(operator: Operator) -> None:
    listed = await operator.carry_out(*await anew(operator, "awards", "list_entitlements"))

    assert {each["scheme"]: each["due"]["amount"] for each in listed["items"] if each["due"]["amount"] != "0.00"} == {
        "universal-training": "960.00",
        "outstanding": "3000.00",
    }
