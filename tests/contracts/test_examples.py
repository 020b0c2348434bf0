"""Every contract has a golden example that says every field, reads back unchanged and names nobody."""

import json

import pytest

from common.observability.redaction import redact_text
from contracts.compatibility import contracts, example

TOPICS = sorted(contracts())
# Organisations and trades have public names, classes public numbers; a person never has either on the bus.
PUBLIC = {"registry.organisation": {"name"}, "certification.occupation": {"name"}, "training.class": {"number"}}
PERSONAL_FIELDS = {
    "name",
    "id_number",
    "id_card",
    "phone",
    "mobile",
    "account",
    "number",
    "certificate_number",
    "birth_date",
    "born_on",
    "birth_on",
}


@pytest.mark.parametrize("topic", TOPICS)
def test_the_example_reads_back_unchanged(topic: str) -> None:
    data = example(topic)
    fact = contracts()[topic].parse(data)
    assert json.loads(fact.model_dump_json()) == json.loads(data), "every field is written, and nothing else"
    assert fact.key


@pytest.mark.parametrize("topic", TOPICS)
def test_no_person_travels(topic: str) -> None:
    text = example(topic).decode()
    assert redact_text(text) == text
    fields = set(_fields(contracts()[topic].model_json_schema()))
    assert fields & PERSONAL_FIELDS <= PUBLIC.get(topic, set())


def _fields(schema: object) -> list[str]:
    if isinstance(schema, dict):
        return [*schema.get("properties", {}), *(name for part in schema.values() for name in _fields(part))]
    return [name for part in schema for name in _fields(part)] if isinstance(schema, list) else []


def test_every_topic_is_named_after_its_owner() -> None:
    for topic, contract in contracts().items():
        owner, _, aggregate = topic.partition(".")
        assert contract.__module__ == f"contracts.{owner}"
        assert aggregate
        assert {contract.event_type(verb) for verb in contract.verbs} == {f"craftport.{topic}.{verb}.v1" for verb in contract.verbs}
