"""Article 11: 2,000 yuan once to a high-skilled person who has worked a year after first coming to the city.

Readings: A38 first ever, one continuous year; A39 high-skilled on arrival (or, by parameter, by the anniversary); A48 which day's figures; A54 gaps and the last day;
A58 from where (or, by parameter, from anywhere); A59 what an incomplete record can say; A68 revocation. R11.e: which industries, by default all.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import HIGH_SKILLED, Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import ANYHOW, today
from awards.policy.grounds.arrival import Arrival

ORIGIN = parameter("newcomer.origin", "对来处的要求", Unit.CODE, str)
CERTIFIED_BY = parameter("newcomer.certified_by", "何时须已是高级工", Unit.CODE, str)
INDUSTRIES = parameter("newcomer.industries", "行业门类是否在奖励范围内", Unit.FLAG, bool)
GAP_DAYS = parameter("newcomer.gap_days", "一年内间断天数上限", Unit.DAYS, int)
AMOUNT = parameter("newcomer.amount", "一次性奖励标准", Unit.FEN, Fen)

BEST_LEVEL = choose(CERTIFIED_BY, {"ARRIVAL": Arrival.best_level_on_arrival, "ANNIVERSARY": Arrival.best_level_after_a_year})

newcomer = Scheme(
    id="newcomer",
    clause="R11.d",
    title="高技能人才初次来本市工作奖励",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=Arrival,
    once_per=(Arrival.person,),
    judged_on=Arrival.started_on,
    conditions=(
        require("初次来本市就业", Arrival.is_first_ever),
        require("从外地来", choose(ORIGIN, {"OUTSIDE": Arrival.is_from_outside, "ANYWHERE": ANYHOW})),
        require("已是高级工及以上", BEST_LEVEL <= HIGH_SKILLED),
        require("所在行业在奖励范围内", INDUSTRIES.at(Arrival.industry)),
        require("工作满一年", Arrival.anniversary_on <= today),
        require("一年内间断不过长", Arrival.longest_gap_days <= GAP_DAYS),
        require("一年期满时在职", Arrival.worked_until >= Arrival.last_day_needed),
    ),
    amount=AMOUNT,
    payee=Arrival.person,
    contact="市人社局人才开发科",
)
