"""Article 8: a cooperation partner that delivers a hundred persons or more in a year gets 200 yuan for each of them.

Readings: A33 all, not only those above a hundred; A34 and A52 each person once in his life, for the earliest delivery; A65 enterprises;
A69 proof, and until when a year may be reported: through that day the sum accrues, from the next day it is due. Whoever is undecided adds
nothing to the sum, and while the undecided could make the hundred the year is not refused: it waits.
"""

from awards.kernel.figures import parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.roster import Roster, reaches
from awards.kernel.scheme import Scheme, require
from awards.kernel.terms import all_of, any_of, today
from awards.policy.grounds.delivery import Delivery, PartnerYear

SOLE_TRADERS_COUNT = parameter("partner-bonus.sole_traders_count", "个体工商户是否计入", Unit.FLAG, bool)
THRESHOLD = parameter("partner-bonus.threshold", "年输送人数要求", Unit.HEADS, int)
PER_PERSON = parameter("partner-bonus.per_person", "每人奖励标准", Unit.FEN, Fen)
FUND = parameter("partner-bonus.fund", "资金来源", Unit.CODE, str)

delivered = Roster(
    title="计入输送人数",
    ground=Delivery,
    judged_on=Delivery.started_on,
    conditions=(
        require("用人单位为本市企业", any_of(Delivery.is_local_enterprise, all_of(Delivery.is_local_sole_trader, SOLE_TRADERS_COUNT))),
        require("上岗日在合作协议期内", Delivery.started_on.is_within(Delivery.agreed_from, Delivery.agreed_until)),
        require("已确认且未取消", all_of(Delivery.confirmed_on <= today, today < Delivery.cancelled_on)),
        require("在申报截止日前申报", Delivery.reported_on <= Delivery.report_by),
    ),
    once_per=(Delivery.person,),
    prefer=(Delivery.started_on, Delivery.confirmed_on, Delivery.placement),
    grouped_by=(Delivery.partner, Delivery.year),
)

partner_bonus = Scheme(
    id="partner-bonus",
    clause="R8.e",
    title="合作单位输送技能人才补贴",
    fund=FUND,
    ground=PartnerYear,
    once_per=(PartnerYear.partner, PartnerYear.year),
    judged_on=PartnerYear.year_ends_on,
    conditions=(require("一年输送一百人以上", reaches(PartnerYear.persons, THRESHOLD, undecided=PartnerYear.undecided)),),
    closing=require("年度申报已截止", PartnerYear.closes_on < today),
    amount=PER_PERSON * PartnerYear.persons,
    payee=PartnerYear.partner,
    contact="市人社局人才开发科",
)
