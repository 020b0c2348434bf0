"""Article 11: 100,000, 50,000 or 20,000 yuan to the enterprise that brings in a 国家技术能手, a 省级技术能手 or a 高级技师 in a shortage occupation.

Readings: A35 the highest tier, once for a person, and 国家技术能手 is the 全国技术能手; A36 and A65 enterprises, others by parameter; A37 and A53 brought in
is who was not insured here in the twelve whole months before, and he counts once for the city, for whoever brought him in first; A58 from outside;
A60 what he held on arrival, and no minimum stay unless a parameter asks for one; A30 and A62 the catalogue on arrival; A48 arrival fixes the figures.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import ANYHOW, all_of, any_of, months_after, today
from awards.policy.grounds.recruitment import Recruitment

INSTITUTIONS_COUNT = parameter("recruited-master.institutions_count", "事业单位、学校是否计入", Unit.FLAG, bool)
SOLE_TRADERS_COUNT = parameter("recruited-master.sole_traders_count", "个体工商户是否计入", Unit.FLAG, bool)
ORIGIN = parameter("recruited-master.origin", "对来处的要求", Unit.CODE, str)
UNINSURED_MONTHS = parameter("recruited-master.uninsured_months", "到岗前连续未参保月数要求", Unit.MONTHS, int)
STAY_MONTHS = parameter("recruited-master.stay_months", "最短在岗月数", Unit.MONTHS, int)
AMOUNT = parameter("recruited-master.amount", "奖励标准", Unit.FEN, Fen)

STAYED = months_after(Recruitment.started_on, STAY_MONTHS)

recruited_master = Scheme(
    id="recruited-master",
    clause="R11.b",
    title="引进高技能人才单位奖励",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=Recruitment,
    once_per=(Recruitment.person,),
    prefer=(Recruitment.started_on,),
    judged_on=Recruitment.started_on,
    conditions=(
        require(
            "引进单位为本市企业",
            any_of(
                Recruitment.is_local_enterprise,
                all_of(Recruitment.is_local_institution, INSTITUTIONS_COUNT),
                all_of(Recruitment.is_local_sole_trader, SOLE_TRADERS_COUNT),
            ),
        ),
        require("从外地来", choose(ORIGIN, {"OUTSIDE": Recruitment.is_from_outside, "ANYWHERE": ANYHOW})),
        require("到岗前一年未在本市参保", any_of(Recruitment.uninsured_months >= UNINSURED_MONTHS, Recruitment.was_never_insured)),
        require(
            "到岗时已是国家、省级技术能手，或紧缺职业的高级技师",
            any_of(Recruitment.is_national, Recruitment.is_provincial, Recruitment.is_short),
        ),
        require("在岗达到规定月数", all_of(today >= STAYED, Recruitment.left_on >= STAYED)),
    ),
    amount=AMOUNT.at(Recruitment.tier),
    payee=Recruitment.employer,
    contact="市人社局人才开发科",
)
