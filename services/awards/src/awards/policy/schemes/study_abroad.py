"""Article 12: front-line workers and teachers of shortage occupations who are selected for training abroad are supported.

Readings: A18 the text gives no figure: the rule is disabled until the year's paper on the selection sets `study-abroad.rate` and `study-abroad.cap`;
a share of the proven cost up to a cap, for 资助 supports what was spent and no journey may earn its traveller money, as a flat sum could; the catalogue on
the day of selection (A30, A62), which also fixes the figures. Whether the person or the sender is paid is a parameter.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import Fen, Share, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import awaited, lower_of, today
from awards.policy.grounds.trip import Trip

RATE = parameter("study-abroad.rate", "资助比例", Unit.SHARE, Share, paper="当年出国研修选派文件")
CAP = parameter("study-abroad.cap", "每人资助上限", Unit.FEN, Fen, paper="当年出国研修选派文件")
PAYEE = parameter("study-abroad.payee", "资助对象", Unit.CODE, str)

study_abroad = Scheme(
    id="study-abroad",
    clause="R12.a",
    title="紧缺职业技能人才出国研修资助",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=Trip,
    once_per=(Trip.person, Trip.trip),
    judged_on=Trip.selected_on,
    conditions=(
        require("选派时职业（工种）在紧缺目录内", Trip.selected_on.is_within(Trip.listed_from, Trip.listed_until)),
        require("研修没有取消", Trip.is_held),
        require("研修已结束", Trip.ends_on <= today),
        require("已提交研修报告", awaited(Trip.reported_on <= today)),
        require("费用有凭证", Trip.cost_fen > Fen(0)),
    ),
    amount=lower_of(Trip.cost_fen * RATE, CAP),
    payee=choose(PAYEE, {"PERSON": Trip.person, "SENDER": Trip.sender}),
    contact="市人社局人才开发科",
)
