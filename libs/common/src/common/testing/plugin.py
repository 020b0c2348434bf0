"""Fixtures and settings that every test of the repository shares."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from common.database.embedded import EmbeddedPostgres
from common.testing.postgres import postgres_server

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", deadline=None, max_examples=5000, suppress_health_check=list(HealthCheck))
settings.load_profile("default")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A real PostgreSQL server for this session."""
    with postgres_server() as server:
        yield server
