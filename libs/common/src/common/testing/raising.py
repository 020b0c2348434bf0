"""Which refusals can leave a function: its raises, and those of all that it calls or hands on. No condition is read: what may be skipped counts."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any

from common.refusal import Refusal
from common.testing.naming import Known, Method, Names, Thing, Typed, classes, union

Refusals = frozenset[type[Refusal]]
NONE: Refusals = frozenset()


class Raising:
    """A walk through the functions of some packages. What lies outside them refuses nothing, nor do methods of classes that stand `apart`."""

    def __init__(self, *packages: str, apart: tuple[type, ...] = ()) -> None:
        self._packages, self._apart = packages, tuple(f"{kind.__module__}.{kind.__qualname__}." for kind in apart)
        self._raised: dict[FunctionType, Refusals] = {}
        self._asked: set[FunctionType] = set()
        self._is_growing = False

    def by(self, *functions: Callable[..., Any]) -> Refusals:
        """Every refusal that can leave one of these."""
        found, self._is_growing = NONE, True
        while self._is_growing:  # functions that call each other are asked again until nothing new comes of it
            self._is_growing, self._asked = False, set()
            found = NONE.union(*(self.through(function) for function in functions))
        return found

    def through(self, each: Any) -> Refusals:
        """What can come of a function, or of making an object of a class, as far as is known by now."""
        if isinstance(each, type):
            made = [vars(base).get(name) for base in each.__mro__ for name in ("__init__", "__post_init__")]
            return NONE.union(*(self.through(function) for function in made if isinstance(function, FunctionType)))
        function = self._own(each)
        if function is None:
            return NONE
        if function not in self._asked:
            self._asked.add(function)
            found = _Reading(self, function).raised()
            self._is_growing |= bool(found - self._raised.get(function, NONE))
            self._raised[function] = found | self._raised.get(function, NONE)
        return self._raised.get(function, NONE)

    def of_any(self, name: str, package: str) -> Refusals:
        """What can come of a method of this name, whosever it is: for a value of which nobody says what it is."""
        return NONE.union(*(self.through(function) for function in self._methods[package].get(name, ())))

    def _own(self, each: Any) -> FunctionType | None:
        """The function that somebody wrote in these packages, without what decorates it."""
        each = getattr(each, "__func__", each)
        each = each.func if isinstance(each, (functools.cached_property, functools.partial)) else each
        function = inspect.unwrap(each) if callable(each) else None
        if not isinstance(function, FunctionType) or function.__module__.split(".")[0] not in self._packages:
            return None
        is_made = function.__code__.co_filename.startswith("<") or function.__name__ == "<lambda>"
        return None if is_made or f"{function.__module__}.{function.__qualname__}".startswith(self._apart) else function

    @functools.cached_property
    def _methods(self) -> Mapping[str, Mapping[str, list[Any]]]:
        """By package and name; not of what all services share: there one word means many things."""
        found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for package in set(self._packages) - {"common"}:
            for module in [each for name, each in sys.modules.items() if name.split(".")[0] == package]:
                for kind in [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]:
                    for name, member in vars(kind).items():
                        found[package][name].append(member)
        return found


class _Reading:
    """One function, read from top to bottom."""

    def __init__(self, walk: Raising, function: FunctionType) -> None:
        self._walk, self._function, self._names = walk, function, Names(function)
        self._caught: list[Refusals] = []

    def raised(self) -> Refusals:
        return self._block(_body(self._function))

    def _block(self, statements: Iterable[ast.stmt]) -> Refusals:
        return NONE.union(*(self._statement(each) for each in statements))

    def _statement(self, node: ast.stmt) -> Refusals:
        if isinstance(node, ast.Raise):
            return self._raise(node)
        if isinstance(node, ast.Try):
            return self._try(node)
        self._names.learn(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self._block(node.body)
        return NONE.union(*(self._part(each) for each in ast.iter_child_nodes(node)))

    def _part(self, node: ast.AST) -> Refusals:
        if isinstance(node, ast.stmt):
            return self._statement(node)
        self._names.learn_within(node)
        found = NONE
        if isinstance(node, ast.Call):
            found |= self._call(node)
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            found |= self._named(node)
        return found.union(*(self._part(each) for each in ast.iter_child_nodes(node)))

    def _named(self, node: ast.Name | ast.Attribute) -> Refusals:
        """A function that is named may be called by whoever is handed it; a property is, at once."""
        thing = self._names.of(node)
        if isinstance(thing, Method):
            return self._walk.through(thing.function)
        if isinstance(thing, Known):
            return NONE if isinstance(thing.is_, type) else self._walk.through(thing.is_)
        if isinstance(node, ast.Name):
            return NONE
        members = (inspect.getattr_static(kind, node.attr, None) for kind in classes(self._names.of(node.value)))
        properties = (each for each in members if isinstance(each, (property, functools.cached_property)))
        return NONE.union(*(self._walk.through(each.fget if isinstance(each, property) else each) for each in properties))

    def _call(self, node: ast.Call) -> Refusals:
        called = self._names.of(node.func)
        if isinstance(called, Known):
            return self._walk.through(called.is_)
        if isinstance(called, Typed):
            return NONE.union(*(self._walk.through(inspect.getattr_static(kind, "__call__", None)) for kind in classes(called)))
        if called is None and isinstance(node.func, ast.Attribute) and not self._is_foreign(self._names.of(node.func.value)):
            return self._walk.of_any(node.func.attr, self._function.__module__.split(".")[0])
        return NONE

    def _is_foreign(self, value: Thing) -> bool:
        """Known to be of a class that has no such method of ours."""
        kinds = classes(value)
        return isinstance(value, Known) or (bool(kinds) and Any not in kinds)

    def _raise(self, node: ast.Raise) -> Refusals:
        again = self._caught[-1] if self._caught else NONE
        if node.exc is None:
            return again
        thing = self._names.of(node.exc)
        kinds = [thing.is_] if isinstance(thing, Known) else classes(thing)
        said = frozenset(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Refusal))
        if isinstance(node.exc, ast.Name) and Refusal in said:  # what was caught, by its name
            return said - {Refusal} | again
        return said | self._part(node.exc)

    def _try(self, node: ast.Try) -> Refusals:
        found, left = self._block(node.body), NONE
        for handler in node.handlers:
            kinds = self._names.kinds(handler.type)
            caught = frozenset(each for each in found if issubclass(each, kinds))
            found -= caught
            if handler.name:
                self._names.give(handler.name, union(kinds))
            self._caught.append(caught)
            left |= self._block(handler.body)
            self._caught.pop()
        return found | left | self._block(node.orelse) | self._block(node.finalbody)


@functools.cache
def _body(function: FunctionType) -> list[ast.stmt]:
    """What stands in it. A walk comes by several times, and one walk after the other."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)), function
    return node.body
