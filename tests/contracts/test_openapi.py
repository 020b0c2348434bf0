"""What the OpenAPI document of every service promises its readers, operators first: Chinese, complete, with examples that fit."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from common.web.committed import check, committed, current
from contracts.compatibility import OWNERS

SERVICES = Path(__file__).parents[2] / "services"
DOCUMENTS = {name: committed(SERVICES / name) or current(name) for name in OWNERS}
"""As they are committed, which is as they are served: there is a test for that, and to make all five anew takes a second of every start."""
OPERATIONS = [
    pytest.param(name, operation, id=operation["operationId"])
    for name, document in DOCUMENTS.items()
    for methods in document["paths"].values()
    for operation in methods.values()
]
each_operation = pytest.mark.parametrize(("name", "operation"), OPERATIONS)
each_service = pytest.mark.parametrize("name", OWNERS)
CHINESE = re.compile(r"[一-鿿]")
CONTRACTS_ON_THE_BUS = {"TrainingClass", "InsuranceSpan"}
"""Shapes that are those of events: there money is integer fen, and readers ignore what they do not know."""


REGISTRY: Registry[Any] = Registry().with_resources(
    (f"urn:{name}", Resource.from_contents(document, default_specification=DRAFT202012)) for name, document in DOCUMENTS.items()
)


def fits(name: str, schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value of this schema."""
    absolute = json.loads(json.dumps(schema).replace('"#/', f'"urn:{name}#/'))
    checker = jsonschema.Draft202012Validator(absolute, registry=REGISTRY, format_checker=jsonschema.FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(value)]


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON body of an operation, asked for or answered."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield "body", content | {"media_type": media_type}
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            yield status, content | {"media_type": media_type}


def referred(name: str, example: dict[str, Any]) -> Any:
    return DOCUMENTS[name]["components"]["examples"][example["$ref"].rpartition("/")[2]]["value"]


def target(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENTS[name]["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


@each_service
def test_the_committed_document_is_the_one_that_is_served_and_breaks_nobody(name: str) -> None:
    assert check(SERVICES / name) == []


@each_operation
def test_an_operation_says_in_chinese_what_it_does_for_which_task(name: str, operation: dict[str, Any]) -> None:
    assert CHINESE.search(operation["summary"])
    assert len(operation["summary"]) <= 12
    assert CHINESE.search(operation["description"])
    (tag,) = operation["tags"]
    assert tag in {each["name"] for each in DOCUMENTS[name]["tags"] if CHINESE.search(each["description"])}
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])


@each_operation
def test_an_operation_that_serves_an_article_names_it(name: str, operation: dict[str, Any]) -> None:
    for_itself = operation["tags"][0] in ("文件导入", "运维")
    assert for_itself or re.search(r"依据：第[一二三四五六七八九十、至第]+款", operation["description"])


@each_operation
def test_every_parameter_is_explained_in_chinese_and_has_an_example(name: str, operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        assert CHINESE.search(parameter["description"]), parameter["name"]
        if parameter["in"] != "header":
            # What must be given is filled in on the page; a filter is not: it would hide what the operator looks for.
            assert ("example" in parameter) is parameter["required"], parameter["name"]
            example = parameter["example"] if parameter["required"] else parameter["schema"]["examples"][0]
            assert fits(name, parameter["schema"], example) == [], parameter["name"]


@each_operation
def test_every_body_and_every_answer_has_examples_that_fit(name: str, operation: dict[str, Any]) -> None:
    for where, content in contents(operation):
        if content["media_type"] in ("application/json", "application/problem+json"):
            found = [content["example"]] if "example" in content else []
            found += [referred(name, each) for each in content.get("examples", {}).values()]
            assert found, where
            for example in found:
                assert fits(name, content["schema"], example) == [], where


@each_operation
def test_every_refusal_is_a_problem_with_a_chinese_title(name: str, operation: dict[str, Any]) -> None:
    refused = {status: response for status, response in operation["responses"].items() if status >= "400"}
    assert {"401", "500", "503"} <= set(refused)
    for status, response in refused.items():
        assert list(response["content"]) == ["application/problem+json"]
        assert CHINESE.search(response["description"])
        for code, each in response["content"]["application/problem+json"]["examples"].items():
            value = referred(name, each)
            assert (value["code"], value["status"], bool(CHINESE.search(value["title"]))) == (code, int(status), True)


@each_operation
def test_bodies_and_answers_are_objects_and_unknown_fields_of_a_body_are_refused(name: str, operation: dict[str, Any]) -> None:
    for where, content in contents(operation):
        if where != "body" and content["media_type"] != "application/json":
            continue
        assert target(name, content["schema"])["type"] == "object", where
        if where == "body":
            assert list(open_objects(name, content["schema"])) == []


def open_objects(name: str, schema: dict[str, Any]) -> Iterator[str]:
    """Objects in a body that take fields that nobody declared."""
    if schema.get("$ref", "").rpartition("/")[2] in CONTRACTS_ON_THE_BUS:
        return
    schema = target(name, schema)
    if "properties" in schema and schema.get("additionalProperties") is not False:
        yield str(sorted(schema["properties"]))
    inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())]
    for each in inner:
        if isinstance(each, dict):
            yield from open_objects(name, each)


@each_service
def test_money_is_an_amount_in_a_string_with_its_currency(name: str) -> None:
    schemas = DOCUMENTS[name]["components"]["schemas"]
    if "Money" in schemas:
        assert schemas["Money"]["properties"]["amount"]["type"] == "string"
        assert schemas["Money"]["properties"]["currency"]["const"] == "CNY"
    named = {
        f"{shape}.{field}"
        for shape, schema in schemas.items()
        if shape not in CONTRACTS_ON_THE_BUS
        for field in schema.get("properties", {})
        if field.endswith(("_fen", "_yuan"))
    }
    assert named == set()


@each_service
def test_nothing_in_the_document_is_written_for_programmers_only(name: str) -> None:
    assert list(without_chinese(DOCUMENTS[name], "")) == []


def test_an_example_that_does_not_fit_is_seen() -> None:
    operation = DOCUMENTS["registry"]["paths"]["/registry/v1/organisations"]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    spoiled = content["example"] | {"colour": "blue", "spans": [content["example"]["spans"][0] | {"first_on": "2018-02-30"}]}

    assert sorted(each.partition(":")[0] for each in fits("registry", content["schema"], spoiled)) == ["$", "$.spans[0].first_on"]


def without_chinese(node: Any, where: str) -> Iterator[str]:
    if isinstance(node, list):
        for nth, each in enumerate(node):
            yield from without_chinese(each, f"{where}/{nth}")
    elif isinstance(node, dict):
        for word, each in node.items():
            if word in ("description", "summary", "title") and isinstance(each, str):
                if not CHINESE.search(each):
                    yield f"{where}/{word}: {each}"
            elif word not in ("example", "value"):
                yield from without_chinese(each, f"{where}/{word}")
