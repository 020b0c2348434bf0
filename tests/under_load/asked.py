"""What each of the five services is asked: a list to read, and something to enter whose natural key is the number that is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from city.identities import uscc

SOMEBODY = "018f3c7a-1002-7c3e-9a41-5b6d2e8f0002"


@dataclass(frozen=True)
class Asked:
    """Paths behind `/<service>/v1`. Who `enters` by `path` gives a `body`; `change` is what an operator then does to it,
    `twice` the code of who enters it a second time."""

    lists: str
    enters: str = ""
    path: str = ""
    body: Callable[[int], Mapping[str, Any]] = lambda _: {}
    table: str = ""
    twice: str = ""
    change: tuple[str, str, Mapping[str, Any]] = ("", "", {})


def _organisation(nth: int) -> Mapping[str, Any]:
    return {
        "uscc": uscc("91", 700_000 + nth),
        "name": f"示例单位{nth}",
        "spans": [{"kind": "ENTERPRISE", "area_code": "320582103", "first_on": "2010-03-01"}],
    }


def _mandate(nth: int) -> Mapping[str, Any]:
    return {"organisation_id": str(UUID(int=nth + 1)), "occupation": "2015:6-18-02-04", "level_code": 3, "catalogue_year": 2018, "valid_from": "2018-02-10", "valid_to": "2018-12-31"}  # fmt: skip


def _occupation(nth: int) -> Mapping[str, Any]:
    return {"occupation": f"2015:{nth // 10000 % 8 + 1}-{nth // 100 % 100:02d}-{nth % 100:02d}-01", "name": f"示例职业{nth}"}


def _agreement(nth: int) -> Mapping[str, Any]:
    return {"number": f"HZ-{nth}", "partner_id": SOMEBODY, "kind": "COOPERATION_BASE", "is_outside_province": False, "signed_on": "2018-01-15", "expires_on": "2020-12-31"}  # fmt: skip


ASKED: Mapping[str, Asked] = {
    "registry": Asked(
        "/organisations",
        "clerk",
        "/organisations",
        _organisation,
        "organisation",
        "organisation-already-registered",
        ("POST", ":close", {"closed_on": "2018-05-30"}),
    ),
    "training": Asked(
        "/mandates", "officer", "/mandates", _mandate, "mandate", "mandate-already-signed", ("POST", ":end", {"ended_on": "2018-05-01"})
    ),
    "certification": Asked(
        "/occupations", "officer", "/occupations", _occupation, "occupation", "occupation-already-published", ("PUT", "", {"name": "改名"})
    ),
    "matching": Asked(
        "/agreements",
        "officer",
        "/agreements",
        _agreement,
        "agreement",
        "agreement-number-taken",
        ("POST", ":renew", {"expires_on": "2021-12-31"}),
    ),
    "awards": Asked("/entitlements"),
}
WRITERS = tuple(name for name, each in ASKED.items() if each.path)
"""Awards is only read: what is owed follows from facts."""
