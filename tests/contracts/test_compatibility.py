"""The compatibility check sees every kind of break, and lets additions pass."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from contracts import compatibility
from contracts.compatibility import BreaksV1, breaking_changes, check, committed_schema, contracts, main, schema_of, write

CERTIFICATE = schema_of(contracts()["certification.certificate"])
INSURANCE = schema_of(contracts()["registry.insurance"])
Change = Callable[[dict[str, Any]], object]


def changed(schema: dict[str, Any], change: Change) -> dict[str, Any]:
    copy = deepcopy(schema)
    change(copy)
    return copy


def test_the_committed_schemas_are_those_of_the_models() -> None:
    assert check() == []
    assert main("check") == 0


@pytest.mark.parametrize("topic", sorted(contracts()))
def test_a_schema_is_compatible_with_itself(topic: str) -> None:
    assert breaking_changes(committed_schema(topic) or {}, schema_of(contracts()[topic])) == []


def set_in(*path: str, to: object) -> Change:
    def change(schema: dict[str, Any]) -> None:
        for step in path[:-1]:
            schema = schema[step]
        schema[path[-1]] = to

    return change


BREAKS: dict[str, tuple[dict[str, Any], Change, str]] = {
    "a field removed": (CERTIFICATE, lambda s: s["properties"].pop("level_code"), "level_code: removed"),
    "an optional field removed": (CERTIFICATE, lambda s: s["properties"].pop("class_id"), "class_id: removed"),
    "a new required field": (
        CERTIFICATE,
        lambda s: (s["properties"].update(grade={"type": "string"}), s["required"].append("grade")),
        "grade: new and required",
    ),
    "an optional field required": (CERTIFICATE, lambda s: s["required"].append("class_id"), "class_id: required now"),
    "a required field optional": (CERTIFICATE, lambda s: s["required"].remove("issued_on"), "issued_on: optional now"),
    "a type changed": (CERTIFICATE, set_in("properties", "level_code", "type", to="string"), "level_code.type"),
    "a format changed": (CERTIFICATE, set_in("properties", "issued_on", "format", to="date-time"), "issued_on.format"),
    "a format lost": (CERTIFICATE, lambda s: s["properties"]["issued_on"].pop("format"), "issued_on: format"),
    "a range narrowed": (CERTIFICATE, set_in("properties", "level_code", "maximum", to=4), "level_code.maximum"),
    "a pattern changed": (CERTIFICATE, set_in("properties", "occupation", "pattern", to=r"^\d+$"), "occupation.pattern"),
    "an enumeration narrowed": (CERTIFICATE, lambda s: s["$defs"]["CertificateKind"]["enum"].remove("SKILL_LEVEL"), "kind.enum"),
    "an enumeration with a word that old readers do not know": (
        CERTIFICATE,
        lambda s: s["$defs"]["CertificateKind"]["enum"].append("NEW"),
        "kind.enum",
    ),
    "null no longer allowed": (CERTIFICATE, lambda s: s["properties"]["revoked_on"]["anyOf"].pop(), "revoked_on.anyOf"),
    "a nested field removed": (
        INSURANCE,
        lambda s: s["$defs"]["InsuranceSpan"]["properties"].pop("last_month"),
        "spans.items.last_month: removed",
    ),
    "a nested new required field": (
        INSURANCE,
        lambda s: (
            s["$defs"]["InsuranceSpan"]["properties"].update(fen={"type": "integer"}),
            s["$defs"]["InsuranceSpan"]["required"].append("fen"),
        ),
        "spans.items.fen: new and required",
    ),
    "another key": (CERTIFICATE, set_in("x-key", to="id"), "key: changed"),
    "a verb removed": (CERTIFICATE, lambda s: s["x-verbs"].remove("revoked"), "verb revoked: removed"),
}


@pytest.mark.parametrize(("schema", "change", "expected"), BREAKS.values(), ids=BREAKS.keys())
def test_each_kind_of_break_is_seen_where_it_is(schema: dict[str, Any], change: Change, expected: str) -> None:
    breaks = breaking_changes(schema, changed(schema, change))
    assert len(breaks) == 1
    assert breaks[0].startswith(expected)


ADDITIONS: dict[str, Change] = {
    "an optional field": lambda s: s["properties"].update(grade={"type": "string", "default": "A"}),
    "a verb": lambda s: s["x-verbs"].append("restored"),
    "words": set_in("properties", "level_code", "description", to="says more"),
    "another order": lambda s: s["required"].reverse(),
}


@pytest.mark.parametrize("change", ADDITIONS.values(), ids=ADDITIONS.keys())
def test_additions_pass(change: Change) -> None:
    assert breaking_changes(CERTIFICATE, changed(CERTIFICATE, change)) == []


def test_a_break_is_reported_and_never_written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    narrower = changed(CERTIFICATE, lambda s: s["properties"].pop("level_code"))
    as_it_is = compatibility.schema_of
    monkeypatch.setattr(
        compatibility, "schema_of", lambda contract: narrower if contract.topic == "certification.certificate" else as_it_is(contract)
    )
    assert main("check") == 1
    assert "certification.certificate: level_code: removed" in capsys.readouterr().out
    with pytest.raises(BreaksV1, match="level_code: removed"):
        write()
    assert committed_schema("certification.certificate") == CERTIFICATE
