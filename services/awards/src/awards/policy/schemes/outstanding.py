"""Article 14: each of the year's twenty outstanding high-skilled persons gets 3,000 yuan a year through three years of management.

Readings: A40 stops with withdrawal, leaving the city, death (nothing for heirs) and, by parameter, failed yearly checks; A66 on the naming day
and its two anniversaries, if then employed locally; A67 the naming day fixes the figures, and the policy's expiry stops new namings only.
That only twenty are named, and nobody anew within three years, is refused when they are named.
"""

from awards.kernel.figures import parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import today
from awards.policy.grounds.honour_years import Instalment

FAILED_CHECKS = parameter("outstanding.failed_checks_allowed", "允许的年度考核不合格次数", Unit.NUMBER, int)
AMOUNT = parameter("outstanding.amount", "每年奖励标准", Unit.FEN, Fen)

outstanding = Scheme(
    id="outstanding",
    clause="R14.b",
    title="张家港市优秀高技能人才奖励",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=Instalment,
    once_per=(Instalment.person, Instalment.selection, Instalment.number),
    judged_on=Instalment.named_on,
    conditions=(
        require("已到本期应发日", Instalment.due_on <= today),
        require("应发日在本市就业", Instalment.is_employed_locally),
        require("应发日前命名未撤销", Instalment.due_on < Instalment.withdrawn_on),
        require("应发日健在", Instalment.due_on <= Instalment.died_on),
        require("此前年度考核合格", Instalment.failed_checks <= FAILED_CHECKS),
    ),
    amount=AMOUNT,
    payee=Instalment.person,
    contact="市人社局职业能力建设科",
)
