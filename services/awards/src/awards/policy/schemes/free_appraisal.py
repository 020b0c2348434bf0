"""Article 5: students of secondary vocational schools are appraised free of charge; the city pays the fee to the appraisal body.

Readings: A17 every attempt unless a parameter limits them, hardship is no condition, settled with the body and never in cash to the student; A43 (iv) it stacks
with everything; A67 registration fixes the figures, and whether he is a student.
"""

from awards.kernel.figures import parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import awaited
from awards.policy.grounds.exam_entry import ExamEntry

FREE_ATTEMPTS = parameter("free-appraisal.free_attempts", "免费次数上限", Unit.NUMBER, int)

free_appraisal = Scheme(
    id="free-appraisal",
    clause="R5.d",
    title="中职学生免费职业技能鉴定",
    fund=Fund.CITY,
    ground=ExamEntry,
    once_per=(ExamEntry.person, ExamEntry.entry),
    judged_on=ExamEntry.registered_on,
    conditions=(
        require("报名当日是中职在校学生", ExamEntry.is_secondary_student),
        require("在免费次数之内", ExamEntry.attempt <= FREE_ATTEMPTS),
        require("鉴定批次有效", ExamEntry.is_valid),
        require("参加了鉴定", ExamEntry.took_part),
        require("没有向学生收费，或已退还", awaited(ExamEntry.charged_fen <= Fen(0))),
    ),
    amount=ExamEntry.fee_fen,
    payee=ExamEntry.body,
    contact="市人社局职业能力建设科",
)
