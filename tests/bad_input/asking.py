"""Requests made up from what the services say of themselves: every operation with a right body, and every place in it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
from desk import Desk

Schema = Mapping[str, Any]
Place = tuple[str | int, ...]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Operation:
    """One way to ask one service, and the schemas that it refers to."""

    method: str
    path: str
    said: Schema
    schemas: Schema

    @property
    def name(self) -> str:
        return str(self.said["operationId"])

    @property
    def body(self) -> Any:
        """A right body, made of the examples; None when it takes none, or a file."""
        content = self.said.get("requestBody", {}).get("content", {})
        return example(content["application/json"]["schema"], self.schemas) if "application/json" in content else None

    def parameters(self, where: str) -> dict[str, Schema]:
        return {each["name"]: each["schema"] for each in self.said.get("parameters", []) if each["in"] == where}

    def address(self, **given: str) -> str:
        """The path with made-up ids, or with those given."""
        made_up = {name: given.get(name) or str(example(schema, self.schemas)) for name, schema in self.parameters("path").items()}
        return self.path.format(**made_up)

    async def ask(self, desk: Desk, *, path: str | None = None, **more: Any) -> httpx2.Response:
        """As an officer; a change says which version it is based on. `body`: as it is, or as bytes."""
        headers: dict[str, str | None] = {"If-Match": '"1"'} if "if-match" in self.parameters("header") else {}
        headers |= more.pop("headers", {})
        if "body" in more:
            body = more.pop("body")
            # Not by the client: halves of characters and NaN must get through.
            more["content"] = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers = {"Content-Type": "application/json"} | headers
        return await desk.call(self.method, path or self.address(), headers=headers, **more)


async def operations(desk: Desk) -> list[Operation]:
    """Of all services, without those that would move the business day for every other test; what is one code in all, of the first."""
    found: list[Operation] = []
    shared: set[str] = set()
    for service in desk.city.services:
        said = (await desk.client.get(f"/{service}/openapi.json")).json()
        found += [
            Operation(method.upper(), path, operation, said["components"]["schemas"])
            for path, by_method in said["paths"].items()
            for method, operation in by_method.items()
            if "/health/" not in path and not path.endswith(":advance") and path.removeprefix(f"/{service}") not in shared
        ]
        shared |= {each.path.removeprefix(f"/{service}") for each in found if "/operations/" in each.path or "/jobs/" in each.path}
    return found


def example(schema: Schema, schemas: Schema) -> Any:
    """A value that the schema allows."""
    schema = resolved(schema, schemas)
    if "examples" in schema:
        return schema["examples"][0]
    for choice in schema.get("anyOf", []):
        if choice.get("type") != "null":
            return example(choice, schemas)
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: example(inner, schemas) for name, inner in schema.get("properties", {}).items()}
        case "array":
            return [example(schema["items"], schemas)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            return {"uuid": str(uuid4()), "date": "2018-03-01", "date-time": "2018-03-01T08:00:00+08:00"}.get(
                schema.get("format", ""), "示例文字"
            )


def resolved(schema: Schema, schemas: Schema) -> Schema:
    if "$ref" in schema:
        return {**schemas[schema["$ref"].rpartition("/")[2]], **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value inside, the whole first, with where it stands."""
    yield at, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield from places(inner, (*at, step))


def but(body: Any, at: Place, value: Any) -> Any:
    """The same body with another value at one place."""
    if not at:
        return value
    changed = copy.deepcopy(body)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return changed


def problem(answer: httpx2.Response, *, never: str = "") -> dict[str, Any]:
    """The refusal: of the one form, in Chinese, without what was entered."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["type"] == f"/problems/{said['code']}"
    assert re.fullmatch(r"[a-z][a-z0-9-]+", said["code"])
    assert said["status"] == answer.status_code
    assert re.fullmatch(r"[0-9a-f]{32}", said["trace_id"])
    assert _CHINESE.search(said["title"])
    assert all(fault["pointer"].startswith("/") and _CHINESE.search(fault["message"]) for fault in said["faults"])
    assert not never or never not in answer.text
    return said
