"""Article 6: universal training (普惠制培训). Beginners free, from 中级工 up 80 % of the fee, for residents and for the insured.

Readings: A19 status on class start, A20 six paid months, together or in a row, with those paid late or without; A21 which insurance; A22 who
comes from outside; A23 from 中级工 up; A24 fee and surplus; A25 attendance instead of a certificate; A47 rounding; A48 which day's figures;
A50 who draws a pension; A63 which fund.
"""

from typing import Any

from awards.kernel.figures import Choice, choose, parameter
from awards.kernel.kinds import Fen, Share, Unit
from awards.kernel.scheme import Fund, Requirement, Scheme, require
from awards.kernel.terms import Constant, Term, all_of, any_of, awaited, lower_of, today
from awards.policy.grounds.participation import Participation

INSURED_MONTHS = parameter("universal-training.insured_months", "参保月数要求", Unit.MONTHS, int)
INSURANCE = parameter("universal-training.insurance", "计入的社会保险", Unit.CODE, str)
MONTHS_COUNT = parameter("universal-training.months_count", "参保月数累计或连续", Unit.CODE, str)
BACK_PAYMENTS = parameter("universal-training.back_payments", "补缴月份是否计入", Unit.CODE, str)
PENSIONERS_TOO = parameter("universal-training.pensioners_too", "领取养老金人员同样补贴", Unit.FLAG, bool)
LEAST_ATTENDANCE = parameter("universal-training.least_attendance", "出勤率要求", Unit.SHARE, Share)
ATTENDANCE_SUFFICES = parameter("universal-training.attendance_suffices", "结业即可，不要求取得证书", Unit.FLAG, bool)
FEE_BASE = parameter("universal-training.fee_base", "培训费基数", Unit.CODE, str)
RATE = parameter("universal-training.rate", "补贴比例", Unit.SHARE, Share)
SPLIT_FUND = parameter("universal-training.split_fund_by_level", "高级工及以上的培训改用人才开发资金", Unit.FLAG, bool)


def fund_of(by_level: Term[str]) -> Choice[Any]:
    """One fund for all levels, or two (A63)."""
    return choose(SPLIT_FUND, {False: Constant(Fund.EMPLOYMENT.value, Unit.CODE), True: by_level})


def fee(tender_price: Term[Fen]) -> Choice[Any]:
    """Of the tender's price and the class's own (A24)."""
    list_price = Participation.list_price_fen
    return choose(FEE_BASE, {"LOWER": lower_of(tender_price, list_price), "TENDER": tender_price, "LIST": list_price})


def no_surplus(fee: Term[Fen], subsidy: Term[Fen]) -> Requirement:
    """Whoever was charged more than his part waits until it is refunded (A24)."""
    return require("多收的费用已退还", awaited(Participation.net_charged_fen <= fee - subsidy))


MONTHS = choose(INSURANCE, {
    "ANY": choose(BACK_PAYMENTS, {
        "COUNT": choose(MONTHS_COUNT, {"TOGETHER": Participation.paid_months, "IN_A_ROW": Participation.paid_months_in_a_row}),
        "DO_NOT_COUNT": choose(MONTHS_COUNT, {
            "TOGETHER": Participation.paid_months_on_time, "IN_A_ROW": Participation.paid_months_on_time_in_a_row}),
    }),
    "FIVE_IN_ONE": choose(BACK_PAYMENTS, {
        "COUNT": choose(MONTHS_COUNT, {"TOGETHER": Participation.five_in_one_months, "IN_A_ROW": Participation.five_in_one_months_in_a_row}),
        "DO_NOT_COUNT": choose(MONTHS_COUNT, {
            "TOGETHER": Participation.five_in_one_months_on_time, "IN_A_ROW": Participation.five_in_one_months_on_time_in_a_row}),
    }),
})  # fmt: skip
FEE = fee(Participation.tender_price_fen)
SUBSIDY = FEE * RATE.at(Participation.level_code)

HELD = require("班级照常举办", Participation.is_held)
OF_THE_PERSON = (
    require("本市户籍，或缴纳社会保险满六个月", any_of(Participation.is_local, MONTHS >= INSURED_MONTHS)),
    require("未开始领取养老金", any_of(PENSIONERS_TOO, Participation.starts_on < Participation.pension_from), is_quiet=True),
    require("出勤达到要求", Participation.attended_share >= LEAST_ATTENDANCE),
    require("已结业", Participation.completed_on <= today),
    require(
        "取得本班证书",
        any_of(ATTENDANCE_SUFFICES, all_of(Participation.certified_on <= today, today < Participation.certificate_revoked_on)),
        is_quiet=True,
    ),
)

universal_training = Scheme(
    id="universal-training",
    clause="R6.c",
    title="普惠制职业技能培训补贴",
    fund=fund_of(Participation.fund_by_level),
    ground=Participation,
    applies_to=Participation.class_kind.is_("UNIVERSAL"),
    once_per=(Participation.person, Participation.training_class),
    judged_on=Participation.starts_on,
    conditions=(
        HELD,
        require("在定点培训机构", Participation.starts_on.is_within(Participation.designated_from, Participation.designated_until)),
        *OF_THE_PERSON,
        no_surplus(FEE, SUBSIDY),
    ),
    amount=SUBSIDY,
    payee=Participation.organiser,
    contact="市人社局职业能力建设科",
)
