"""Every service's migrations, run on an empty database, make exactly the tables of its models."""

import importlib

import pytest

from common.database.embedded import EmbeddedPostgres
from common.database.foundation import foundation
from common.database.migrations import differences, upgrade
from common.service import Service
from common.testing.postgres import fresh_database


@pytest.mark.parametrize("name", ["registry", "training", "certification", "matching", "awards"])
async def test_the_migrations_make_the_models_tables(postgres: EmbeddedPostgres, name: str) -> None:
    service: Service = importlib.import_module(f"{name}.app").service
    async with fresh_database(postgres, name) as url:
        await upgrade(url, service.migrations)
        assert await differences(url, [service.tables, foundation]) == []
