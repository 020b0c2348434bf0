"""Schemathesis at a service's own document: what it asks for at random, as whom, and what it finds wrong with the answers."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext, unregister
from schemathesis.openapi.checks import UnsupportedMethodResponse
from schemathesis.schemas import BaseSchema

from common.security.principal import Role

# What a schema cannot say (an end before its beginning, a person who does not exist) and the headers that a service asks for.
_REFUSALS_OF_WHAT_IS_WELL_FORMED = ["2xx", "401", "403", "404", "409", "412", "422", "428", "503"]
_WEIGHTS = {Role.OFFICER: 6, Role.CLERK: 2}
_BUSINESS_DAY_AND_HEALTH = r"(:advance$|/health/)"
"""Moved at random the day would close the city for every later request; the probes take no token."""


@dataclass(frozen=True)
class Extent:
    """How much of it. `covers`: also every boundary of every field, one after the other, which is hundreds of requests an operation."""

    examples: int
    covers: bool


@dataclass
class Outcome:
    """What was asked and answered, and every finding with a way to repeat it."""

    answers: Counter[int] = field(default_factory=Counter)
    findings: dict[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return self.answers.total()


class _Callers:
    """Each request comes from somebody else, and knows the version that it was last told of what it asks for."""

    def __init__(self, tokens: Mapping[Role, str], seed: int) -> None:
        self._tokens, self._chance = tokens, random.Random(seed)
        self._versions: dict[str, str] = {}
        self.of: dict[str, Role] = {}

    def token(self, case: Case[Any]) -> str:
        role: Role = self._chance.choices(list(self._tokens), [_WEIGHTS.get(role, 1) for role in self._tokens])[0]
        self.of[case.id] = role
        return self._tokens[role]

    def equip(self, case: Case[Any]) -> None:
        """Mostly with the headers without which a change goes no further than its first line."""
        declared = {parameter.name for parameter in case.operation.headers}
        if "idempotency-key" in declared and self._chance.random() < 0.8:
            case.headers["idempotency-key"] = f"{self._chance.getrandbits(96):024x}"
        if "if-match" in declared and self._chance.random() < 0.8:
            case.headers["if-match"] = self._versions.get(case.formatted_path.partition(":")[0], '"1"')

    def hear(self, case: Case[Any], response: Response) -> None:
        if (version := response.headers.get("etag")) is not None:
            path = case.formatted_path.partition(":")[0]
            made = response.json().get("id") if response.status_code == 201 else None
            self._versions[f"{path}/{made}" if made else path] = version[0]


def asked_at_random(document: Mapping[str, Any], url: str, tokens: Mapping[Role, str], *, seed: int, extent: Extent) -> Outcome:
    """Every operation of the document, all checks, with whatever Schemathesis finds to follow from one answer to the next request."""
    config = schemathesis.Config.from_dict(
        {
            "seed": seed,
            "base-url": url,
            "continue-on-failure": True,
            "generation": {"max-examples": extent.examples, "no-shrink": True, "database": "none"},
            "phases": {"examples": {"enabled": True}, "coverage": {"enabled": extent.covers}},
            "checks": {
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
                "positive_data_acceptance": {"expected-statuses": _REFUSALS_OF_WHAT_IS_WELL_FORMED},
            },
        }
    )
    schema = schemathesis.openapi.from_dict(dict(document), config=config).exclude(path_regex=_BUSINESS_DAY_AND_HEALTH)
    callers, outcome = _Callers(tokens, seed), Outcome()
    with _as_callers(schema, callers):
        for event in from_schema(schema).execute():
            match event:
                case events.ScenarioFinished():
                    _take_down(event, callers, outcome)
                case events.NonFatalError() | events.FatalError():
                    outcome.findings[str(event)] = "Schemathesis itself did not get through"
    return outcome


@contextmanager
def _as_callers(schema: BaseSchema, callers: _Callers) -> Iterator[None]:
    """The tokens are the schema's; hooks of this kind are the whole process's."""

    @schema.auth(refresh_interval=None)
    class Somebody:
        def get(self, case: Case[Any], _: Any) -> str:
            return callers.token(case)

        def set(self, case: Case[Any], token: str, _: Any) -> None:
            case.headers["Authorization"] = f"Bearer {token}"

    @schemathesis.hook
    def before_call(_: HookContext, case: Case[Any], __: Any) -> None:
        callers.equip(case)

    @schemathesis.hook
    def filter_failure(_: HookContext, failure: Failure, case: Case[Any], __: Response) -> bool:
        """By the rules of templates `GET …/{id}:close` is also `GET …/{id}`, and refused for its id."""
        return not (isinstance(failure, UnsupportedMethodResponse) and ":" in case.path and failure.status_code == 422)

    @schemathesis.hook
    def after_call(_: HookContext, case: Case[Any], response: Response) -> None:
        callers.hear(case, response)

    try:
        yield
    finally:
        unregister(before_call)
        unregister(filter_failure)
        unregister(after_call)


def _take_down(scenario: events.ScenarioFinished, callers: _Callers, outcome: Outcome) -> None:
    recorder = scenario.recorder
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is None:
            outcome.findings[f"no answer: {recorder.label}"] = str(interaction.request)
        else:
            outcome.answers[interaction.response.status_code] += 1
        for check in recorder.checks.get(case_id, ()):
            if check.failure_info is not None:
                operation, failure = recorder.cases[case_id].value.operation.label, check.failure_info.failure
                found = f"{check.name}: {operation}: {failure.title}: {failure.message[:200]}"
                outcome.findings.setdefault(found, f"as {callers.of.get(case_id)}: {check.failure_info.code_sample[:1000]}")


@schemathesis.check
def who_is_turned_away_is_told_when_to_come_back(_: CheckContext, response: Response, case: Case[Any]) -> None:
    assert response.status_code != 503 or response.headers.get("retry-after"), case.operation.label


@schemathesis.check
def an_answer_is_never_kept_on_the_way(_: CheckContext, response: Response, case: Case[Any]) -> None:
    assert response.headers.get("cache-control") == ["no-store"], case.operation.label


def without_secrets(findings: Mapping[str, str], secrets: Sequence[str]) -> str:
    """As they may stand in a test's output."""
    text = "\n".join(f"{found}\n    {repeated}" for found, repeated in findings.items())
    return re.sub("|".join(map(re.escape, secrets)), "…", text)
