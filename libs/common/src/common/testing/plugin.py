"""Fixtures and settings that every test of the repository shares."""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from common.database.embedded import EmbeddedPostgres
from common.testing.kafka import Broker, NoBroker, kafka_broker
from common.testing.postgres import postgres_server

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", deadline=None, max_examples=5000, suppress_health_check=list(HealthCheck))
settings.register_profile("quick", deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")
# Tracebacks with every local value take seconds each, and there is a test for what may stand in a log.
structlog.configure(
    processors=[structlog.processors.add_log_level, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)
_LONG = ("slow", "kafka", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first: where two processes share the work, neither waits at the end for the other's. What is asked to take long may."""
    long = {item.path for item in items if any(item.get_closest_marker(mark) for mark in _LONG)}
    items.sort(key=lambda item: item.path not in long)
    if settings.get_current_profile_name() == "long":
        for item in items:
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A real PostgreSQL server for this session."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    """A real Apache Kafka for this session. Without one, tests are skipped by name; in CI they fail."""
    try:
        with kafka_broker() as broker:
            yield broker
    except NoBroker as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
