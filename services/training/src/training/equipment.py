"""What training needs of the other services while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from common.identifiers.people import People
from common.security.client import ServiceClient
from common.service import Running


@dataclass(frozen=True)
class Equipment:
    """Found by routes and imports as `equipment`."""

    others: ServiceClient
    people: People


async def equip(running: Running) -> Equipment:
    others = running.other_services()
    return Equipment(others, People(others))
