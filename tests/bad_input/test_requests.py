"""Requests that are wrong, to every operation that the services declare: a refusal that names the place, never a fall."""

from typing import Any

import httpx2
import pytest
from asking import Operation, Place, but, operations, places, problem
from desk import Desk

NUL, HALF, CONTROL = "某\x00人", "某\ud800人", "某\x1b人"
LONG = "x" * 200_000
_WRONG_TYPES: list[Any] = [None, True, -1, 10**30, "", "文", [], {"": 1}, float("nan")]


@pytest.fixture
async def all_operations(desk: Desk) -> list[Operation]:
    found = await operations(desk)
    assert len(found) > 85, len(found)
    return found


@pytest.fixture
def with_body(all_operations: list[Operation]) -> list[Operation]:
    found = [each for each in all_operations if each.body is not None]
    assert len(found) > 30, len(found)
    return found


def pointers(answer: httpx2.Response) -> list[str]:
    return [fault["pointer"] for fault in problem(answer)["faults"]]


def texts(body: Any) -> list[Place]:
    return [at for at, value in places(body) if isinstance(value, str)]


def pointer(at: Place) -> str:
    return "/" + "/".join(["body", *map(str, at)])


def is_of_a_contract(operation: Operation, at: Place) -> bool:
    """Readers of facts pass over what they do not know, and leave lengths to the owner."""
    return (operation.name.rpartition("_")[2], at[:1]) in {("quote", ("class",)), ("letter", ("data",)), ("letter", ("changes",))}


async def test_the_examples_are_right_bodies(desk: Desk, with_body: list[Operation]) -> None:
    answers = {operation.name: await operation.ask(desk, body=operation.body) for operation in with_body}

    assert {
        name: answer.json()["faults"] for name, answer in answers.items() if answer.status_code == 422 and answer.json()["faults"]
    } == {}


async def test_a_text_that_no_keyboard_writes_is_refused_wherever_it_stands(desk: Desk, with_body: list[Operation]) -> None:
    tried = 0
    for operation in with_body:
        body = operation.body
        for at in texts(body):
            for text in (NUL, HALF, CONTROL):
                answer = await operation.ask(desk, body=but(body, at, text))
                assert (answer.status_code, pointers(answer)) == (422, [pointer(at)]), (operation.name, at)
                tried += 1
    assert tried > 250


async def test_a_text_that_is_too_long_is_refused_wherever_it_stands(desk: Desk, with_body: list[Operation]) -> None:
    for operation in with_body:
        body = operation.body
        for at in (place for place in texts(body) if not is_of_a_contract(operation, place)):
            answer = await operation.ask(desk, body=but(body, at, LONG))
            assert (answer.status_code, problem(answer, never="xxxx")["code"]) == (422, "invalid"), (operation.name, at)


@pytest.mark.slow
async def test_a_value_of_another_kind_never_makes_a_service_fall(desk: Desk, with_body: list[Operation]) -> None:
    for operation in with_body:
        body = operation.body
        for at, _ in places(body):
            for value in _WRONG_TYPES:
                answer = await operation.ask(desk, body=but(body, at, value))
                assert answer.status_code < 500, (operation.name, at, value)
                if answer.status_code >= 400:
                    problem(answer)


async def test_yes_and_no_are_true_and_false_and_nothing_like_them(desk: Desk, with_body: list[Operation]) -> None:
    tried = 0
    for operation in with_body:
        body = operation.body
        for at, value in places(body):
            if isinstance(value, bool) and not is_of_a_contract(operation, at):
                for instead in (0, 1, "true", "否"):
                    answer = await operation.ask(desk, body=but(body, at, instead))
                    assert (answer.status_code, pointers(answer)) == (422, [pointer(at)]), (operation.name, at, instead)
                    tried += 1
    assert tried >= 20


async def test_a_number_that_no_column_holds_is_refused_wherever_it_is_asked_for(desk: Desk, all_operations: list[Operation]) -> None:
    tried = 0
    for operation in all_operations:
        numbers = [name for name, schema in operation.parameters("query").items() if schema.get("type") == "integer"]
        for name in numbers if operation.method == "GET" else ():
            for number in (2**31, 2**63, 10**30):
                assert problem(await operation.ask(desk, params={name: str(number)}))["status"] == 422, (operation.name, name)
                tried += 1
    assert tried >= 30


async def test_an_unknown_field_is_refused_at_every_depth(desk: Desk, with_body: list[Operation]) -> None:
    for operation in with_body:
        body = operation.body
        for at, value in places(body):
            is_a_map = at[-1:] == ("appraisal_fees",)
            if isinstance(value, dict) and not is_of_a_contract(operation, at) and not is_a_map:
                answer = await operation.ask(desk, body=but(body, at, value | {"unknown_field": 1}))
                assert (answer.status_code, pointers(answer)) == (422, [pointer((*at, "unknown_field"))]), (operation.name, at)


async def test_a_field_name_that_is_none_is_not_repeated(desk: Desk, with_body: list[Operation]) -> None:
    for operation in with_body:
        for name in ("320599199001010013", "某人", "某\ud800"):
            answer = await operation.ask(desk, body=operation.body | {name: 1})
            assert answer.status_code == 422
            problem(answer, never=name if name.isprintable() else "")


@pytest.mark.parametrize("content", [b"", b"[]", b'"x"', b"1", b"null", b'{"a": ', b"\xff\xfe", b"[" * 100_000, b'{"a": 1}}'])
async def test_a_body_that_is_no_object_is_refused(desk: Desk, with_body: list[Operation], content: bytes) -> None:
    for operation in with_body:
        assert problem(await operation.ask(desk, body=content))["status"] == 422, operation.name


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_a_body_of_another_kind_is_refused(desk: Desk, with_body: list[Operation], media_type: str) -> None:
    for operation in with_body:
        answer = await operation.ask(desk, body=operation.body, headers={"Content-Type": media_type})
        assert problem(answer)["status"] == 422, operation.name


async def test_a_creation_without_idempotency_key_is_refused_and_so_is_one_that_is_none(
    desk: Desk, all_operations: list[Operation]
) -> None:
    creating = [each for each in all_operations if "idempotency-key" in each.parameters("header")]
    assert len(creating) >= 12
    for operation in creating:
        refused = [await operation.ask(desk, body=operation.body, headers={"Idempotency-Key": key}) for key in (None, "short", "k" * 129)]
        assert [problem(answer)["code"] for answer in refused] == ["idempotency-key-missing", "invalid", "invalid"], operation.name


async def test_a_change_must_say_its_version(desk: Desk, all_operations: list[Operation]) -> None:
    changing = [each for each in all_operations if "if-match" in each.parameters("header")]
    assert len(changing) >= 20
    for operation in changing:
        sent: dict[str, Any] = {} if operation.body is None else {"body": operation.body}
        refused = [await operation.ask(desk, headers={"If-Match": given}, **sent) for given in (None, "1", 'W/"1"', '"x"', "*", '"1", "2"')]
        assert [answer.status_code for answer in refused] == [428, 422, 422, 422, 422, 422], operation.name
        assert {problem(answer)["code"] for answer in refused[1:]} == {"etag-malformed"}


async def test_an_id_that_is_none_is_refused(desk: Desk, all_operations: list[Operation]) -> None:
    for operation in all_operations:
        for name, schema in operation.parameters("path").items():
            for given in ("abc", "1", "%00", "320599199001010013", "00000000-0000-0000-0000-00000000000g"):
                sent: dict[str, Any] = {} if operation.body is None else {"body": operation.body}
                answer = await operation.ask(desk, path=operation.address(**{name: given}), **sent)
                assert answer.status_code in ((422,) if schema.get("format") == "uuid" else (404, 422)), (operation.name, given)
                problem(answer, never=given if len(given) > 4 else "")


async def test_a_filter_that_does_not_exist_is_refused_and_never_everything(desk: Desk, all_operations: list[Operation]) -> None:
    for operation in all_operations:
        if operation.method == "GET":
            answer = await operation.ask(desk, params={"unknown_filter": "320599199001010013"})
            assert problem(answer, never="320599199001010013")["code"] == "unknown-filter", operation.name


async def test_a_filter_with_a_value_that_no_keyboard_writes_is_refused(desk: Desk, all_operations: list[Operation]) -> None:
    tried = 0
    for operation in all_operations:
        for name in operation.parameters("query") if operation.method == "GET" else ():
            answer = await operation.ask(desk, path=f"{operation.address()}?{name}=%00")
            assert problem(answer)["status"] == 422, (operation.name, name)
            tried += 1
    assert tried > 60


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("limit", "101"), ("limit", "-1"), ("limit", "all"), ("cursor", "游标"), ("cursor", "AAAA"),
                                             ("cursor", "!" * 22), ("cursor", "A" * 65), ("after", "abc"), ("after", "eyJ.x")])  # fmt: skip
async def test_a_page_that_cannot_be_is_refused(desk: Desk, all_operations: list[Operation], name: str, value: str) -> None:
    lists = [each for each in all_operations if name in each.parameters("query") and each.method == "GET" and "/jobs/" not in each.path]
    assert len(lists) >= 10
    for operation in lists:
        assert problem(await operation.ask(desk, params={name: value}))["status"] == 422, operation.name


async def test_a_day_that_no_register_knows_is_refused_wherever_it_stands(desk: Desk, with_body: list[Operation]) -> None:
    impossible = [
        "0000-01-01",
        "0001-01-01",
        "1899-12-31",
        "9999-12-31",
        "2018-02-30",
        "2018/3/1",
        "2018-03-01T10:00:00Z",
        20180301,
        43160,
        "43160",
        0,
    ]
    taken, tried = [], 0
    for operation in with_body:
        body = operation.body
        for at, value in places(body):
            if isinstance(value, str) and len(value) == 10 and value[4:8:3] == "--":
                for day in impossible:
                    answer = await operation.ask(desk, body=but(body, at, day))
                    tried += 1
                    if answer.status_code != 422 or pointers(answer) != [pointer(at)]:
                        taken.append((operation.name, at, day, answer.status_code))
    assert taken == []
    assert tried > 150


async def test_money_is_a_text_with_two_decimals(desk: Desk, with_body: list[Operation]) -> None:
    wrong = [1200, 1200.0, "1200", "1200.0", "1200.005", "-1.00", "1,200.00", "１２００.００", "01.00", "1e3", "", "1000000000000.00", None]
    tried = 0
    for operation in with_body:
        body = operation.body
        for at, value in places(body):
            if isinstance(value, dict) and set(value) == {"amount", "currency"}:
                for amount in wrong:
                    answer = await operation.ask(desk, body=but(body, (*at, "amount"), amount))
                    assert (answer.status_code, pointers(answer)) == (422, [pointer((*at, "amount"))]), (operation.name, amount)
                    tried += 1
                for instead in (1200, "1200.00", {"amount": "1.00", "currency": "USD"}):
                    assert problem(await operation.ask(desk, body=but(body, at, instead)))["status"] == 422
    assert tried > 40
