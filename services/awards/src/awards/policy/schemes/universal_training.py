"""Article 6: universal training (普惠制培训). Beginners free, from 中级工 up 80 % of the fee, for residents and for the insured.

Readings: A19 status on class start, A20 six paid months, A22 who comes from outside, A24 fee and surplus, A25 attendance instead of a
certificate, A47 rounding, A48 which day's figures.
"""

from awards.kernel.figures import parameter
from awards.kernel.kinds import Share, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import any_of, awaited, lower_of, today
from awards.policy.grounds.participation import Participation

INSURED_MONTHS = parameter("universal-training.insured_months", "参保月数要求", Unit.MONTHS, int)
LEAST_ATTENDANCE = parameter("universal-training.least_attendance", "出勤率要求", Unit.SHARE, Share)
RATE = parameter("universal-training.rate", "补贴比例", Unit.SHARE, Share)

FEE = lower_of(Participation.tender_price_fen, Participation.list_price_fen)
SUBSIDY = FEE * RATE.at(Participation.level_code)

universal_training = Scheme(
    id="universal-training",
    clause="R6.c",
    title="普惠制职业技能培训补贴",
    fund=Fund.EMPLOYMENT,
    ground=Participation,
    applies_to=Participation.class_kind.is_("UNIVERSAL"),
    once_per=(Participation.person, Participation.training_class),
    judged_on=Participation.starts_on,
    conditions=(
        require("班级照常举办", Participation.is_held),
        require("在定点培训机构", Participation.starts_on.is_within(Participation.designated_from, Participation.designated_until)),
        require("本市户籍，或缴纳社会保险满六个月", any_of(Participation.is_local, Participation.paid_months >= INSURED_MONTHS)),
        require("出勤达到要求", Participation.attended_share >= LEAST_ATTENDANCE),
        require("已结业", Participation.completed_on <= today),
        require("多收的费用已退还", awaited(Participation.net_charged_fen <= FEE - SUBSIDY)),
    ),
    amount=SUBSIDY,
    payee=Participation.organiser,
    contact="市人社局职业能力建设科",
)
