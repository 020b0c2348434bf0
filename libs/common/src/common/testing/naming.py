"""What the names and expressions of a function stand for, as far as annotations say: which classes, and what a call gives back."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import sys
import typing
from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType, UnionType
from typing import Any, NamedTuple, Self, TypeVar


class Known(NamedTuple):
    """An object that the source names: a function, a class, a module."""

    is_: Any


class Typed(NamedTuple):
    """A value of which only the annotation is known."""

    as_: Any


class Method(NamedTuple):
    """A function found on a value; `owner` is what `self` or `cls` is."""

    function: FunctionType
    owner: Any


Thing = Known | Typed | Method | None
"""What an expression stands for; None: nobody says."""
_KEEP_THEIR_ELEMENTS = (list, set, tuple, frozenset, sorted, reversed)


class Names:
    """The names in one function, learnt from top to bottom."""

    def __init__(self, function: FunctionType) -> None:
        self._around = vars(builtins) | function.__globals__ | dict(inspect.getclosurevars(function).nonlocals)
        self._own: dict[str, Thing] = {}
        known, owner = _hints(function), _owner(function)
        for nth, name in enumerate(_parameters(function)):
            self._own[name] = Typed(known[name]) if name in known else None
            if nth == 0 and owner is not None and name in ("self", "cls"):
                self._own[name] = Typed(owner) if name == "self" else Known(owner)

    def give(self, name: str, thing: Thing) -> None:
        self._own[name] = thing

    def learn(self, node: ast.stmt) -> None:
        """The names that a statement sets."""
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._bind(target, self.of(node.value))
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._own[name] = self._annotated(node.annotation)
            case ast.For() | ast.AsyncFor():
                self._bind(node.target, _element(self.of(node.iter)))
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, self._entered(item.context_expr))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                    self._own[each.arg] = self._annotated(each.annotation)

    def learn_within(self, node: ast.AST) -> None:
        """The names that an expression sets."""
        if isinstance(node, ast.NamedExpr):
            self._bind(node.target, self.of(node.value))
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            for each in node.generators:
                self._bind(each.target, _element(self.of(each.iter)))

    def of(self, node: ast.expr) -> Thing:
        """What the expression stands for."""
        match node:
            case ast.Name(id=name):
                return self._own[name] if name in self._own else Known(self._around[name]) if name in self._around else None
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.of(value)
            case ast.Attribute(value=value, attr=attribute):
                return _attribute(self.of(value), attribute)
            case ast.Call():
                return self._given_back(node)
            case ast.IfExp() | ast.BoolOp():
                ways = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
                return next((thing for way in ways if (thing := self.of(way))), None)
            case ast.Subscript(value=value):
                arguments = _arguments(self.of(value))
                return Typed(arguments[-1]) if arguments else None
            case ast.ListComp(elt=one) | ast.GeneratorExp(elt=one) | ast.SetComp(elt=one):
                self.learn_within(node)
                thing = self.of(one)
                return Typed(list.__class_getitem__(thing.as_)) if isinstance(thing, Typed) else None
        return Typed(type(node.value)) if isinstance(node, ast.Constant) else None

    def kinds(self, node: ast.expr | None) -> tuple[type, ...]:
        """The exceptions that a handler names."""
        if isinstance(node, ast.Tuple):
            return tuple(kind for each in node.elts for kind in self.kinds(each))
        thing = Known(BaseException) if node is None else self.of(node)
        named = thing.is_ if isinstance(thing, Known) else ()
        return named if isinstance(named, tuple) else (named,)

    def _bind(self, target: ast.expr, thing: Thing) -> None:
        if isinstance(target, ast.Name):
            self._own[target.id] = thing
        elif isinstance(target, (ast.Tuple, ast.List)):
            is_named = isinstance(thing, Typed) and hasattr(thing.as_, "_fields")
            parts = list(_hints(thing.as_).values()) if is_named and isinstance(thing, Typed) else list(_arguments(thing))
            for each, part in zip(target.elts, parts if len(parts) == len(target.elts) else [None] * len(target.elts), strict=True):
                self._bind(each, None if part is None else Typed(part))

    def _annotated(self, node: ast.expr | None) -> Thing:
        found = None if node is None else _evaluated(ast.unparse(node), self._around)
        return None if found is None else Typed(found)

    def _entered(self, node: ast.expr) -> Thing:
        """What a context gives: `asynccontextmanager` makes one of an iterator."""
        thing = self.of(node)
        if _arguments(thing):
            return _element(thing)
        for kind in classes(thing):
            enter = inspect.getattr_static(kind, "__aenter__", None) or inspect.getattr_static(kind, "__enter__", None)
            return _returned(enter, kind, []) if isinstance(enter, FunctionType) else thing
        return None

    def _given_back(self, node: ast.Call) -> Thing:
        called, given = self.of(node.func), [self.of(each) for each in node.args]
        if isinstance(called, Known) and called.is_ in _KEEP_THEIR_ELEMENTS and given:
            return given[0]
        if isinstance(called, Known):
            return Typed(called.is_) if isinstance(called.is_, type) else _returned(called.is_, None, given)
        if isinstance(called, Method):
            return _returned(called.function, called.owner, given)
        for kind in classes(called):
            call = inspect.getattr_static(kind, "__call__", None)
            return _returned(call, kind, given) if isinstance(call, FunctionType) else None
        return self._of_mapping(node.func)

    def _of_mapping(self, called: ast.expr) -> Thing:
        """What `values`, `get` and `pop` of a mapping give."""
        if not isinstance(called, ast.Attribute) or called.attr not in ("values", "get", "pop"):
            return None
        arguments = _arguments(self.of(called.value))
        if len(arguments) != 2:
            return None
        return Typed(list.__class_getitem__(arguments[1]) if called.attr == "values" else arguments[1])


def classes(thing: Thing) -> list[Any]:
    """The classes of which the value may be an object; `Any` among them where the annotation says so."""
    waiting, found = [thing.as_] if isinstance(thing, Typed) else [], list[Any]()
    while waiting:
        hint = waiting.pop()
        origin = typing.get_origin(hint)
        if origin is typing.Annotated:
            waiting.append(typing.get_args(hint)[0])
        elif origin in (typing.Union, UnionType):
            waiting += [each for each in typing.get_args(hint) if each is not type(None)]
        elif isinstance(hint, TypeVar):
            waiting.append(hint.__bound__ or Any)
        elif isinstance(hint, type) or hint is Any:
            found.append(hint)
        elif isinstance(origin, type):
            found.append(origin)
    return found


def union(kinds: tuple[type, ...]) -> Typed:
    """A value of one of these."""
    return Typed(typing.Union[kinds])  # noqa: UP007 - of a tuple


def _attribute(thing: Thing, name: str) -> Thing:
    if isinstance(thing, Known):
        return _member(thing.is_, name)
    for kind in classes(thing):
        found = inspect.getattr_static(kind, name, None)
        if isinstance(found, property):
            return _returned(found.fget, kind, [])
        if isinstance(found, functools.cached_property):
            return _returned(found.func, kind, [])
        if isinstance(found, (FunctionType, classmethod, staticmethod)):
            return Method(_plain(found), kind)
        if name in (known := _hints(kind)):
            return Typed(known[name])
    return None


def _member(held: Any, name: str) -> Thing:
    """Of an object that is there: a module, a class, or one made when a module was read."""
    found = inspect.getattr_static(held, name, None)
    if isinstance(held, ModuleType) or isinstance(found, type):
        return Known(found) if found is not None else None
    if isinstance(found, (classmethod, staticmethod, FunctionType)):
        return Method(_plain(found), held if isinstance(held, type) else type(held))
    return None if isinstance(held, type) else _attribute(Typed(type(held)), name)


def _plain(found: Any) -> Any:
    """The function in a class method, and in what decorates it."""
    return inspect.unwrap(getattr(found, "__func__", found))


def _returned(function: Any, owner: Any, given: list[Thing]) -> Thing:
    """What the annotation of its result says, `Self` and type variables filled in from what it is given."""
    function = inspect.unwrap(function) if callable(function) else function
    known = _hints(function)
    if "return" not in known:
        return None
    filled: dict[Any, Any] = {Self: owner}
    names = [name for name in _parameters(function) if name not in ("self", "cls")]
    for name, thing in zip(names, given, strict=False):
        hint = known.get(name)
        for variable in _variables(hint):
            if isinstance(thing, Known) and isinstance(thing.is_, type):
                filled[variable] = thing.is_
            elif isinstance(thing, Typed) and (isinstance(hint, TypeVar) or _arguments(thing)):
                filled[variable] = thing.as_ if isinstance(hint, TypeVar) else _arguments(thing)[0]
    return Typed(_filled(known["return"], filled))


def _filled(hint: Any, filled: Mapping[Any, Any]) -> Any:
    """The annotation with what is known of its variables."""
    if hint is Self or isinstance(hint, TypeVar):
        return filled.get(hint) or getattr(hint, "__bound__", None) or Any
    arguments = typing.get_args(hint)
    if not arguments or not (Self in arguments or list(_variables(hint))):
        return hint
    known = tuple(_filled(each, filled) for each in arguments)
    origin = typing.get_origin(hint)
    return union(known).as_ if origin in (typing.Union, UnionType) else origin[known]


def _variables(hint: Any) -> Iterator[Any]:
    if isinstance(hint, TypeVar):
        yield hint
    for each in typing.get_args(hint):
        yield from _variables(each)


def _arguments(thing: Thing) -> tuple[Any, ...]:
    return typing.get_args(thing.as_) if isinstance(thing, Typed) else ()


def _element(thing: Thing) -> Thing:
    """Of a list and the like, one of it; of a mapping, a key."""
    arguments = _arguments(thing)
    return Typed(arguments[0]) if arguments else None


@functools.cache
def _hints(of: Any) -> Mapping[str, Any]:
    """The annotations as objects; what is named only while types are checked is left out."""
    try:
        return typing.get_type_hints(of)
    except (TypeError, NameError):
        written = {} if isinstance(of, type) else getattr(of, "__annotations__", {})
    found = {name: _evaluated(text, of.__globals__) if isinstance(text, str) else text for name, text in written.items()}
    return {name: hint for name, hint in found.items() if hint is not None}


def _evaluated(text: str, names: Mapping[str, Any]) -> Any:
    try:
        return eval(text, dict(names))  # noqa: S307 - an annotation, of our own or of a library
    except (NameError, AttributeError, TypeError):
        return None


def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _owner(function: FunctionType) -> type | None:
    """The class whose method it is."""
    held: Any = sys.modules[function.__module__]
    for name in function.__qualname__.split(".")[:-1]:
        held = getattr(held, name, None)
    return held if isinstance(held, type) else None
