"""Article 6: award instead of subsidy (以奖代补) to a demonstration base that has been built. The text names no figure: none, no award.

Readings: A18 disabled until a paper sets the figure; A67 the day of the acceptance decides. A base may be accepted before the paper that
recognises it; once the recognition has run out or was withdrawn it is not accepted any more. What was earned stays earned.
"""

from awards.kernel.figures import parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import today
from awards.policy.grounds.acceptance import Acceptance

AMOUNT = parameter("demonstration-base.amount", "示范基地奖励标准", Unit.FEN, Fen, paper="示范实训基地以奖代补办法的文件")

demonstration_base = Scheme(
    id="demonstration-base",
    clause="R6.d",
    title="示范实训（培训）基地奖励",
    fund=Fund.EMPLOYMENT,
    ground=Acceptance,
    once_per=(Acceptance.training_base, Acceptance.recognition),
    judged_on=Acceptance.accepted_on,
    conditions=(
        require("已认定为示范基地", Acceptance.recognised_from <= today),
        require("已通过验收", Acceptance.accepted_on <= today),
        require("验收时认定没有到期或撤销", Acceptance.accepted_on <= Acceptance.recognised_until),
    ),
    amount=AMOUNT,
    payee=Acceptance.training_base,
    contact="市人社局职业能力建设科",
)
