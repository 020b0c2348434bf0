"""Whether every event that the city's services published is answered for by everybody who hears of it."""

from __future__ import annotations

from collections.abc import Sequence

from city.agency import Agency
from common.bus.integrity import Difference, TopicHeard, differences


async def unaccounted(officer: Agency, services: Sequence[str]) -> list[Difference]:
    """Empty when nothing is lost and nothing invented. Ask when the services have come to rest."""
    pages = {service: await officer.get(f"/{service}/v1/operations/integrity") for service in services}
    published = {topic: events for page in pages.values() for topic, events in page["published"].items()}
    return differences(published, {service: [TopicHeard(**each) for each in page["heard"]] for service, page in pages.items()})
