"""Article 8: what enterprises pay for a class of theirs (张家港班) at a school in another city is matched one to one, up to 1,000 yuan a student.

Readings: A9 another city; A32 the cap is on a student over all enterprises and the whole class, and who gets the match; A49 and A65 local
enterprises; A55 splitting; A64 for each student or on average over the class, lump sums, refunds, how many sponsors; A67 the opening decides.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.scheme import Scheme, require
from awards.kernel.sharing import share_of
from awards.kernel.terms import all_of, any_of, today
from awards.policy.grounds.sponsored_place import SponsoredPlace

MOST_FOR_A_STUDENT = parameter("sponsored-class.most_for_a_student", "每人配套上限", Unit.FEN, Fen)
LEAST_SPONSORS = parameter("sponsored-class.least_sponsors", "出资企业家数要求", Unit.FIRMS, int)
PER = parameter("sponsored-class.per", "按学生或全班平均计算", Unit.CODE, str)
PAYEE = parameter("sponsored-class.payee", "补助对象", Unit.CODE, str)
SOLE_TRADERS_COUNT = parameter("sponsored-class.sole_traders_count", "个体工商户是否算企业", Unit.FLAG, bool)
FUND = parameter("sponsored-class.fund", "资金来源", Unit.CODE, str)

ONE_FEN = Fen(1)
HAS_PAID = {"STUDENT": SponsoredPlace.paid_fen >= ONE_FEN, "CLASS_AVERAGE": SponsoredPlace.paid_on_average_fen >= ONE_FEN}
HAS_PROVEN = {"STUDENT": SponsoredPlace.is_proven, "CLASS_AVERAGE": SponsoredPlace.is_proven_on_average}
BY_EACH = {
    "STUDENT": choose(SOLE_TRADERS_COUNT, {False: SponsoredPlace.by_enterprises, True: SponsoredPlace.by_all}),
    "CLASS_AVERAGE": choose(SOLE_TRADERS_COUNT, {False: SponsoredPlace.by_enterprises_on_average, True: SponsoredPlace.by_all_on_average}),
}
SPONSORS = choose(SOLE_TRADERS_COUNT, {False: SponsoredPlace.enterprises, True: SponsoredPlace.enterprises_and_sole_traders})

sponsored_class = Scheme(
    id="sponsored-class",
    clause="R8.d",
    title="张家港班企业资助配套补助",
    fund=FUND,
    ground=SponsoredPlace,
    applies_to=choose(PER, HAS_PAID),
    once_per=(SponsoredPlace.sponsored_class, SponsoredPlace.person, SponsoredPlace.sponsor),
    judged_on=SponsoredPlace.opened_on,
    conditions=(
        require("班级没有取消", SponsoredPlace.is_held),
        require("班级已开班", SponsoredPlace.opened_on <= today),
        require("开在职业院校", SponsoredPlace.is_school),
        require("学校在外市", SponsoredPlace.is_outside),
        require(
            "由本市企业出资", any_of(SponsoredPlace.is_local_enterprise, all_of(SponsoredPlace.is_local_sole_trader, SOLE_TRADERS_COUNT))
        ),
        require("付款凭证已核实", choose(PER, HAS_PROVEN)),
        require("出资企业家数达到要求", SPONSORS >= LEAST_SPONSORS),
    ),
    amount=share_of(MOST_FOR_A_STUDENT, choose(PER, BY_EACH), SponsoredPlace.place),
    payee=choose(PAYEE, {"SPONSOR": SponsoredPlace.sponsor, "SCHOOL": SponsoredPlace.school}),
    contact="市人社局人才开发科",
)
