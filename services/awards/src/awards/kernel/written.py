"""A scheme written out as data and read back: what decided years ago decides again, whatever the program has become since.

The data holds the whole tree with the words that an explanation needs, and the facts of its ground. It is kept under the rule's hash, beside
the figures that are kept under theirs: with the ground of a decision record that is all that a replay asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from awards.kernel.ground import Fact, Ground
from awards.kernel.kinds import Unit
from awards.kernel.scheme import Fund, Requirement, Scheme
from awards.kernel.terms import Compare, Term

Written = dict[str, Any]
"""JSON-safe."""
_OF_A_FACT = ("label", "open_until", "open_for", "act", "chosen", "falls", "may_come", "never")
_OF_A_SCHEME = (
    "id",
    "clause",
    "title",
    "contact",
    "fund",
    "once_per",
    "prefer",
    "applies_to",
    "conditions",
    "amount",
    "payee",
    "closing",
    "expires",
)


def written(scheme: Scheme[Any]) -> Written:
    """Everything that decides and everything that is said about it."""
    ground = scheme.ground
    facts = {name: {each: getattr(fact, each) for each in _OF_A_FACT} | _unit_and_words(fact) for name, fact in ground.facts.items()}
    return {
        "ground": {"kind": ground.__name__, "identified_by": list(ground.identified_by), "facts": facts},
        "judged_on": scheme.judged_on.name,
        **{name: _write(getattr(scheme, name)) for name in _OF_A_SCHEME},
    }


def _unit_and_words(fact: Fact[Any]) -> Written:
    return {
        "unit": fact.unit.name,
        "words": list(fact.words) if fact.words else None,
        "names": [[number, name] for number, name in fact.names.items()],
    }


def _write(value: Any) -> Any:
    if isinstance(value, Fact):
        return {"fact": value.name}
    if isinstance(value, Compare):
        return {"word": "Compare", "left": _write(value.left), "sign": value.sign, "right": _write(value.right)}
    if isinstance(value, Term | Requirement):
        own = fields(value) if hasattr(value, "__dataclass_fields__") else ()  # type: ignore[arg-type]
        return {"word": type(value).__name__} | {each.name: _write(getattr(value, each.name)) for each in own}
    if isinstance(value, Unit | Fund):
        return {type(value).__name__.lower(): value.name}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Mapping):
        return {"by": [[key, _write(each)] for key, each in value.items()]}
    return [_write(each) for each in value] if isinstance(value, tuple) else value


def read(data: Mapping[str, Any]) -> Scheme[Any]:
    """The scheme as it was: its hash, its decisions and its explanations are the same."""
    ground = _ground(data["ground"])
    reader = _Reader(ground)
    own = {name: reader.read(data[name] if name != "expires" else data.get(name, False)) for name in _OF_A_SCHEME}
    return Scheme(ground=ground, judged_on=ground.facts[data["judged_on"]], **own)


def _ground(data: Mapping[str, Any]) -> type[Ground]:
    facts: dict[str, Any] = {
        name: Fact(
            # What was written before facts could say so says nothing of it.
            **{each: fact.get(each, False) for each in _OF_A_FACT},
            unit=Unit[fact["unit"]],
            words=tuple(fact["words"]) if fact["words"] else None,
            names=dict(fact.get("names", ())),
        )
        for name, fact in data["facts"].items()
    }
    return type(data["kind"], (Ground,), {"identified_by": tuple(data["identified_by"]), **facts})


class _Reader:
    """Reads terms about one ground. One fact is one object, and so is one parameter: a rule compares them as such."""

    def __init__(self, ground: type[Ground]) -> None:
        self._ground = ground
        self._words = {word.__name__: word for word in (Requirement, *_descendants(Term))}
        self._parameters: dict[str, Any] = {}

    def read(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(self.read(each) for each in value)
        if not isinstance(value, dict):
            return value
        if "word" in value:
            return self._term(value["word"], {name: self.read(each) for name, each in value.items() if name != "word"})
        ((kind, held),) = value.items()
        match kind:
            case "fact":
                return self._ground.facts[held]
            case "unit":
                return Unit[held]
            case "fund":
                return Fund[held]
            case "day":
                return date.fromisoformat(held)
            case _:
                return {key: self.read(each) for key, each in held}

    def _term(self, word: str, own: dict[str, Any]) -> Any:
        if word != "Parameter":
            return self._words[word](**own)
        return self._parameters.setdefault(own["name"], self._words[word](**own))


def _descendants(kind: type) -> Iterator[type]:
    each: type
    for each in kind.__subclasses__():
        yield each
        yield from _descendants(each)
