"""The check of REST documents sees every kind of break where it is, and lets additions pass; a document that breaks is never written."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from common.web import committed
from common.web.breaking import breaking_changes

DOCUMENT = json.loads((Path(__file__).parents[2] / "services" / "certification" / "openapi.json").read_text("utf-8"))
Change = Callable[[dict[str, Any]], object]
LIST, ONE = "/certification/v1/certificates", "/certification/v1/certificates/{certificate_id}"


def changed(change: Change) -> dict[str, Any]:
    copy = deepcopy(DOCUMENT)
    change(copy)
    return copy


def operation(document: dict[str, Any], path: str = LIST, method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def asked(document: dict[str, Any]) -> dict[str, Any]:
    """The shape in which a certificate is issued."""
    found: dict[str, Any] = document["components"]["schemas"]["NewCertificate"]
    return found


def answered(document: dict[str, Any]) -> dict[str, Any]:
    """The shape in which a certificate is shown."""
    found: dict[str, Any] = document["components"]["schemas"]["CertificateView"]
    return found


def words(document: dict[str, Any], shape: str) -> list[str]:
    found: list[str] = document["components"]["schemas"][shape]["enum"]
    return found


def parameter(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in operation(document)["parameters"] if each["name"] == name)


BREAKS: dict[str, tuple[Change, str]] = {
    "a path removed": (lambda d: d["paths"].pop(ONE), f"GET {ONE}: removed"),
    "an operation removed": (lambda d: d["paths"][LIST].pop("post"), f"POST {LIST}: removed"),
    "an operation renamed": (lambda d: operation(d).update(operationId="all"), f"GET {LIST}: operationId"),
    "a filter removed": (lambda d: operation(d)["parameters"].remove(parameter(d, "person_id")), f"GET {LIST} person_id: removed"),
    "a filter required": (lambda d: parameter(d, "person_id").update(required=True), f"GET {LIST} person_id: required now"),
    "a new required filter": (
        lambda d: operation(d)["parameters"].append({"in": "query", "name": "year", "required": True, "schema": {"type": "integer"}}),
        f"GET {LIST} year: new and required",
    ),
    "a smaller bound": (lambda d: parameter(d, "limit")["schema"].update(maximum=50), f"GET {LIST} limit: maximum"),
    "a bound where there was none": (
        lambda d: asked(d)["properties"]["issued_on"].update(minLength=10),
        f"POST {LIST} body.issued_on: minLength",
    ),
    "a field of a body removed": (lambda d: asked(d)["properties"].pop("class_id"), f"POST {LIST} body.class_id: removed"),
    "a new required field of a body": (
        lambda d: (asked(d)["properties"].update(grade={"type": "string"}), asked(d)["required"].append("grade")),
        f"POST {LIST} body.grade: new and required",
    ),
    "a field of a body required": (lambda d: asked(d)["required"].append("class_id"), f"POST {LIST} body.class_id: required now"),
    "null refused": (lambda d: asked(d)["properties"]["class_id"]["anyOf"].pop(), f"POST {LIST} body.class_id: may no longer be null"),
    "a pattern changed": (lambda d: asked(d)["properties"]["number"].update(pattern="^A"), f"POST {LIST} body.number: pattern"),
    "a type changed": (lambda d: asked(d)["properties"]["number"].update(type="integer"), f"POST {LIST} body.number: type"),
    "a format changed": (lambda d: asked(d)["properties"]["issued_on"].update(format="date-time"), f"POST {LIST} body.issued_on: format"),
    "a word of an enumeration removed": (
        lambda d: words(d, "RevocationReason").remove("FRAUD"),
        f"POST {ONE}:revoke body.reason: FRAUD no longer",
    ),
    "a body asked for": (
        lambda d: operation(d, ONE).update(requestBody={"content": {"application/json": {"schema": {}}}}),
        f"GET {ONE}: a body is required now",
    ),
    "a field of an answer removed": (lambda d: answered(d)["properties"].pop("level_code"), f"GET {ONE} answer.level_code: removed"),
    "a field of an answer no longer sure": (
        lambda d: answered(d)["required"].remove("level_code"),
        f"GET {ONE} answer.level_code: may be missing now",
    ),
    "a field of an answer that may be null": (
        lambda d: answered(d)["properties"].update(number={"anyOf": [answered(d)["properties"]["number"], {"type": "null"}]}),
        f"GET {ONE} answer.number: may be null now",
    ),
    "a field of a listed item removed": (lambda d: answered(d)["properties"].pop("kind"), f"GET {LIST} answer.items[].kind: removed"),
    "another status of success": (
        lambda d: operation(d, method="post")["responses"].update({"200": operation(d, method="post")["responses"].pop("201")}),
        f"POST {LIST}: no longer answers 201",
    ),
}


@pytest.mark.parametrize(("change", "expected"), BREAKS.values(), ids=BREAKS.keys())
def test_each_kind_of_break_is_seen_where_it_is(change: Change, expected: str) -> None:
    assert [each for each in breaking_changes(DOCUMENT, changed(change)) if each.startswith(expected)] != []


ADDITIONS: dict[str, Change] = {
    "a path": lambda d: d["paths"].update({"/certification/v1/inspections": d["paths"][LIST]}),
    "an optional filter": lambda d: operation(d)["parameters"].append(
        {"in": "query", "name": "year", "required": False, "schema": {"type": "integer"}}
    ),
    "an optional field of a body": lambda d: asked(d)["properties"].update(grade={"type": "string"}),
    "a field of an answer": lambda d: (answered(d)["properties"].update(grade={"type": "string"}), answered(d)["required"].append("grade")),
    "a field that need no longer be given": lambda d: asked(d)["required"].remove("issued_on"),
    "a wider bound": lambda d: parameter(d, "limit")["schema"].update(maximum=500),
    "a word of an enumeration": lambda d: words(d, "RevocationReason").append("BY_COURT"),
    "another refusal": lambda d: operation(d)["responses"].update({"418": operation(d)["responses"]["401"]}),
    "words and examples": lambda d: (asked(d)["properties"]["number"].update(description="另说"), operation(d).update(summary="另说")),
}


@pytest.mark.parametrize("change", ADDITIONS.values(), ids=ADDITIONS.keys())
def test_additions_pass(change: Change) -> None:
    assert breaking_changes(DOCUMENT, changed(change)) == []


def test_a_break_is_reported_and_never_written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    directory = tmp_path / "certification"
    directory.mkdir()
    (directory / "openapi.json").write_text(json.dumps(DOCUMENT), "utf-8")
    monkeypatch.setattr(committed, "current", lambda _: changed(lambda d: d["paths"].pop(ONE)))

    assert committed.main("check", [directory]) == 1
    assert committed.main("write", [directory]) == 1

    assert f"certification: GET {ONE}: removed" in capsys.readouterr().out
    assert json.loads((directory / "openapi.json").read_text("utf-8")) == DOCUMENT


def test_an_addition_is_asked_for_and_then_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    directory = tmp_path / "certification"
    directory.mkdir()
    monkeypatch.setattr(committed, "current", lambda _: DOCUMENT)
    assert committed.main("check", [directory]) == 1
    assert "run `make openapi`" in capsys.readouterr().out

    assert committed.main("write", [directory]) == 0

    assert committed.main("check", [directory]) == 0
