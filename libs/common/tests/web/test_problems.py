"""Refusals and failures: one form, in Chinese, with a code that stays and a trace that finds it, and never what was entered."""

import re
from uuid import uuid4

import pytest
from lending.counter import SECRET, Asking
from structlog.testing import capture_logs

from common.observability.redaction import redact_text
from common.testing.at_work import AtWork

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("kind", "status", "code", "title"),
    [("not-found", 404, "not-found", "没有找到"), ("conflict", 409, "conflict", "当前状态不允许此操作"), ("invalid", 422, "invalid", "提交的内容有误"),
     ("forbidden", 403, "forbidden", "没有权限"), ("unavailable", 503, "unavailable", "暂时无法处理，请稍后再试"),
     ("anything else", 500, "unexpected", "系统内部错误，已记录，请稍后再试")],
)  # fmt: skip
async def test_every_refusal_has_the_one_form(ask: Asking, kind: str, status: int, code: str, title: str) -> None:
    with capture_logs():
        answer = await ask("GET", f"/trying/refusals/{kind}", headers={"traceparent": PARENT})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": f"/problems/{code}", "title": title, "status": status, "code": code, "trace_id": PARENT.split("-")[1],
        "detail": "没有这本书" if kind == "not-found" else "", "faults": [{"pointer": "/body/name", "message": "太短"}] if kind == "invalid" else [],
    }  # fmt: skip
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("7" if kind == "unavailable" else None)


@pytest.mark.parametrize("kind", ["boom", "database"])
async def test_a_failure_of_ours_says_nothing_of_itself_and_is_logged_with_its_trace(ask: Asking, kind: str) -> None:
    with capture_logs() as logs:
        answer = await ask("GET", f"/trying/refusals/{kind}")

    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert SECRET not in answer.text
    assert not re.search(r"RuntimeError|asyncpg|Traceback|\.py", answer.text)
    (logged,) = [line for line in logs if line["event"] == "request_failed"]
    assert SECRET not in redact_text(str(logged["exc_info"]))


@pytest.mark.parametrize("how", ["refused", "cut", "used up"])
async def test_a_database_that_is_away_is_a_time_to_come_back_and_no_crash(lending_at_work: AtWork, how: str) -> None:
    """What leaves the application after its answer is a crash to the server, which tells it with its whole traceback."""
    answer = await lending_at_work.call("GET", f"/lending/v1/trying/refusals/{how}")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")


async def test_without_a_token_the_caller_is_told_how_to_come_in(ask: Asking) -> None:
    answer = await ask.client.get("/lending/v1/books")

    assert (answer.status_code, answer.json()["code"], answer.headers["WWW-Authenticate"]) == (401, "unauthenticated", "Bearer")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/books", 405), ("GET", "/books/", 404)])
async def test_addresses_that_do_not_exist_are_problems_too(ask: Asking, method: str, path: str, status: int) -> None:
    answer = await ask(method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/books"), ("PUT", "/books"), ("TRACE", "/books"), ("QUERY", "/books")])
async def test_whoever_asks_with_another_method_is_told_all_that_there_are(ask: Asking, method: str, path: str) -> None:
    answer = await ask(method, path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


async def test_an_address_of_an_act_is_not_one_of_the_thing_itself(ask: Asking) -> None:
    answer = await ask("DELETE", f"/operations/dead-letters/{uuid4()}:discard")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("request_id", "is_kept"),
    [("counter-7.2018_a", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("", False), ("a\x1b[31m", False)],
)
async def test_a_request_id_is_carried_back_when_it_is_one(ask: Asking, request_id: str, is_kept: bool) -> None:
    answer = await ask("GET", "/books", headers={"X-Request-Id": request_id})

    assert (answer.headers["X-Request-Id"] == request_id) is is_kept
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answer.headers["X-Request-Id"])


@pytest.mark.parametrize(
    "parent", ["", "nonsense", PARENT.upper(), f"{PARENT}-more", "00-short-00f067aa0ba902b7-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"]
)
async def test_a_trace_that_is_none_is_replaced_by_a_new_one(ask: Asking, parent: str) -> None:
    answers = [await ask("GET", "/trying/refusals/conflict", headers={"traceparent": parent}) for _ in range(2)]

    traces = [answer.json()["trace_id"] for answer in answers]
    assert len({*traces, "0" * 32}) == 3
    assert [answer.headers["traceparent"].split("-")[1] for answer in answers] == traces


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(ask: Asking) -> None:
    told = await ask("POST", "/books", content=b"x" * (1024 * 1024 + 1), headers={"Content-Type": "application/json"})
    lying = await ask("POST", "/books", content=b"x", headers={"Content-Type": "application/json", "Content-Length": "many"})

    assert (told.status_code, told.json()["code"], told.headers["content-type"]) == (413, "too-large", "application/problem+json")
    assert lying.status_code in (400, 422)
    assert lying.headers["content-type"] == "application/problem+json"
