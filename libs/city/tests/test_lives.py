"""Lives are lives: versions count on, keys stay, and one seed gives one log."""

from collections import defaultdict
from random import Random
from uuid import UUID

from city.lives import Version, city, newest, repeated
from contracts.fact import CONTRACTS


def published(seed: int) -> list[Version]:
    return city(Random(seed), UUID(int=seed), quarters=2, persons=20)


def test_one_seed_gives_one_log_and_another_another() -> None:
    def log(seed: int) -> list[bytes]:
        return [version.event().data for version in repeated(published(seed), Random(seed), length=2000)]

    assert log(1) == log(1)
    assert log(1) != log(2)


def test_versions_count_on_and_the_first_key_is_the_last() -> None:
    lives: dict[UUID, list[Version]] = defaultdict(list)
    for version in published(1):
        lives[version.fact.id].append(version)

    for life in lives.values():
        assert [version.number for version in life] == list(range(1, len(life) + 1))
        assert len({(version.fact.topic, version.fact.key) for version in life}) == 1
    assert newest(reversed(published(1))) == [lives[fact.id][-1].fact for fact in newest(reversed(published(1)))]
    assert any(len(life) > 2 for life in lives.values())


def test_every_version_keeps_its_contract() -> None:
    for version in published(1):
        assert CONTRACTS[version.fact.topic].parse(version.event().data) == version.fact


def test_a_log_holds_every_version_and_repeats_some() -> None:
    versions = published(1)
    log = repeated(versions, Random(1), length=len(versions) + 100)

    assert len(log) == len(versions) + 100
    assert {(each.fact.id, each.number) for each in log} == {(each.fact.id, each.number) for each in versions}
    at = {(each.fact.id, each.number): nth for nth, each in enumerate(log)}
    assert any(at[id_, number] < at[id_, number - 1] for id_, number in at if number > 1), "an old version long after a newer one"
