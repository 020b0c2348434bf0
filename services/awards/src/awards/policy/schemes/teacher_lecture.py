"""Article 5: pay subsidy for teachers of vocational schools who lecture inside enterprises. The text names no figure: none, no subsidy.

Readings: A18 disabled until a paper sets the figure; A48 the day of the lecture decides; A49 and A65 who is a local enterprise. The
subsidy goes to the school, which pays its teacher, or to the teacher himself: a parameter.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.scheme import Scheme, require
from awards.kernel.terms import all_of, any_of, today
from awards.policy.grounds.lecture import Lecture

PER_HOUR = parameter("teacher-lecture.per_hour", "每课时补贴标准", Unit.FEN, Fen, paper="教师企业内授课补贴标准的文件")
PAYEE = parameter("teacher-lecture.payee", "补贴对象", Unit.CODE, str)
SOLE_TRADERS_COUNT = parameter("teacher-lecture.sole_traders_count", "个体工商户是否算企业", Unit.FLAG, bool)
FUND = parameter("teacher-lecture.fund", "资金来源", Unit.CODE, str)

teacher_lecture = Scheme(
    id="teacher-lecture",
    clause="R5.f",
    title="职业院校教师企业内授课补贴",
    fund=FUND,
    ground=Lecture,
    once_per=(Lecture.lecture,),
    judged_on=Lecture.held_on,
    conditions=(
        require("由职业院校派出", Lecture.is_school),
        require("在本市企业授课", any_of(Lecture.is_local_enterprise, all_of(Lecture.is_local_sole_trader, SOLE_TRADERS_COUNT))),
        require("已授课并经企业确认", all_of(Lecture.held_on <= today, Lecture.confirmed_on <= today)),
        require("没有撤回", today < Lecture.withdrawn_on),
    ),
    amount=PER_HOUR * Lecture.hours,
    payee=choose(PAYEE, {"SCHOOL": Lecture.school, "TEACHER": Lecture.person}),
    contact="市人社局职业能力建设科",
)
