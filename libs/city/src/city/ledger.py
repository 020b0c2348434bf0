"""What awards owes, set beside what the city expects: one line for each difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from city.agency import Agency
from city.driver import Driver
from city.expected import Expected, Outcome

_STATES = {Outcome.DUE: "DUE", Outcome.ACCRUING: "ACCRUING", Outcome.AWAITING: "AWAITING", Outcome.DISPLACED: "DISPLACED"}


class Owed(NamedTuple):
    """One row: state, fen due, fen accruing, and who is paid."""

    state: str
    due_fen: int
    accruing_fen: int
    payee: str


class Ledger:
    """Reads awards through an official's eyes; names things as the city does."""

    def __init__(self, driver: Driver, officer: Agency) -> None:
        self._driver, self._officer = driver, officer

    async def owed(self) -> dict[tuple[str, str], Owed]:
        """Every row that is not withdrawn, by scheme and key."""
        rows = {}
        async for row in self._officer.every("/awards/v1/entitlements"):
            if row["state"] != "WITHDRAWN":
                rows[row["scheme"], row["entitlement_key"]] = Owed(row["state"], _fen(row["due"]), _fen(row["accruing"]), row["payee_id"])
        return rows

    async def differences(self, expectations: Iterable[Expected]) -> list[str]:
        """Empty when awards says exactly what the city expects."""
        owed, found = await self.owed(), []
        wanted = list(expectations)
        persons = await self._driver.person_ids({each.person for each in wanted if each.person})
        classes = {each["number"]: each["id"] async for each in self._officer.every("/training/v1/classes")}
        for each in wanted:
            key = each.scheme, self._key(each, persons, classes)
            row = owed.pop(key, None)
            expected = self._expected(each, persons)
            if row != expected:
                found.append(f"{each}: {row}")
        return found + [f"not expected: {key} {row}" for key, row in owed.items()]

    def _key(self, each: Expected, persons: dict[str, str], classes: dict[str, str]) -> str:
        if each.partner:
            return f"{self._driver.organisations[each.partner]}/{each.year}"
        person = persons[each.person or ""]
        return f"{person}/{classes[each.class_number]}" if each.class_number else person

    def _expected(self, each: Expected, persons: dict[str, str]) -> Owed | None:
        if each.outcome is Outcome.REFUSED:
            return None
        payee = self._driver.organisations.get(each.payee) or persons[each.payee]
        return Owed(_STATES[each.outcome], each.due_fen, each.accruing_fen, payee)


def _fen(money: dict[str, Any]) -> int:
    return int(money["amount"].replace(".", ""))
