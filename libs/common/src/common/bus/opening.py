"""Which bus the settings name: the services never know."""

from __future__ import annotations

from common.bus.kafka import KafkaBus
from common.bus.postgres import PostgresBus
from common.bus.protocol import Bus
from common.settings import BusKind, ServiceSettings


async def open_bus(settings: ServiceSettings) -> Bus:
    """Connect to the bus. Raises ValueError when the settings do not say where it is."""
    if settings.bus is BusKind.KAFKA:
        if not settings.kafka_bootstrap_servers:
            raise ValueError("set CRAFTPORT_KAFKA_BOOTSTRAP_SERVERS, or CRAFTPORT_BUS=postgres for one machine")
        return await KafkaBus.open(settings.kafka_bootstrap_servers)
    if settings.bus_database_url is None:
        raise ValueError("set CRAFTPORT_BUS_DATABASE_URL")
    return await PostgresBus.open(settings.bus_database_url.get_secret_value())
