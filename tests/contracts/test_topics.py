"""The topics declared for the broker agree with the contracts, and with what the services listen to."""

import importlib
from pathlib import Path

from common.bus.topics import read_topics
from contracts.compatibility import OWNERS, contracts

DECLARED = {topic.name: topic for topic in read_topics(Path(__file__).parents[2] / "deploy" / "kafka" / "topics.yaml")}


def test_every_contract_has_its_topic_and_every_topic_its_contract():
    assert set(DECLARED) == set(contracts())


def test_a_topic_belongs_to_its_owner_and_is_kept_in_order_by_the_contracts_key():
    for name, contract in contracts().items():
        assert (DECLARED[name].owner, DECLARED[name].key) == (name.partition(".")[0], contract.key_field), name


def test_the_readers_of_a_topic_are_the_services_that_listen_to_it():
    listening: dict[str, set[str]] = {name: set() for name in contracts()}
    for owner in OWNERS:
        for replica in importlib.import_module(f"{owner}.app").service.replicas:
            listening[replica.topic].add(owner)
    assert {name: set(topic.readers) for name, topic in DECLARED.items()} == listening


def test_what_concerns_one_person_is_spread_alike():
    by_person = [name for name, contract in contracts().items() if contract.key_field == "person_id" or name == "registry.person"]
    assert len(by_person) > 1
    assert len({DECLARED[name].partitions for name in by_person}) == 1


def test_topics_keep_everything():
    for topic in DECLARED.values():
        assert topic.settings == {"cleanup.policy": "delete", "retention.ms": "-1"}, topic.name
