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
students = replicate(registry.Student, names=_PERSON)
other_benefits = replicate(registry.OtherBenefit, names=_PERSON)
exam_entries = replicate(certification.ExamEntry, names=_PERSON)
titles = replicate(certification.Title, names=_PERSON)
trips = replicate(training.Trip, names=_PERSON)

classes = replicate(training.TrainingClass, names={"class": its("id")})
organisations = replicate(registry.Organisation, names={kind: its("id") for kind in ("employer", "host", "sponsor", "organisation")})
designations = replicate(training.Designation, names={"organiser": its("organisation_id"), "standard": its("level_code")})
mandates = replicate(training.Mandate, names={"organiser": its("organisation_id")})
recognitions = replicate(registry.Recognition, names={"organiser": its("organisation_id"), "organisation": its("organisation_id")})
lectures = replicate(training.Lecture, names={"organisation": its("school_id")})
sponsored_classes = replicate(matching.SponsoredClass, names={"sponsored-class": its("id")})
sittings = replicate(certification.Sitting, names={"sitting": its("id")})
agreements = replicate(matching.Agreement, names={"partner": its("partner_id")})
catalogues = replicate(training.Catalogue, names={"catalogue": its("id")})
occupations = replicate(certification.Occupation, names={"crosswalk": _crosswalk})
reporting_years = replicate(matching.ReportingYear, names={"year-placements": its("year"), "year-partners": its("year")})
sources = replicate(registry.Source, names={"source": its("kind")})

replicas = (
    persons, employments, insurance, participations, certificates, placements, students, other_benefits, exam_entries, titles, trips,
    classes, organisations, designations, mandates, agreements, recognitions, lectures, sponsored_classes, sittings,
    catalogues, occupations, reporting_years, sources,
)  # fmt: skip

replica_tables(Table.metadata, replicas)
# What the fan-outs in `dossiers.py` look for.
for _replica, _field in (
    (participations, "class_id"), (certificates, "class_id"), (classes, "organiser_id"), (classes, "employer_id"), (classes, "level_code"),
    (placements, "employer_id"), (placements, "partner_id"), (employments, "organisation_id"), (employments, "using_organisation_id"),
    (exam_entries, "sitting_id"), (lectures, "enterprise_id"), (trips, "sender_id"), (sponsored_classes, "school_id"),
    (certificates, "organisation_id"), (exam_entries, "school_id"), (sittings, "body_id"), (organisations, "uscc"), (persons, "merged_into"),
):  # fmt: skip
    index_field(Table.metadata.tables[_replica.table], _field)
