"""What awards recomputes together, and which registers reach which persons: by rank, lowest first."""

from awards import replicas
from awards.reconciling.partner_years import reconcile_partner_years
from awards.reconciling.persons import reconcile_persons
from common.reconciling.dossier import Dossier, FanOut

_TRAINED = f"""
    SELECT person, state ->> 'class_id' AS class FROM {replicas.participations.table}
    UNION ALL SELECT person, state ->> 'class_id' FROM {replicas.certificates.table}
"""


def _persons(named: str) -> str:
    """The next persons to mark among those that a query names."""
    return f"SELECT DISTINCT person FROM ({named}) AS named WHERE person > $2 ORDER BY person LIMIT $3"


dossiers = (
    FanOut("class", rank=10, to="person", targets=_persons(f"SELECT person FROM ({_TRAINED}) AS trained WHERE class = $1")),
    FanOut("organiser", rank=10, to="person", targets=_persons(
        f"SELECT person FROM ({_TRAINED}) AS trained WHERE class IN"
        f" (SELECT id::text FROM {replicas.classes.table} WHERE state ->> 'organiser_id' = $1)")),
    FanOut("employer", rank=10, to="person", targets=_persons(f"SELECT person FROM {replicas.placements.table} WHERE state ->> 'employer_id' = $1")),
    FanOut("partner", rank=10, to="person", targets=_persons(f"SELECT person FROM {replicas.placements.table} WHERE state ->> 'partner_id' = $1")),
    FanOut("year-placements", rank=10, to="person", targets=_persons(
        f"SELECT person FROM {replicas.placements.table} WHERE left(state ->> 'started_on', 4) = $1")),
    FanOut("year-partners", rank=10, to="partner-year", targets="""
        SELECT id FROM dossier WHERE kind = 'partner-year' AND split_part(id, '/', 2) = $1 AND id > $2 ORDER BY id LIMIT $3"""),
    FanOut("catalogue", rank=10, to="person", targets=_persons(
        f"SELECT person FROM {replicas.certificates.table} WHERE state ->> 'class_id' IS NOT NULL AND $1 <> ''")),
    FanOut("crosswalk", rank=10, to="person", targets=_persons(f"SELECT person FROM ({_TRAINED}) AS trained WHERE $1 <> ''")),
    FanOut("source", rank=10, to="person", targets=_persons(f"SELECT person FROM {replicas.employments.table} WHERE $1 <> ''")),
    Dossier("person", rank=20, reconcile=reconcile_persons),
    Dossier("partner-year", rank=30, reconcile=reconcile_partner_years),
)  # fmt: skip
