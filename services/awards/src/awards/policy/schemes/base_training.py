"""Article 6: training for society by the city's recognised bases is subsidised 按规定, as bought results (政府购买培训成果).

The text prints no figure of its own: persons and rate are those of universal training unless a rate is set (A26, A62). A base need not have won
a tender; the tender price is the lowest in force for the trade and level when the class begins (A51), and none in force is awaited. Readings
beside those of universal training: A19 what stands on class start, A48 which day's figures.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import Share, Unit
from awards.kernel.scheme import Scheme, require
from awards.policy.grounds.participation import Participation
from awards.policy.schemes import universal_training as universal

RATE_OF = parameter("base-training.rate_of", "补贴比例依据", Unit.CODE, str)
RATE = parameter("base-training.rate", "基地培训补贴比例", Unit.SHARE, Share, paper="明确基地社会化培训补贴比例的文件")

FEE = universal.fee(Participation.standard_price_fen)
SUBSIDY = choose(
    RATE_OF,
    {"UNIVERSAL": FEE * universal.RATE.at(Participation.level_code), "OWN": FEE * RATE.at(Participation.level_code)},
)

base_training = Scheme(
    id="base-training",
    clause="R6.e",
    title="示范实训（培训）基地社会化培训补贴",
    fund=universal.fund_of(Participation.fund_by_level),
    ground=Participation,
    applies_to=Participation.class_kind.is_("BASE_SOCIAL"),
    once_per=(Participation.person, Participation.training_class),
    judged_on=Participation.starts_on,
    conditions=(
        universal.HELD,
        require(
            "开班时已认定为实训（培训）基地",
            Participation.starts_on.is_within(Participation.recognised_from, Participation.recognised_until),
        ),
        require("有同等项目的培训价格", FEE > 0),
        *universal.OF_THE_PERSON,
        universal.no_surplus(FEE, SUBSIDY),
    ),
    amount=SUBSIDY,
    payee=Participation.organiser,
    contact="市人社局职业能力建设科",
)
