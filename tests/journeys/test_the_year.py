"""The whole invented year over REST: bureaus' files in, and awards owes exactly what the city's own oracle works out, day by day."""

import itertools
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx2
import pytest

from city import story_partners
from city.agency import Agency
from city.block import OPENING
from city.counting import unaccounted
from city.driver import SERVICES, Driver
from city.ledger import Ledger
from city.synthetic import LAST_DAY, City
from common.one_process import one_process

pytestmark = pytest.mark.slow


@dataclass
class Year:
    city: City
    driver: Driver
    officer: Agency
    ledger: Ledger


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
async def year() -> AsyncIterator[Year]:
    with tempfile.TemporaryDirectory(prefix="craftport-") as directory:
        async for year in _year(Path(directory)):
            yield year


async def _year(directory: Path) -> AsyncIterator[Year]:
    async with (
        one_process(SERVICES, directory, first_day=OPENING, port=_free_port()) as running,
        httpx2.AsyncClient(base_url=running.url, timeout=60) as client,
    ):
        officer = Agency(client, "officer")
        await officer.log_in()
        city = City(persons=1000)
        driver = Driver(city, officer, directory / "files")
        await driver.open_city()
        yield Year(city, driver, officer, Ledger(driver, officer))


TURNS = (date(2018, 3, 31), date(2018, 9, 30), date(2018, 12, 31), date(2019, 1, 31), date(2019, 2, 1), LAST_DAY)


async def test_awards_owes_what_the_city_expects_on_every_turn_of_the_year(year: Year) -> None:
    before = date.min
    for day in TURNS:
        await year.driver.live(after=before, until=day)
        assert await year.ledger.differences(year.city.expectations(day)) == [], day
        before = day

    assert year.driver.told.unexpected == []


async def test_the_partners_page_says_what_each_earned(year: Year) -> None:
    pages = {
        heads: await year.officer.get(f"/awards/v1/partners/{year.driver.organisations[partner.uscc]}/years/2018")
        for heads, partner in story_partners.PARTNERS.items()
    }

    assert {heads: (page["persons"], page["explanation"]["amount"]["amount"]) for heads, page in pages.items()} == {
        99: (99, "0.00"), 100: (100, "20000.00"), 101: (101, "20200.00"), 102: (99, "0.00"),
    }  # fmt: skip


async def test_a_year_that_is_lived_again_from_its_beginning_changes_nothing(year: Year) -> None:
    published = await _published(year.officer)
    again = Driver(year.city, year.officer, year.driver.directory)

    await again.open_city()
    for after, until in itertools.pairwise((date.min, *TURNS)):
        await again.live(after=after, until=until)

    assert await _published(year.officer) == published
    assert again.figures() == year.driver.figures()
    assert await year.ledger.differences(year.city.expectations(LAST_DAY)) == []


async def _published(officer: Agency) -> dict[str, dict[str, int]]:
    return {service: (await officer.get(f"/{service}/v1/operations/state"))["published"] for service in SERVICES}


async def test_nothing_was_set_aside(year: Year) -> None:
    for service in SERVICES:
        state = await year.officer.get(f"/{service}/v1/operations/state")
        assert (state["failed"], state["stopped"], state["outbox"]) == ([], {}, 0), service
        assert (await year.officer.get(f"/{service}/v1/operations/dead-letters"))["items"] == []
    assert await unaccounted(year.officer, SERVICES) == []
