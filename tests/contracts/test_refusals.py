"""Every refusal that an operation's code can raise is listed on its page: found by walking from each route through all that it calls."""

import functools
import importlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from common.refusal import Conflict, Invalid, Refusal
from common.testing.raising import Raising
from common.web.acting import Acting, ActingOnMany
from common.web.application import face
from common.web.openapi import operations
from common.web.reading import Reading_
from contracts.compatibility import OWNERS

APART = (Acting, ActingOnMany, Reading_)
"""How these refuse is said by the dependencies that make them: not every one of them in every way."""
IMPOSSIBLE = {
    ("register_organisation", "organisation-closed"): "it is new",
    ("recognise", "accepted-after-validity"): "it is new",
    ("recognise", "assessed-outside-validity"): "it is new",
    ("report_other_benefit", "other-benefit-already-withdrawn"): "it is new",
    ("announce_reporting_year", "year-already-closed"): "it is new",
    ("confirm_placements", "already-confirmed"): "those that are confirmed are left out",
    ("annul_sitting", "already-revoked"): "those that are revoked are left out",
    ("annul_sitting", "revoked-before-issue"): "it is revoked today, and nothing is issued in the future",
    ("annul_sitting", "revoked-in-future"): "it is revoked today",
    ("enrol", "completed-before-class"): "a new participation has not been completed",
    ("enrol", "completed-before-enrolled"): "a new participation has not been completed",
    ("enrol", "refunded-more-than-charged"): "of a new participation nothing has been refunded",
    ("complete_participation", "refunded-more-than-charged"): "the sums stay as they were when they were in order",
    ("drop_participation", "refunded-more-than-charged"): "the sums stay as they were when they were in order",
    ("drop_participation", "completed-before-class"): "who has completed the class does not drop out of it",
    ("quote_class", "refused-there"): "what awards refuses has awards' codes: they are compared below",
    **{
        (f"import_{kind}", "not-found"): "the job has just been entered for the caller"
        for kind in (
            "persons",
            "employment",
            "insurance",
            "students",
            "other_benefits",
            "certificates",
            "exam_entries",
            "titles",
            "placements",
            "roster",
            "prior_payments",
        )
    },
    **{
        (f"{service}_{act}_dead_letters", "not-found"): "they have just been selected, and dead letters are never removed"
        for service in OWNERS
        for act in ("replay", "discard")
    },
}
"""What the walk finds because it reads no conditions, and why it cannot be."""


class Operation(NamedTuple):
    service: str
    name: str
    listed: frozenset[str]
    raised: frozenset[str]


def routes(under: Any) -> Iterator[APIRoute]:
    for route in under:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from routes(getattr(getattr(route, "original_router", route), "routes", ()))


def asked(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Everything that runs before the route does."""
    for each in dependant.dependencies:
        if each.call:
            yield each.call
        yield from asked(each)


def codes(operation: dict[str, Any]) -> frozenset[str]:
    contents = (response.get("content", {}).get("application/problem+json", {}) for response in operation["responses"].values())
    return frozenset(code for content in contents for code in content.get("examples", ()))


@functools.cache
def of(service: str) -> tuple[Operation, ...]:
    app: FastAPI = face(importlib.import_module(f"{service}.app").service)
    walk, by_name = Raising("common", service, apart=APART), {route.operation_id: route for route in routes(app.routes)}
    found = []
    for _, _, operation in operations(app.openapi()):
        route = by_name[operation["operationId"]]
        raised = frozenset(refusal.code for refusal in walk.by(route.endpoint, *asked(route.dependant)))
        found.append(Operation(service, operation["operationId"], codes(operation), raised))
    return tuple(found)


@pytest.mark.parametrize("service", OWNERS)
def test_an_operation_lists_every_refusal_that_its_code_can_raise(service: str) -> None:
    missing = {(each.name, code) for each in of(service) for code in each.raised - each.listed}

    assert missing - IMPOSSIBLE.keys() == set()


def test_what_is_said_to_be_impossible_is_still_found() -> None:
    """Otherwise the exception would outlive its reason, and cover what comes after it."""
    assert IMPOSSIBLE.keys() <= {(each.name, code) for service in OWNERS for each in of(service) for code in each.raised - each.listed}


def test_what_awards_refuses_of_a_quote_is_listed_where_training_passes_it_on() -> None:
    listed = {each.name: each.listed for service in ("awards", "training") for each in of(service)}

    assert listed["quote"] <= listed["quote_class"]


# What the walk must find, and what not: a small domain of its own.


class Locked(Conflict): ...


class Broken(Conflict): ...


class Unreadable(Invalid): ...


T = TypeVar("T", bound="Door")


class Door:
    def open(self) -> None:
        if self.is_locked:
            raise Locked

    @property
    def is_locked(self) -> bool:
        raise Broken

    @classmethod
    def built(cls) -> "Door":
        return cls()


class Plain(Door):
    @property
    def is_locked(self) -> bool:
        return False


class House:
    doors: list[Door]


def find(kind: type[T]) -> T:
    return kind()


def read() -> int:
    raise Unreadable


def annotated(door: Door) -> None:
    door.open()


def of_a_generic_call() -> None:
    door = find(Door)
    door.open()


def of_each(house: House) -> None:
    for door in house.doors:
        door.open()


def of_a_class_method() -> None:
    Door.built().open()


def handed_on(run: Callable[..., Any]) -> None:
    run(read)


def caught() -> None:
    try:
        read()
    except Invalid:
        return


def caught_and_raised_again() -> None:
    try:
        read()
    except Refusal as refusal:
        refusal.detail = "elsewhere"
        raise


def caught_as_another() -> None:
    try:
        read()
    except Refusal as refusal:
        raise Locked from refusal


def the_other_is_not_caught(door: Door) -> None:
    try:
        door.open()
    except Locked:
        return


def each_calls_the_other(depth: int) -> None:
    if depth:
        and_back(depth - 1)


def and_back(depth: int) -> None:
    each_calls_the_other(depth)
    read()


def nobody_says_what(thing: Any) -> None:
    thing.open()


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (annotated, {Locked, Broken}),
        (of_a_generic_call, {Locked, Broken}),
        (of_each, {Locked, Broken}),
        (of_a_class_method, {Locked, Broken}),
        (Plain.open, {Locked, Broken}),
        (handed_on, {Unreadable}),
        (caught, set()),
        (caught_and_raised_again, {Unreadable}),
        (caught_as_another, {Locked}),
        (the_other_is_not_caught, {Broken}),
        (each_calls_the_other, {Unreadable}),
        (nobody_says_what, {Locked, Broken}),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_the_walk_finds_what_can_be_raised_and_leaves_out_what_is_caught(
    function: Callable[..., Any], expected: set[type[Refusal]]
) -> None:
    assert Raising(__name__.split(".")[0]).by(function) == expected


def test_methods_that_stand_apart_are_not_walked() -> None:
    assert Raising(__name__.split(".")[0], apart=(Door,)).by(annotated) == set()
