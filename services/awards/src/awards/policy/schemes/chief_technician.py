"""Article 14: an enterprise's chief technician (企业首席技师) is supported through the years of the term.

Readings: A18 the text gives no amount: the rule is disabled until the paper that establishes the selection (企业首席技师评选办法) sets
`chief-technician.amount`; as for the outstanding (A66) on the naming day and its anniversaries, if then employed by that enterprise; A67 the naming day fixes
the figures. Whether the technician or the enterprise is paid is a parameter.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import today
from awards.policy.grounds.honour_years import TermYear

FAILED_CHECKS = parameter("chief-technician.failed_checks_allowed", "允许的年度考核不合格次数", Unit.NUMBER, int)
AMOUNT = parameter("chief-technician.amount", "每年补助标准", Unit.FEN, Fen, paper="企业首席技师评选办法")
PAYEE = parameter("chief-technician.payee", "补助对象", Unit.CODE, str)

chief_technician = Scheme(
    id="chief-technician",
    clause="R14.d",
    title="企业首席技师补助",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=TermYear,
    once_per=(TermYear.person, TermYear.enterprise, TermYear.year),
    judged_on=TermYear.named_on,
    conditions=(
        require("已到任期年度起始日", TermYear.due_on <= today),
        require("所在企业为本市企业", TermYear.is_local_enterprise),
        require("任期年度起始日在该企业就业", TermYear.is_employed_there),
        require("任期年度起始日前命名未撤销", TermYear.due_on < TermYear.withdrawn_on),
        require("任期年度起始日健在", TermYear.due_on <= TermYear.died_on),
        require("此前年度考核合格", TermYear.failed_checks <= FAILED_CHECKS),
    ),
    amount=AMOUNT,
    payee=choose(PAYEE, {"PERSON": TermYear.person, "ENTERPRISE": TermYear.enterprise}),
    contact="市人社局职业能力建设科",
)
