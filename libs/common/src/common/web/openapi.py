"""The OpenAPI document of a service, complete: tasks in order, every refusal, a worked example of every body, answer and parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from common.refusal import Invalid, Refusal, TooLarge
from common.web.bodies import TooSlow
from common.web.examples import Examples
from common.web.intake import BrokenOff
from common.web.line import Overloaded
from common.web.problems import MEDIA_TYPE, Busy, Problem, Unexpected, refusals
from common.web.tasks import Task

Json = dict[str, Any]
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")


class TwoProblemsWithOneCode(Exception):
    """A code must mean one thing, at least within a service."""


def document(
    made: Json, routers: Sequence[APIRouter], tasks: Sequence[Task], example_ids: Mapping[str, str], *, everywhere: Sequence[type[Refusal]]
) -> Json:
    """FastAPI's document, completed in place. `everywhere`: how every route of the application refuses."""
    schemas: Json = made["components"]["schemas"]
    _, problems = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas |= problems["$defs"]
    for unused in _FASTAPIS_OWN:
        schemas.pop(unused, None)
    examples = Examples(made, example_ids)
    routes = {route.operation_id: route for router in routers for route in router.routes if isinstance(route, APIRoute)}
    for path, method, operation in operations(made):
        _name_clause(operation, tasks)
        _list_refusals(operation, (*everywhere, *_refusals_of(routes[operation["operationId"]].dependant)))
        _work_out(operation, examples, f"{method.upper()} {path}")
    _say_problems_once(made)
    _leave_out_what_is_for_programmers(made)
    made["tags"] = [{"name": task.name, "description": task.description} for task in tasks]
    return made


def operations(made: Json) -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation of everything in a document."""
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _name_clause(operation: Json, tasks: Sequence[Task]) -> None:
    """Whoever reads what an operation does reads which article it serves."""
    clause = next(task.clause for task in tasks if task.name in operation["tags"])
    if clause:
        operation["description"] = f"{operation.get('description', '')}（依据：{clause}）".lstrip()


def _list_refusals(operation: Json, common: Sequence[type[Refusal]]) -> None:
    """What the route declares, and what it has in common with others."""
    types: list[type[Refusal]] = [*common, Overloaded, BrokenOff, Busy, Unexpected]
    if "requestBody" in operation or operation.get("parameters"):
        types.append(Invalid)
    if "requestBody" in operation:
        types += [TooLarge, TooSlow]
    for status, listed in refusals(*types).items():
        response = operation["responses"].setdefault(str(status), {})
        own = response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
        examples = listed["content"][MEDIA_TYPE]["examples"] | own
        operation["responses"][str(status)] = {
            "description": "；".join(dict.fromkeys(example["summary"] for example in examples.values())),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
        }
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _say_problems_once(made: Json) -> None:
    """Many operations refuse alike: each example of a problem stands in the components, operations refer to it."""
    held: Json = made["components"].setdefault("examples", {})
    for _, _, operation in operations(made):
        for response in operation["responses"].values():
            examples = response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
            for code, example in examples.items():
                if held.setdefault(code, example) != example:
                    raise TwoProblemsWithOneCode(code)
                examples[code] = {"$ref": f"#/components/examples/{code}"}


def _refusals_of(dependant: Dependant) -> Iterator[type[Refusal]]:
    for each in dependant.dependencies:
        yield from getattr(each.call, "refuses", ())
        yield from _refusals_of(each)


def _work_out(operation: Json, examples: Examples, where: str) -> None:
    """An example of the body, of the answer and of each parameter: of one that must be given as what a form begins with, of others in words."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header":
            continue
        example = examples.of(parameter["schema"], parameter["name"], where=f"{where} {parameter['name']}", is_asked_for=True)
        if parameter["required"]:
            parameter["example"] = example
            parameter.setdefault("description", "这一条的编号：列表或登记结果里的 id")
        else:
            parameter["schema"]["examples"] = [example]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if media_type == "application/json":
            content["example"] = examples.of(content["schema"], "", where=f"{where} body")
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response["description"] = _SUCCESS[status]
            for media_type, content in response.get("content", {}).items():
                if media_type == "application/json":
                    content["example"] = examples.of(content["schema"], "", where=f"{where} answer")


def _leave_out_what_is_for_programmers(node: Any) -> None:
    """Titles that Pydantic makes of names, and docstrings: the pages are for operators, and Chinese."""
    if isinstance(node, list):
        for each in node:
            _leave_out_what_is_for_programmers(each)
    elif isinstance(node, dict):
        for word in ("title", "description"):
            if isinstance(said := node.get(word), str) and not _CHINESE.search(said):
                del node[word]
        for name, each in node.items():
            if name not in ("example", "examples"):
                _leave_out_what_is_for_programmers(each)


_CHINESE = re.compile("[\u4e00-\u9fff]")
_SUCCESS = {"200": "成功", "201": "已登记", "202": "已受理，任务在后台进行"}
