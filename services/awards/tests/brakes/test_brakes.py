"""What a file or a rule version would move beyond the limits stands beside the entitlements, seen and not written, until it is released."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from deciding import Officers, figure

from awards.app import service
from awards.equipment import equip
from common.bus.facts import Heard
from common.verify.check import Inspected
from common.verify.standard import checks_of

BRAKES = "/awards/v1/brakes"


@pytest.fixture
async def limited(city: Any) -> Any:
    """At most two entitlements at once; a class of which persons hold certificates."""
    await Officers(city.at_work).put_in_force(figure("brake.most_entitlements", 2, "1900-01-01", replaces="1900-01-01"))
    city.course = city.training_class("SHORTAGE", 3)
    await city.teller.tell(city.course)
    return city


async def bring(city: Any, cause: str, *facts: Any) -> None:
    """As a file of another service brings them: many of one cause."""
    heard = []
    for fact in facts:
        event = replace(city.teller.event(fact), cause=cause, bulk=True)
        heard.append(Heard(event, fact))
    async with city.at_work.running.database.raw_transaction() as connection:
        await city.at_work.running.facts.keep(connection, heard)
    await city.teller.settled()


def certified(city: Any, number: int) -> list[Any]:
    persons = [city.person() for _ in range(number)]
    return [*persons, *(city.certificate(person, city.course) for person in persons)]


async def due(city: Any) -> list[str]:
    return [row["due"]["amount"] for row in await city.owed(scheme="shortage-training", state="DUE")]


async def brakes(city: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await city.at_work.call("GET", BRAKES)).json()["items"]
    return items


async def read(city: Any, brake: dict[str, Any]) -> dict[str, Any]:
    page: dict[str, Any] = (await city.at_work.call("GET", f"{BRAKES}/{brake['id']}")).json()
    return page


async def release(city: Any, brake: dict[str, Any], *, who: str = "officer") -> Any:
    return await city.at_work.call("POST", f"{BRAKES}/{brake['id']}:release", version=brake["version"], who=who)


async def test_what_a_file_moves_within_the_limits_is_written(limited: Any) -> None:
    await bring(limited, "import:1", *certified(limited, 2))

    assert await due(limited) == ["1000.00"] * 2
    assert await brakes(limited) == []


async def test_two_files_are_counted_apart(limited: Any) -> None:
    for cause in ("import:1", "import:2"):
        await bring(limited, cause, *certified(limited, 2))

    assert len(await due(limited)) == 4


async def test_what_a_file_moves_beyond_the_limits_is_seen_and_written_only_when_released(limited: Any) -> None:
    for each in (certified(limited, 2), certified(limited, 3)):
        await bring(limited, "import:1", *each)
    written = await due(limited)
    (brake,) = await brakes(limited)
    page = await read(limited, brake)
    exported = (await limited.at_work.call("GET", f"{BRAKES}/{brake['id']}/export")).text

    released = await release(limited, brake)
    await limited.teller.settled()

    assert len(written) == 2
    assert (brake["cause"], brake["state"]) == ("import:1", "HOLDS")
    assert (page["entitlements"], page["up"]["amount"], page["down"]["amount"]) == (3, "3000.00", "0.00")
    assert exported.count("shortage-training,") == 3
    assert (released.json()["state"], len(await due(limited))) == ("RELEASED", 5)
    assert (await read(limited, brake))["entitlements"] == 0
    await bring(limited, "import:1", *certified(limited, 3))
    assert len(await due(limited)) == 8, "whoever released it let all of it pass"


async def test_a_single_act_is_not_counted_yet_does_not_carry_out_what_is_held_back(limited: Any) -> None:
    facts = certified(limited, 3)
    await bring(limited, "import:1", *facts)
    universal = limited.training_class()
    await limited.teller.tell(universal, limited.participation(facts[0], universal))
    await limited.teller.tell(*certified(limited, 3))

    held = await limited.owed(person_id=facts[0].id)
    (brake,) = await brakes(limited)
    assert held == [], "a person's entitlements displace each other: they are held as a whole"
    assert len(await due(limited)) == 3, "three live certificates"
    assert (await read(limited, brake))["entitlements"] == 4

    await release(limited, brake)
    await limited.teller.settled()
    assert {row["scheme"] for row in await limited.owed(person_id=facts[0].id)} == {"shortage-training", "universal-training"}


async def test_a_file_that_is_corrected_holds_nothing_back_any_more(limited: Any) -> None:
    facts = certified(limited, 3)
    await bring(limited, "import:1", *facts)
    (brake,) = await brakes(limited)
    corrected = [each.model_copy(update={"class_id": None}) for each in facts[3:]]

    await bring(limited, "import:2", *corrected)

    assert (await read(limited, brake))["entitlements"] == 0
    assert await due(limited) == []


async def test_other_rules_are_braked_as_files_are(limited: Any) -> None:
    await limited.teller.tell(*certified(limited, 3))
    assert len(await due(limited)) == 3
    await limited.teller.settled()
    running = limited.at_work.running
    async with running.database.raw_transaction() as connection:
        await connection.execute("UPDATE entitlement SET due_fen = 90000")  # as the rules of then had it
        await connection.execute("UPDATE in_force SET hash = 'of an older version'")

    await equip(running)
    running.committed.ring()
    await limited.teller.settled()

    assert await due(limited) == ["900.00"] * 3
    (brake,) = await brakes(limited)
    assert brake["cause"].startswith("rules-changed:")
    await release(limited, brake)
    await limited.teller.settled()
    assert await due(limited) == ["1000.00"] * 3


async def test_a_change_that_a_third_confirmed_is_not_braked_again(limited: Any) -> None:
    await limited.teller.tell(*certified(limited, 3))
    officers = Officers(limited.at_work)
    made = await officers.propose(figure("shortage-training.amount", {"3": 150_000}, "2018-01-01"))
    await officers.previewed(made["id"])
    await officers.act("decide", made["id"], who=officers.decider)
    await officers.act("confirm", made["id"], who=officers.third)
    await limited.teller.settled()

    assert await due(limited) == ["1500.00"] * 3
    assert [brake["state"] for brake in await brakes(limited)] == ["RELEASED"]


async def test_a_change_that_moves_more_than_was_foreseen_is_braked_and_its_deciders_do_not_release_it(limited: Any) -> None:
    await limited.teller.tell(*certified(limited, 2))
    officers = Officers(limited.at_work)
    made = await officers.propose(figure("shortage-training.amount", {"3": 150_000}, "2018-01-01"))
    await officers.previewed(made["id"])
    await limited.teller.tell(*certified(limited, 2))
    await officers.act("decide", made["id"], who=officers.decider)
    await limited.teller.settled()

    (brake,) = await brakes(limited)
    refused = await release(limited, brake, who=officers.decider)
    assert await due(limited) == ["1000.00"] * 4
    assert refused.json()["code"] == "confirmed-by-the-same"
    assert (await release(limited, brake, who=officers.third)).status_code == 200
    await limited.teller.settled()
    assert await due(limited) == ["1500.00"] * 4


async def test_verify_finds_nothing_wrong_with_what_is_held_back(limited: Any) -> None:
    await bring(limited, "import:1", *certified(limited, 3))
    await limited.at_work.running.rest()
    running = limited.at_work.running
    inspected = Inspected(service, running.settings, running.database, patience_seconds=0)

    findings = [finding for check in checks_of(inspected) async for finding in check.findings()]

    assert findings == []
    assert len(await brakes(limited)) == 1


async def test_what_falls_due_on_a_day_is_no_cause(limited: Any) -> None:
    others = certified(limited, 3)
    later = [each.model_copy(update={"issued_on": date(2018, 12, 20)}) for each in others[3:]]
    await limited.teller.tell(*others[:3], *later)
    assert await due(limited) == []

    await limited.advance(date(2018, 12, 21))

    assert len(await due(limited)) == 3
    assert await brakes(limited) == []
