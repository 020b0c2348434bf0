"""Who may not be paid twice (A43, A56): one table, read top down over everything that is due from one dossier, absolute blockers first."""

from collections.abc import Mapping
from enum import StrEnum

from awards.kernel.figures import Parameter, parameter
from awards.kernel.kinds import Unit
from awards.kernel.stacking import AtMostOne
from awards.policy.grounds import OF_A_PERSON
from awards.policy.schemes import SCHEMES


class Stands(StrEnum):
    """What stands in the way of an entitlement besides another one: the first half of its name, where the winner is named."""

    PRIOR_PAYMENT = "prior-payment"
    """Paid on paper before go-live (A59)."""
    RULING = "ruling"
    """Removed or renounced: people found so."""
    BAN = "ban"
    OTHER_BENEFIT = "other-benefit"
    """Paid by others for the same certificate (A43 v)."""
    FRAUD = "fraud"
    """What fell because its certificate was obtained by fraud: in that class nothing takes its place (A43)."""
    HIGHER_LEVEL = "certificate"
    """A higher level held already."""


HIGHER_LEVEL_MAY_BE_PAID = parameter("stacking.higher_level_may_be_paid", "已持同职业更高等级证书者是否仍可补贴", Unit.FLAG, bool)
PARAMETERS: tuple[Parameter[bool], ...] = (HIGHER_LEVEL_MAY_BE_PAID,)

PAID_FOR: Mapping[str, tuple[str, ...]] = {
    "employer-training": ("person", "occupation_group", "level_code"),
    "in-house-high-skilled": ("person", "occupation_group", "level_code"),
    "school-in-enterprise": ("person", "occupation_group", "level_code"),
    "universal-training": ("person", "occupation_group", "level_code"),
    "base-training": ("person", "occupation_group", "level_code"),
    "shortage-training": ("person", "occupation_group", "level_code"),
    "partner-bonus": ("payee", "year"),
    "newcomer": ("person",),
    "recruited-master": ("person",),
    "city-master": ("person",),
    "chief-technician": ("person", "year"),
    "study-abroad": ("person", "year"),
    "outstanding": ("person", "year"),
    "demonstration-base": ("payee",),
    "studio": ("payee", "person", "year"),
    "sponsored-class": ("payee", "person"),
}
"""By which facts a paper of the time before tells what it paid for: a payment for the same counts as held (A59)."""

YEAR_OF: Mapping[str, str] = {"outstanding": "due_on", "study-abroad": "selected_on"}
"""Where the year that is paid for is no fact of its own: the day in it that is."""

COST_TYPE = ("employer-training", "school-in-enterprise", "universal-training", "base-training", "shortage-training")
"""Subsidies of what training costs: one for a person, occupation and level (A43 i)."""

OF_ORGANISATIONS = frozenset(scheme.id for scheme in SCHEMES if scheme.ground not in OF_A_PERSON)
"""Decided in the dossiers of organisations, their years and their classes, for whomever they are."""

_EVERY = tuple(scheme.id for scheme in SCHEMES)
_ONE_LEVEL = ("person", "occupation_group", "level_code")

STACKING = (
    AtMostOne("经认定不予支付", among=_EVERY, per=("entitlement",), in_order=True, against=Stands.RULING),
    AtMostOne("当事人在限制期内", among=_EVERY, per=("person",), in_order=True, against=Stands.BAN),
    AtMostOne("收款方在限制期内", among=_EVERY, per=("payee",), in_order=True, against=Stands.BAN),
    AtMostOne("系统启用前已经支付", among=tuple(PAID_FOR), per=("of_scheme", "paid_for"), in_order=True, against=Stands.PRIOR_PAYMENT),
    AtMostOne("已享受失业保险技能提升补贴", among=COST_TYPE, per=("payee", *_ONE_LEVEL), in_order=True, against=Stands.OTHER_BENEFIT),
    AtMostOne("已持有更高等级的证书", among=COST_TYPE, per=("entitlement",), in_order=True, against=Stands.HIGHER_LEVEL),
    AtMostOne("同一班级的证书因作弊被撤销", among=COST_TYPE, per=(*_ONE_LEVEL, "training_class"), against=Stands.FRAUD),
    # The higher of the two first: a reward that yields to the grant absorbs nothing.
    AtMostOne("同一等级的自主培养奖励与紧缺培训资助不重复", among=("in-house-high-skilled", "shortage-training"), per=_ONE_LEVEL),
    AtMostOne(
        "自主培养奖励包含同一等级的职工培训补贴", among=("in-house-high-skilled", "employer-training"), per=_ONE_LEVEL, in_order=True
    ),
    AtMostOne("同一人同一职业（工种）同一等级只补一次培训费用", among=COST_TYPE, per=_ONE_LEVEL),
)
