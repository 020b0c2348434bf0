"""What can be done to a catalogue."""

from datetime import date
from typing import Any
from uuid import UUID

from common.work import Work
from training.catalogues.model import Catalogue, CatalogueAlreadyPublished


async def publish_catalogue(work: Work, catalogue: Catalogue) -> Catalogue:
    """Raises CatalogueReversed, CatalogueAlreadyPublished."""
    catalogue.must_be_in_order()
    if await work.lock_by(Catalogue, verb="published", year=catalogue.year):
        raise CatalogueAlreadyPublished
    return work.add(catalogue, verb="published")


async def amend_catalogue(
    work: Work, catalogue_id: UUID, *, entries: list[dict[str, Any]], in_force_from: date, in_force_to: date | None, paper_number: str
) -> Catalogue:
    """Raises NotFound, CatalogueReversed."""
    catalogue = await work.lock(Catalogue, catalogue_id, verb="amended")
    catalogue.entries, catalogue.paper_number = entries, paper_number
    catalogue.in_force_from, catalogue.in_force_to = in_force_from, in_force_to
    catalogue.must_be_in_order()
    return catalogue
