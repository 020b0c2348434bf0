"""The appraisal body's file of certificates: what it asks of registry and when, and whose numbers it may touch."""

from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from certification.certificates.importing import certificates_import
from certification.certificates.vault import Vault
from common.database.engine import raw
from common.identifiers.id_card import check_character
from common.identifiers.uscc import complete_uscc
from common.security.principal import Role
from common.testing.at_work import AtWork
from common.testing.files import csv_file
from common.testing.played_registry import PlayedRegistry, rows_locked
from common.testing.telling import Teller
from contracts.registry import Organisation, OrganisationKind, OrganisationSpan

HEADERS = [column.header for column in certificates_import.columns]
PATH = "/certification/v1/certificates"
numbers = count(1)


@pytest.fixture
async def uscc(teller: Teller, body_id: UUID) -> str:
    """Of the body, which registry has told of."""
    return await told(teller, body_id)


async def told(teller: Teller, id_: UUID) -> str:
    span = OrganisationSpan(kind=OrganisationKind.ENTERPRISE, area_code="320582", is_locally_registered=True, first_on=date(2000, 1, 1))
    code = complete_uscc(f"91320599MA{next(numbers):06}")
    await teller.tell(Organisation(id=id_, uscc=code, name=code, spans=(span,)))
    return code


def id_number(nth: int) -> str:
    """Of the unassigned county, with its check digit."""
    return (seventeen := f"32059919900101{nth:03}") + check_character(seventeen)


def row(uscc: str, **changed: Any) -> dict[str, Any]:
    nth = next(numbers)
    return {
        "姓名": "示例·人员", "证件号码": id_number(nth), "证书编号": f"S0001329999918{nth:08d}", "证书类别": "职业技能等级证书",
        "职业版本": "2015", "职业编码": "6-18-02-04", "等级": "高级工", "评价方式": "社会化鉴定", "发证日期": "2018-05-20", "发证机构统一社会信用代码": uscc,
    } | changed  # fmt: skip


def index_of(certification: AtWork, number: str) -> bytes:
    vault: Vault = certification.running.equipment.vault
    return vault.find_by(number)


async def held(certification: AtWork, number: str) -> list[tuple[int, date]]:
    async with certification.running.database.transaction() as session:
        found = "SELECT version, issued_on FROM certificate WHERE number_index = $1"
        rows = await (await raw(session)).fetch(found, index_of(certification, number))
    return [(row["version"], row["issued_on"]) for row in rows]


async def test_a_dry_run_enters_nobody_in_registry_and_what_follows_does(
    certification: AtWork, registry: PlayedRegistry, uscc: str
) -> None:
    certificate = row(uscc)
    content = csv_file(HEADERS, [certificate])

    dry = await certification.import_file("certificates", content, validate_only=True)
    nothing = await held(certification, certificate["证书编号"])
    wet = await certification.import_file("certificates", content)

    assert (dry["state"], dry["rows_accepted"], nothing) == ("DONE", 1, [])
    assert (wet["rows_accepted"], await held(certification, certificate["证书编号"])) == (1, [(1, date(2018, 5, 20))])
    assert [asked.get("validate_only", False) for asked in registry.asked[-2:]] == [True, False]


async def test_registry_is_asked_before_a_row_is_locked(certification: AtWork, registry: PlayedRegistry, uscc: str) -> None:
    certificate, locked = row(uscc), list[int]()
    await certification.import_file("certificates", csv_file(HEADERS, [certificate]))

    async def look() -> None:
        locked.append(await rows_locked(certification.running.database, "certificate"))

    registry.meanwhile = look
    job = await certification.import_file("certificates", csv_file(HEADERS, [certificate | {"发证日期": "2018-05-21"}]))

    assert (job["state"], job["rows_accepted"]) == ("DONE", 1)
    assert locked == [0]
    assert await held(certification, certificate["证书编号"]) == [(2, date(2018, 5, 21))]


async def test_a_number_of_another_body_is_refused_and_its_holder_is_not_asked_for(
    certification: AtWork, registry: PlayedRegistry, teller: Teller, uscc: str
) -> None:
    certificate, other = row(uscc), uuid7()
    await certification.import_file("certificates", csv_file(HEADERS, [certificate]))
    mine = row(await told(teller, other))
    who = certification.account(Role.ORGANISATION, organisation_id=other)

    taken = mine | {"证书编号": certificate["证书编号"]}
    job = await certification.import_file("certificates", csv_file(HEADERS, [taken]), who=who)

    assert (job["state"], job["rows_refused"]) == ("DONE", 1)
    assert await held(certification, certificate["证书编号"]) == [(1, date(2018, 5, 20))]
    assert mine["证件号码"] not in str(registry.asked)


async def test_a_number_that_another_body_gets_while_registry_is_asked_is_refused_all_the_same(
    certification: AtWork, registry: PlayedRegistry, teller: Teller, body_id: UUID, uscc: str
) -> None:
    certificate, other = row(uscc), uuid7()
    await told(teller, other)
    who = certification.account(Role.ORGANISATION, organisation_id=body_id)
    await certification.import_file("certificates", csv_file(HEADERS, [certificate]), who=who)

    async def move() -> None:
        async with certification.running.database.transaction() as session:
            moved = "UPDATE certificate SET body_id = $1 WHERE number_index = $2"
            await (await raw(session)).execute(moved, other, index_of(certification, certificate["证书编号"]))

    registry.meanwhile = move
    job = await certification.import_file("certificates", csv_file(HEADERS, [certificate | {"发证日期": "2018-05-21"}]), who=who)

    assert (job["state"], job["rows_refused"]) == ("DONE", 1)
    assert await held(certification, certificate["证书编号"]) == [(1, date(2018, 5, 20))]


async def test_a_number_is_the_same_however_a_file_writes_it_and_as_whoever_asks_types_it(certification: AtWork, uscc: str) -> None:
    certificate = row(uscc)
    number = certificate["证书编号"]
    await certification.import_file("certificates", csv_file(HEADERS, [certificate]))

    again = {"证书编号": f" {number[:4].lower()} {number[4:]}", "发证日期": "2018-05-21"}
    job = await certification.import_file("certificates", csv_file(HEADERS, [certificate | again]))
    typed = {"number": f"{number[:5].lower()} {number[5:12]} {number[12:]}", "purpose": "核对证书"}
    found = await certification.call("POST", f"{PATH}:search", json=typed)

    assert (job["rows_accepted"], await held(certification, number)) == (1, [(2, date(2018, 5, 21))])
    assert (found.status_code, found.json()["number"], found.json()["version"]) == (200, number, 2)
