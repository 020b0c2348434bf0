"""Whether today's contracts still speak v1: `python -m contracts.compatibility check`, and `write` for what was added.

Topics keep everything, so a new reader meets old messages, and a service that is deployed later meets new ones. Both must be able to read:
a v1 contract may gain optional fields and verbs, and nothing else. Everything else is a v2, upcast on reading.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from contracts.fact import CONTRACTS, Fact

OWNERS = ("registry", "training", "certification", "matching", "awards")
Schema = Mapping[str, Any]

_WORDS_ONLY = frozenset({"title", "description", "examples", "$defs", "default"})
"""What may change freely: it is there for people, or, as a default, for whoever writes."""


class BreaksV1(ValueError):
    """A contract changed in a way that a reader of v1 cannot follow; the message lists every place."""


def contracts() -> Mapping[str, type[Fact]]:
    """Every contract, by topic."""
    for owner in OWNERS:
        importlib.import_module(f"contracts.{owner}")
    return CONTRACTS


def schema_of(contract: type[Fact]) -> dict[str, Any]:
    """The JSON Schema of a contract, with what a schema cannot say: topic, key and verbs."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "x-topic": contract.topic,
        "x-key": contract.key_field,
        "x-verbs": list(contract.verbs),
    } | contract.model_json_schema()


def breaking_changes(committed: Schema, current: Schema) -> list[str]:
    """Every change that breaks a reader, as sentences that begin with the place; empty when there is none."""
    changes = [] if committed.get("x-key") == current.get("x-key") else ["key: changed, the order of messages would break"]
    changes += [f"verb {verb}: removed" for verb in committed.get("x-verbs", ()) if verb not in current.get("x-verbs", ())]
    return changes + list(_objects(_Place(committed, committed, ""), _Place(current, current, "")))


class _Place:
    """A schema somewhere inside a document; `$ref` is followed."""

    def __init__(self, document: Schema, schema: Any, path: str) -> None:
        self.document, self.path = document, path
        while isinstance(schema, Mapping) and "$ref" in schema:
            schema = document["$defs"][schema["$ref"].rpartition("/")[2]]
        self.schema = schema

    def at(self, schema: Any, step: str) -> _Place:
        return _Place(self.document, schema, f"{self.path}.{step}" if self.path else step)


def _objects(old: _Place, new: _Place) -> Iterator[str]:
    """An object may gain optional properties."""
    had, has = old.schema.get("properties", {}), new.schema.get("properties", {})
    required_before, required_now = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    for name in had:
        place = old.at(had[name], name)
        if name not in has:
            yield f"{place.path}: removed"
            continue
        if name in required_now - required_before:
            yield f"{place.path}: required now, old messages lack it"
        if name in required_before - required_now:
            yield f"{place.path}: optional now, old readers need it"
        yield from _values(place, new.at(has[name], name))
    for name in has:
        if name not in had and name in required_now:
            yield f"{new.at(has[name], name).path}: new and required, old messages lack it"


def _values(old: _Place, new: _Place) -> Iterator[str]:
    """A value stays what it is."""
    if isinstance(old.schema, Mapping) and isinstance(new.schema, Mapping):
        if "properties" in old.schema and "properties" in new.schema:
            yield from _objects(old, new)
            return
        for word in sorted((old.schema.keys() | new.schema.keys()) - _WORDS_ONLY):
            if word not in old.schema or word not in new.schema:
                yield f"{old.path}: {word} was {_short(old.schema.get(word))}, is {_short(new.schema.get(word))}"
            else:
                yield from _values(old.at(old.schema[word], word), new.at(new.schema[word], word))
    elif isinstance(old.schema, list) and isinstance(new.schema, list):
        yield from _lists(old, new)
    elif old.schema != new.schema:
        yield f"{old.path}: was {_short(old.schema)}, is {_short(new.schema)}"


def _lists(old: _Place, new: _Place) -> Iterator[str]:
    if not all(isinstance(item, Mapping) for item in [*old.schema, *new.schema]):
        if set(map(str, old.schema)) != set(map(str, new.schema)):
            yield f"{old.path}: was {_short(old.schema)}, is {_short(new.schema)}"
    elif len(old.schema) != len(new.schema):
        yield f"{old.path}: {len(old.schema)} alternatives, now {len(new.schema)}"
    else:
        for nth, (before, after) in enumerate(zip(old.schema, new.schema, strict=True)):
            yield from _values(old.at(before, str(nth)), new.at(after, str(nth)))


def _short(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)[:120]


def committed_schema(topic: str) -> dict[str, Any] | None:
    """The schema that v1 was published with; None for a contract that is new."""
    path = files("contracts") / "schemas" / f"{topic}.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def example(topic: str) -> bytes:
    """The golden example of a contract, as it travels."""
    return (files("contracts") / "examples" / f"{topic}.json").read_bytes()


def check() -> list[str]:
    """What is wrong, contract by contract: breaks of v1, schemas and examples that are missing or no longer written from the models."""
    wrong = []
    for topic, contract in contracts().items():
        committed, current = committed_schema(topic), schema_of(contract)
        if committed is None:
            wrong.append(f"{topic}: no committed schema; run `python -m contracts.compatibility write`")
            continue
        breaks = breaking_changes(committed, current)
        wrong += [f"{topic}: {change}" for change in breaks]
        if not breaks and committed != current:
            wrong.append(f"{topic}: an addition that is not written yet; run `python -m contracts.compatibility write`")
    wrong += [f"{path.name}: its contract is gone" for path in _schemas().glob("*.json") if path.stem not in CONTRACTS]
    return wrong


def write() -> list[str]:
    """Write the schemas of what was added; gives the topics written. Raises BreaksV1 and then writes nothing."""
    changed = {topic: schema_of(contract) for topic, contract in contracts().items() if committed_schema(topic) != schema_of(contract)}
    breaks = [f"{topic}: {change}" for topic, new in changed.items() for change in breaking_changes(committed_schema(topic) or new, new)]
    if breaks:
        raise BreaksV1("\n".join(breaks))
    for topic, schema in changed.items():
        (_schemas() / f"{topic}.json").write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return sorted(changed)


def _schemas() -> Path:
    return Path(__file__).parent / "schemas"


def main(command: str) -> int:
    """Exit status of a command: 0 when all is well."""
    if command == "write":
        sys.stdout.writelines(f"wrote {topic}\n" for topic in write())
        return 0
    wrong = check()
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["check"], ["write"]):
        sys.exit("usage: python -m contracts.compatibility check | write")
    sys.exit(main(sys.argv[1]))
