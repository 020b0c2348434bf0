"""What matching recomputes together, by rank."""

from common.reconciling.dossier import Dossier
from matching.referrals.partner_years import reconcile_partner_years
from matching.referrals.persons import reconcile_persons

dossiers = (
    Dossier("person", rank=20, reconcile=reconcile_persons),
    Dossier("partner-year", rank=30, reconcile=reconcile_partner_years),
)
