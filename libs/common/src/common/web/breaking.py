"""Whether a client that was written for one OpenAPI document can go on with another: every change that would break it, by place.

Unknown request fields and filters are refused, so that a field or filter that goes away breaks whoever sends it. In answers a client must
bear new fields and new words of an enumeration; it need not bear that something goes away, may be null or becomes something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]
_IS = ("type", "format", "pattern", "const", "contentMediaType")
"""What must stay as it is."""
_BOUNDS = {"minLength": 1, "minimum": 1, "minItems": 1, "maxLength": -1, "maximum": -1, "maxItems": -1}
"""Which way a bound may not move in a request: up (1) or down (-1)."""


class _Side(NamedTuple):
    """A schema inside one of the two documents."""

    document: Json
    schema: Json

    def resolved(self) -> _Side:
        schema = self.schema
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return _Side(self.document, schema)

    def at(self, schema: Json) -> _Side:
        return _Side(self.document, schema).resolved()


def breaking_changes(old: Json, new: Json) -> list[str]:
    """As sentences that begin with the place; empty when there is none."""
    return list(_changes(old, new))


def _changes(old: Json, new: Json) -> Iterator[str]:
    for path, methods in old["paths"].items():
        for method, was in methods.items():
            place = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{place}: removed"
            else:
                if was["operationId"] != now["operationId"]:
                    yield f"{place}: operationId was {was['operationId']}, is {now['operationId']}"
                yield from _parameters(_Side(old, was), _Side(new, now), place)
                yield from _bodies(_Side(old, was), _Side(new, now), place)
                yield from _answers(_Side(old, was), _Side(new, now), place)


def _parameters(old: _Side, new: _Side, place: str) -> Iterator[str]:
    had, has = ({(each["in"], each["name"]): each for each in side.schema.get("parameters", ())} for side in (old, new))
    for key, was in had.items():
        here = f"{place} {key[1]}"
        if key not in has:
            yield f"{here}: removed"
            continue
        if has[key]["required"] and not was["required"]:
            yield f"{here}: required now"
        yield from _values(old.at(was["schema"]), new.at(has[key]["schema"]), here, is_asked=True)
    for key, now in has.items():
        if key not in had and now["required"]:
            yield f"{place} {key[1]}: new and required"


def _bodies(old: _Side, new: _Side, place: str) -> Iterator[str]:
    had, has = (side.schema.get("requestBody", {}).get("content", {}) for side in (old, new))
    if has and not had:
        yield f"{place}: a body is required now"
    for media_type, content in had.items():
        if media_type not in has:
            yield f"{place}: a body of {media_type} is no longer taken"
        else:
            yield from _values(old.at(content["schema"]), new.at(has[media_type]["schema"]), f"{place} body", is_asked=True)


def _answers(old: _Side, new: _Side, place: str) -> Iterator[str]:
    for status, was in old.schema["responses"].items():
        if not status.startswith("2"):
            continue
        if status not in new.schema["responses"]:
            yield f"{place}: no longer answers {status}"
            continue
        has = new.schema["responses"][status].get("content", {})
        for media_type, content in was.get("content", {}).items():
            if media_type not in has:
                yield f"{place}: no longer answers {media_type}"
            elif "schema" in content:
                yield from _values(old.at(content["schema"]), new.at(has[media_type]["schema"]), f"{place} answer", is_asked=False)


def _values(old: _Side, new: _Side, place: str, *, is_asked: bool) -> Iterator[str]:
    was, now = old.schema, new.schema
    if "anyOf" in was or "anyOf" in now:
        yield from _alternatives(old, new, place, is_asked=is_asked)
        return
    for word in _IS:
        if was.get(word) != now.get(word):
            yield f"{place}: {word} was {was.get(word)}, is {now.get(word)}"
    gone = [str(each) for each in was.get("enum", ()) if each not in now.get("enum", was["enum"])]
    if gone or ("enum" in now and "enum" not in was):
        yield f"{place}: {'、'.join(gone) or 'any value'} no longer in the enumeration"
    if is_asked:
        yield from _bounds(was, now, place)
    if "properties" in was:
        yield from _fields(old, new, place, is_asked=is_asked)
    for inner in ("items", "additionalProperties"):
        if isinstance(was.get(inner), Mapping) and isinstance(now.get(inner), Mapping):
            yield from _values(old.at(was[inner]), new.at(now[inner]), f"{place}[]", is_asked=is_asked)


def _alternatives(old: _Side, new: _Side, place: str, *, is_asked: bool) -> Iterator[str]:
    """Mostly of "this or null"."""
    had, has = ([side.at(each) for each in side.schema.get("anyOf", (side.schema,))] for side in (old, new))
    nulls, more_nulls = (any(each.schema.get("type") == "null" for each in sides) for sides in (had, has))
    if is_asked and nulls and not more_nulls:
        yield f"{place}: may no longer be null"
    if not is_asked and more_nulls and not nulls:
        yield f"{place}: may be null now"
    shapes, others = ([each for each in sides if each.schema.get("type") != "null"] for sides in (had, has))
    if len(shapes) != len(others):
        yield f"{place}: {len(shapes)} alternatives, now {len(others)}"
    else:
        for was, now in zip(shapes, others, strict=True):
            yield from _values(was, now, place, is_asked=is_asked)


def _bounds(was: Json, now: Json, place: str) -> Iterator[str]:
    for word, way in _BOUNDS.items():
        if word in now and (word not in was or (now[word] - was[word]) * way > 0):
            yield f"{place}: {word} was {was.get(word)}, is {now[word]}"


def _fields(old: _Side, new: _Side, place: str, *, is_asked: bool) -> Iterator[str]:
    had, has = old.schema["properties"], new.schema.get("properties", {})
    needed, needs = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    for name, was in had.items():
        here = f"{place}.{name}"
        if name not in has:
            yield f"{here}: removed"
            continue
        if is_asked and name in needs - needed:
            yield f"{here}: required now"
        if not is_asked and name in needed - needs:
            yield f"{here}: may be missing now"
        yield from _values(old.at(was), new.at(has[name]), here, is_asked=is_asked)
    for name in has:
        if is_asked and name not in had and name in needs:
            yield f"{place}.{name}: new and required"
