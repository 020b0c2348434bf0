"""What awards hears from others, and which dossiers each fact names by its own fields."""

from typing import Any

from awards.tables import Table
from common.bus.fact import its
from common.bus.lookup import index_field
from common.bus.replicas import replica_tables, replicate
from contracts import certification, matching, registry, training


def _crosswalk(occupation: Any) -> str | None:
    """An occupation that equals no other changes nobody's group."""
    return str(occupation.id) if occupation.same_as else None


_PERSON = {"person": its("person_id")}

persons = replicate(registry.Person, names={"person": its("id")})
employments = replicate(registry.Employment, names=_PERSON)
insurance = replicate(registry.Insurance, names=_PERSON)
participations = replicate(training.Participation, names=_PERSON)
certificates = replicate(certification.Certificate, names=_PERSON)
placements = replicate(matching.Placement, names=_PERSON)

classes = replicate(training.TrainingClass, names={"class": its("id")})
organisations = replicate(registry.Organisation, names={"employer": its("id")})
designations = replicate(training.Designation, names={"organiser": its("organisation_id")})
mandates = replicate(training.Mandate, names={"organiser": its("organisation_id")})
agreements = replicate(matching.Agreement, names={"partner": its("partner_id")})
catalogues = replicate(training.Catalogue, names={"catalogue": its("id")})
occupations = replicate(certification.Occupation, names={"crosswalk": _crosswalk})
reporting_years = replicate(matching.ReportingYear, names={"year-placements": its("year"), "year-partners": its("year")})
sources = replicate(registry.Source, names={"source": its("kind")})

replicas = (
    persons, employments, insurance, participations, certificates, placements,
    classes, organisations, designations, mandates, agreements, catalogues, occupations, reporting_years, sources,
)  # fmt: skip

replica_tables(Table.metadata, replicas)
# What the fan-outs in `dossiers.py` look for.
for _replica, _field in (
    (participations, "class_id"), (certificates, "class_id"), (classes, "organiser_id"), (placements, "employer_id"), (placements, "partner_id"),
):  # fmt: skip
    index_field(Table.metadata.tables[_replica.table], _field)
