"""Worked examples out of a document's own schemas: every field says its example once, and shapes that share the field share it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]


class NoExample(Exception):
    """A field of which nobody says what it looks like; the message names the place."""


class Examples:
    """Examples for one document. `ids`: what a field that names something holds, e.g. `person_id`."""

    def __init__(self, document: Json, ids: Mapping[str, str]) -> None:
        self._schemas: Json = document["components"]["schemas"]
        self._ids = ids
        self._said: defaultdict[str, list[Any]] = defaultdict(list)
        for name, schema in _fields(document):
            self._said[name] += schema.get("examples", [])[:1]

    def of(self, schema: Json, name: str, *, where: str, is_asked_for: bool = False) -> Any:
        """An example of a value under this name. What may be null is, unless `is_asked_for`. Raises NoExample."""
        if said := schema.get("examples"):
            return said[0]
        if "const" in schema:
            return schema["const"]
        target = self._target(schema)
        shape = _one_shape(target)
        if name in self._ids and shape.get("format") == "uuid":
            return self._ids[name]
        if shape is not target and not is_asked_for:
            return None
        shape = self._target(shape)
        if "properties" in shape:
            return self._object(shape, where)
        if shape.get("type") == "array":
            items = self._target(shape["items"])
            whole = None if "properties" in items else next((said for said in self._said[name] if isinstance(said, list)), None)
            return whole or [self.of(items, name.removesuffix("s"), where=where)]
        return self._plain(shape, name, where)

    def _object(self, shape: Json, where: str) -> Json:
        noun = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", shape.get("title", "").removesuffix("View")).lower()
        return {
            field: self._ids[f"{noun}_id"]
            if field == "id" and f"{noun}_id" in self._ids
            else self.of(schema, field, where=f"{where} {field}")
            for field, schema in shape["properties"].items()
        }

    def _plain(self, shape: Json, name: str, where: str) -> Any:
        for said in self._said[name]:
            if _may_be(said, shape):
                return said
        if "enum" in shape:
            return shape["enum"][0]
        if shape.get("type") == "boolean":
            return shape.get("default", False)
        if "default" in shape:
            return shape["default"]
        raise NoExample(f"{where}: no example of {name}: {shape}")

    def _target(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema


def _one_shape(schema: Json) -> Json:
    """Of something that may be null: what it is otherwise."""
    shapes = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return shapes[0] if len(shapes) == 1 else schema


def _may_be(value: Any, shape: Json) -> bool:
    if "enum" in shape:
        return value in shape["enum"]
    types = {"string": str, "integer": int, "object": dict, "boolean": bool}
    kind = types.get(shape.get("type", ""))
    if kind is None or not isinstance(value, kind):
        return False
    is_day, is_instant = (bool(re.match(pattern, str(value))) for pattern in (r"\d{4}-\d\d-\d\d$", r"\d{4}-\d\d-\d\dT"))
    return {"date": is_day, "date-time": is_instant}.get(shape.get("format", ""), True)


def _fields(node: Any) -> Iterator[tuple[str, Json]]:
    """Every named field and parameter in a document."""
    if isinstance(node, list):
        for each in node:
            yield from _fields(each)
    elif isinstance(node, dict):
        yield from node.get("properties", {}).items()
        if "in" in node and "schema" in node:
            yield node["name"], node["schema"]
        for each in node.values():
            yield from _fields(each)
