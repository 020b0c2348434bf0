"""What awards recomputes together, and which registers reach which persons and organisations: by rank, lowest first."""

from awards import replicas
from awards.policy.grounds import BY_DOSSIER
from awards.policy.grounds.certification import IN_ENTERPRISE, INSIDE_ENTERPRISES, SHORTAGE
from awards.policy.grounds.participation import BASE_SOCIAL
from awards.reconciling.by_grounds import by_grounds
from awards.reconciling.organisations import load_organisations, load_sponsored_classes
from awards.reconciling.partner_years import load_partner_years
from awards.reconciling.persons import reconcile_persons
from awards.reconciling.touched import touched_by_decision
from common.bus.replicas import Replica
from common.reconciling.dossier import Dossier, FanOut

_TRAINED = f"""
    SELECT person, state ->> 'class_id' AS class FROM {replicas.participations.table}
    UNION ALL SELECT person, state ->> 'class_id' FROM {replicas.certificates.table}
"""


def _where(replica: Replica, *fields: str) -> str:
    """The persons of the rows that name the dossier in one of these fields."""
    return " UNION ALL ".join(f"SELECT person FROM {replica.table} WHERE state ->> '{field}' = $1" for field in fields)


def _of_kinds(*kinds: str) -> str:
    return f"state ->> 'kind' = ANY('{{{','.join(kinds)}}}')"


def _in_classes(field: str, *kinds: str) -> str:
    """Whoever was trained in a class (of these kinds) that has the dossier's id in this field."""
    return _in_those(f"state ->> '{field}' = $1" + (f" AND {_of_kinds(*kinds)}" if kinds else ""))


def _in_those(classes: str) -> str:
    return f"""SELECT person FROM ({_TRAINED}) AS trained
        WHERE class IN (SELECT id::text FROM {replicas.classes.table} WHERE {classes})"""


def _persons(*named: str) -> str:
    """The next persons to mark among those that these queries name."""
    return f"SELECT DISTINCT person FROM ({' UNION ALL '.join(named)}) AS named WHERE person > $2 ORDER BY person LIMIT $3"


_PAYABLE = (
    _in_classes("organiser_id"), _in_classes("employer_id"), _where(replicas.placements, "employer_id"),
    _where(replicas.employments, "organisation_id", "using_organisation_id"), _where(replicas.trips, "sender_id"),
    _where(replicas.certificates, "organisation_id"), _where(replicas.exam_entries, "school_id"),
    f"""SELECT person FROM {replicas.exam_entries.table} WHERE state ->> 'sitting_id' IN
        (SELECT id::text FROM {replicas.sittings.table} WHERE state ->> 'body_id' = $1)""",
)  # fmt: skip
"""For whom something may be owed to an organisation: by facts alone, for what is owed is only being worked out."""
_HOSTED = f"SELECT DISTINCT organisation FROM {replicas.lectures.table} WHERE state ->> 'enterprise_id' = $1 AND organisation > $2 ORDER BY 1 LIMIT $3"
_SPONSORED = f"""
    SELECT id::text FROM {replicas.sponsored_classes.table} WHERE id::text > $2
        AND (state ->> 'school_id' = $1 OR state -> 'payments' @> jsonb_build_array(jsonb_build_object('enterprise_id', $1::text)))
    ORDER BY id::text LIMIT $3
"""
# Of a brake that has been released: named after its cause.
_HELD_BACK = """
    SELECT dossier_id FROM held_back_dossier WHERE cause = $1 AND dossier_kind = '{kind}' AND dossier_id > $2 ORDER BY dossier_id LIMIT $3
"""

dossiers: tuple[Dossier | FanOut, ...] = (
    FanOut("class", rank=10, to="person", targets=_persons(f"SELECT person FROM ({_TRAINED}) AS trained WHERE class = $1")),
    FanOut("organiser", rank=10, to="person", targets=_persons(_in_classes("organiser_id"))),
    # Whose sum follows the lowest tender price of a level, whoever won that tender (A51).
    FanOut("standard", rank=10, to="person", targets=_persons(_in_classes("level_code", BASE_SOCIAL, *INSIDE_ENTERPRISES))),
    FanOut("employer", rank=10, to="person", targets=_persons(
        _where(replicas.placements, "employer_id"), _where(replicas.employments, "organisation_id", "using_organisation_id"),
        _where(replicas.trips, "sender_id"), _in_classes("employer_id"),
        _in_classes("organiser_id", IN_ENTERPRISE))),
    FanOut("host", rank=10, to="organisation", targets=_HOSTED),
    FanOut("payee", rank=10, to="person", targets=_persons(*_PAYABLE)),
    FanOut("payee-years", rank=10, to="partner-year", targets="""
        SELECT id FROM dossier WHERE kind = 'partner-year' AND split_part(id, '/', 1) = $1 AND id > $2 ORDER BY id LIMIT $3"""),
    FanOut("sponsor", rank=10, to="sponsored-class", targets=_SPONSORED),
    FanOut("partner", rank=10, to="person", targets=_persons(_where(replicas.placements, "partner_id"))),
    FanOut("sitting", rank=10, to="person", targets=_persons(_where(replicas.exam_entries, "sitting_id"))),
    FanOut("year-placements", rank=10, to="person", targets=_persons(
        f"SELECT person FROM {replicas.placements.table} WHERE left(state ->> 'started_on', 4) = $1")),
    FanOut("year-partners", rank=10, to="partner-year", targets="""
        SELECT id FROM dossier WHERE kind = 'partner-year' AND split_part(id, '/', 2) = $1 AND id > $2 ORDER BY id LIMIT $3"""),
    FanOut("catalogue", rank=10, to="person", targets=_persons(
        f"SELECT person FROM {replicas.certificates.table} WHERE $1 <> ''", f"SELECT person FROM {replicas.trips.table}",
        _in_those(_of_kinds(SHORTAGE)))),
    FanOut("crosswalk", rank=10, to="person", targets=_persons(
        f"SELECT person FROM ({_TRAINED}) AS trained WHERE $1 <> ''", f"SELECT person FROM {replicas.trips.table}")),
    FanOut("source", rank=10, to="person", targets=_persons(
        # Whether somebody was first employed, and whether whom an enterprise trains was nobody's employee.
        f"SELECT person FROM {replicas.employments.table} WHERE $1 <> ''", _in_those(_of_kinds(*INSIDE_ENTERPRISES)))),
    *(FanOut(f"figures-{kind}", rank=10, to=kind, targets=touched_by_decision(kind)) for kind in BY_DOSSIER),
    *(FanOut(f"held-back-{kind}", rank=10, to=kind, targets=_HELD_BACK.format(kind=kind)) for kind in BY_DOSSIER),
    Dossier("person", rank=20, reconcile=reconcile_persons),
    Dossier("partner-year", rank=30, reconcile=by_grounds("partner-year", load_partner_years)),
    Dossier("organisation", rank=30, reconcile=by_grounds("organisation", load_organisations)),
    Dossier("sponsored-class", rank=30, reconcile=by_grounds("sponsored-class", load_sponsored_classes)),
)  # fmt: skip
