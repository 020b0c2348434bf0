"""Article 4: an enterprise that trains its own staff, before the job or on it, gets half of what the same training costs the city, per certificate.

Readings: A10 the standard is the subsidy of article 6, or the whole fee; A11 both kinds end in a certificate, 业务研修 gets nothing; A13 and A57
whose staff, no least months, the same trade and level, a dispatched worker at whom he works for, before the job by the day of the certificate;
A47 rounded once; A48 the figures of class start; A49 and A65 what is a local enterprise; A51 the lowest tender price, none is awaited;
A63 which fund; A68 revocation.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import Share, Unit
from awards.kernel.scheme import Scheme, require
from awards.kernel.terms import all_of, any_of, today
from awards.policy.grounds.certification import IN_HOUSE, PRE_JOB, UPGRADE, Certification
from awards.policy.schemes import universal_training as universal

SHARE = parameter("employer-training.share", "企业培训补贴占同等项目社会培训补助标准的比例", Unit.SHARE, Share)
BASE = parameter("employer-training.base", "同等项目社会培训补助标准的含义", Unit.CODE, str)
PRICE_OF_SEVERAL = parameter("employer-training.price_of_several", "多家机构中标时的标准", Unit.CODE, str)
SOLE_TRADERS_TOO = parameter("employer-training.sole_traders_too", "个体工商户同样补贴", Unit.FLAG, bool)
ANY_CERTIFICATE = parameter("employer-training.any_certificate", "证书不限于班级的职业、等级", Unit.FLAG, bool)
INSURED_MONTHS = parameter("employer-training.insured_months", "企业职工参保月数要求", Unit.MONTHS, int)

PRICE = choose(PRICE_OF_SEVERAL, {"LOWEST": Certification.lowest_price_fen, "HIGHEST": Certification.highest_price_fen})
AMOUNT = choose(BASE, {
    "R6_SUBSIDY": PRICE * universal.RATE.at(Certification.class_level_code) * SHARE,
    "FEE": PRICE * SHARE,
})  # fmt: skip

IN_A_LOCAL_ENTERPRISE = require(
    "用人单位为本市企业", any_of(Certification.is_local_enterprise, all_of(SOLE_TRADERS_TOO, Certification.is_local_sole_trader))
)
ITS_STAFF = require(
    "培训时是该企业职工",
    all_of(Certification.employed_from <= Certification.employed_by, Certification.class_starts_on <= Certification.employed_until),
)
TOOK_PART = require("参加了该班培训", Certification.took_part)
AFTER_TRAINING = require("培训后取得证书", Certification.issued_on >= Certification.class_starts_on)
VALID = require("证书有效", all_of(Certification.issued_on <= today, today < Certification.revoked_on))
AS_IN_ARTICLE_4 = (
    IN_A_LOCAL_ENTERPRISE,
    ITS_STAFF,
    require("参保满规定月数", Certification.paid_months >= INSURED_MONTHS, is_quiet=True),
    TOOK_PART,
    require("取得与班级一致的证书", any_of(ANY_CERTIFICATE, Certification.matches_class)),
    AFTER_TRAINING,
    VALID,
    require("有同等项目社会培训的补助标准", PRICE > 0),
)
"""What a school that trains an enterprise's staff has to meet as well (article 5)."""

employer_training = Scheme(
    id="employer-training",
    clause="R4.b",
    title="企业岗前、岗位技能提升培训补贴",
    fund=universal.fund_of(Certification.fund_by_level),
    ground=Certification,
    applies_to=any_of(*(Certification.class_kind.is_(kind) for kind in (PRE_JOB, UPGRADE, IN_HOUSE))),
    once_per=(Certification.person, Certification.certificate),
    judged_on=Certification.class_starts_on,
    conditions=AS_IN_ARTICLE_4,
    amount=AMOUNT,
    payee=Certification.employer,
    contact="市人社局职业能力建设科",
)
