"""No log, however it comes about, holds a planted name, number, account or token."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from common.identifiers.id_card import check_character
from common.observability.logs import configure_logs
from common.observability.redaction import REDACTED, redact, redact_text
from common.testing.logs import logs_as_before

ID_CARD = "32059919850412013" + check_character("32059919850412013")
PLANTED = {
    "id card": ID_CARD,
    "id card with x": "11010519491231002X",
    "old id card": "320599850412013",
    "mobile": "12012345678",
    "account": "9999123412341234123",
    "certificate of a skill level": "S000132999991899000017",
    "certificate of a qualification": "1810003002300017",
    "token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjbGVyayJ9.c2lnbmF0dXJl",
}
NAME = "单雄信"


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    output = StringIO()
    with logs_as_before():
        with redirect_stdout(output):
            configure_logs("test")
        yield output.getvalue


def boom(value: str) -> None:
    try:
        {}[f"row of {value}"]
    except LookupError as error:
        raise ValueError(f"could not read {value}, see {{'number': '{value}'}}") from error


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_planted_values_reach_no_log(planted: str, logged: Callable[[], str]) -> None:
    log = structlog.get_logger("a.module")
    log.info(f"imported {planted}", rows=[{"deep": {"deeper": [planted]}}], number=planted)  # noqa: G004 - carelessness is what is tested
    log.info("as an integer", figure=int(planted) if planted.isdigit() else 0)
    try:
        boom(planted)
    except ValueError:
        log.exception("failed")
        logging.getLogger("foreign").exception("failed at %s", planted)
        logging.getLogger("foreign").warning("with extra", extra={"somebody": planted})
    text = logged()
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) == 5
    assert planted not in text
    assert "could not read" in text, "the rest of the exception is still there"
    assert {line["service"] for line in lines} == {"test"}


def test_names_under_known_keys_and_in_quoted_values(logged: Callable[[], str]) -> None:
    class Row(BaseModel):
        level: int

    log = structlog.get_logger()
    log.info("changed", 姓名=NAME, person_name=NAME, nested={"姓名": NAME, "kept": "焊工"})
    try:
        Row.model_validate({"level": NAME})
    except ValidationError:
        log.exception("bad row")
    text = logged()
    assert NAME not in text
    assert "焊工" in text
    assert "level" in text


@pytest.mark.parametrize(
    "message",
    [
        f"[SQL: INSERT INTO person VALUES ($1)]\n[parameters: ('{NAME}', 1)]\n(Background)",
        f"duplicate key value violates unique constraint\nDETAIL:  Key (name)=({NAME}) already exists.",
        f'null value in column "x"\nDETAIL:  Failing row contains (1, {NAME}, null).',
        f"(name)=({NAME}) already exists",
        f'invalid input syntax for type integer: "{NAME}"',
    ],
)
def test_values_that_database_errors_quote(message: str) -> None:
    assert NAME not in redact_text(message)


def test_addresses_with_passwords() -> None:
    assert redact_text("postgresql://registry:s3cret@127.0.0.1:5432/registry") == f"postgresql://{REDACTED}@127.0.0.1:5432/registry"


@given(st.uuids())
def test_ids_stay_readable(id_: UUID) -> None:
    assert redact_text(f"certificate {id_} trace {id_.hex[:16]}z") == f"certificate {id_} trace {id_.hex[:16]}z" or id_.hex[:16].isdigit()


@pytest.mark.parametrize("kept", ["2018-01-02T08:00:00.000+08:00", "20000.00", "2015:6-18-02-04", "320582100", "certification.certificate"])
def test_what_is_nobodys_business_stays(kept: str) -> None:
    assert redact_text(kept) == kept


def test_every_depth_and_kind_of_value() -> None:
    hidden: Any = redact({"a": ({"b": {ID_CARD: [ID_CARD]}},), "c": b"bytes", "d": None, "e": 1.5, "f": True, "token": None})
    assert ID_CARD not in str(hidden)
    assert hidden["c"] == "[5 bytes]"
    assert (hidden["d"], hidden["e"], hidden["f"], hidden["token"]) == (None, 1.5, True, None)
