"""Article 14: a 张家港市技术能手, chosen among winners of contests and the city's high-skilled, is rewarded once in a life.

Readings: A18 and A41 the text gives no amount: the rule is disabled until the paper that fixes the reward for city titles (市人社局、市财政局 on
rewards for 张家港市技术能手) sets `city-master.amount`; A66 once in a life; A67 the award of the title fixes the figures; A68 a withdrawn title.
The city's high-skilled are read as 高级工 and above who work here on that day.
"""

from awards.kernel.figures import parameter
from awards.kernel.kinds import HIGH_SKILLED, Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import all_of, any_of, today
from awards.policy.grounds.title_held import TitleHeld

AMOUNT = parameter("city-master.amount", "一次性奖励标准", Unit.FEN, Fen, paper="市人社局、市财政局关于市技术能手奖励标准的文件")

city_master = Scheme(
    id="city-master",
    clause="R14.c",
    title="张家港市技术能手奖励",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=TitleHeld,
    applies_to=TitleHeld.title_kind.is_("CITY_TECHNICAL_EXPERT"),
    once_per=(TitleHeld.person,),
    prefer=(TitleHeld.awarded_on,),
    judged_on=TitleHeld.awarded_on,
    conditions=(
        require(
            "竞赛获奖选手，或本市高技能人才",
            any_of(TitleHeld.was_won_in_contest, all_of(TitleHeld.best_level <= HIGH_SKILLED, TitleHeld.is_employed_locally)),
        ),
        require("称号有效", all_of(TitleHeld.awarded_on <= today, today < TitleHeld.withdrawn_on)),
    ),
    amount=AMOUNT,
    payee=TitleHeld.person,
    contact="市人社局职业能力建设科",
)
