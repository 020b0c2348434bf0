"""What an operator may see of a message that cannot be read: the fields of its contract, and those values that cannot name a person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from common.bus.fact import FactModel
from common.observability.redaction import REDACTED

# Ids, days, instants, and codes of up to seven digits (regions, occupations), which are shorter than any telephone number.
_HARMLESS = re.compile(
    r"[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}"
    r"|\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?)?"
    r"|(\d-?){1,7}",
    re.ASCII,
)
_LONGEST = 40
_MOST_DIGITS = 10
"""One more names a telephone, two an account; and whoever writes either as a number may write it with a point."""
_DEEPEST = 8
UNKNOWN = "（未知字段）"


class Vocabulary(NamedTuple):
    """The names of a contract's fields, and the words that its fields may hold where these are listed."""

    fields: frozenset[str]
    words: frozenset[str]


NO_WORDS = Vocabulary(frozenset(), frozenset())


@cache
def vocabulary(contract: type[FactModel]) -> Vocabulary:
    """Of the contract and of its parts."""
    schema = contract.model_json_schema()
    fields = frozenset(name for part in (schema, *schema.get("$defs", {}).values()) for name in part.get("properties", {}))
    return Vocabulary(fields, frozenset(word for word in _listed(schema) if isinstance(word, str)))


def _listed(schema: Any) -> Iterator[Any]:
    match schema:
        case dict():
            yield from schema.get("enum", ())
            if "const" in schema:
                yield schema["const"]
            for part in schema.values():
                yield from _listed(part)
        case list():
            for part in schema:
                yield from _listed(part)


def masked(payload: bytes, known: Vocabulary) -> Any:
    """The payload with known fields and harmless values; of every other value only what it is and how long. None when it is no JSON."""
    try:
        return _masked(json.loads(payload), known, _DEEPEST)
    except (ValueError, RecursionError):
        return None


def _masked(value: Any, known: Vocabulary, depth: int) -> Any:
    match value:
        case dict() if depth:
            shown = {name: _masked(item, known, depth - 1) for name, item in value.items() if name in known.fields}
            unknown = len(value.keys() - known.fields)
            return shown | ({UNKNOWN: f"{unknown} 个"} if unknown else {})
        case list() if depth:
            return [_masked(item, known, depth - 1) for item in value[:_LONGEST]]
        case dict() | list():
            return f"（{len(value)} 项）"
        case str() if value in known.words or (len(value) <= _LONGEST and _HARMLESS.fullmatch(value)):
            return value
        case str():
            return f"（文字，{len(value)} 字）"
        case int() | float() if sum(digit.isdigit() for digit in repr(value)) > _MOST_DIGITS:
            return REDACTED
        case _:
            return value
