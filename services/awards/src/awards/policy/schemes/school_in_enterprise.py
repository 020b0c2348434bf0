"""Article 5: a vocational school that trains an enterprise's staff inside it may be paid as the enterprise is by article 4, per certificate.

可 is discretion: somebody decides for the certificate, or a parameter says that it is always used. Readings: A12 one payee per person and
certificate, the school by its contract with the enterprise; everything else as in article 4 (A10, A13, A47, A48, A49, A51, A57, A63, A65, A68).
"""

from awards.kernel.figures import parameter
from awards.kernel.kinds import Unit
from awards.kernel.scheme import Scheme, require
from awards.kernel.terms import all_of, any_of, awaited, today
from awards.policy.grounds.certification import BY_DISCRETION, IN_ENTERPRISE, Certification
from awards.policy.schemes import employer_training as employer
from awards.policy.schemes import universal_training as universal

ALWAYS = parameter("school-in-enterprise.always", "对职业院校一律给予补贴", Unit.FLAG, bool)

school_in_enterprise = Scheme(
    id=BY_DISCRETION,
    clause="R5.g",
    title="职业院校企业内培训补贴",
    fund=universal.fund_of(Certification.fund_by_level),
    ground=Certification,
    applies_to=Certification.class_kind.is_(IN_ENTERPRISE),
    once_per=(Certification.person, Certification.certificate),
    judged_on=Certification.class_starts_on,
    conditions=(
        require("由职业院校举办", Certification.is_run_by_school),
        require("有校企培训合同", awaited(Certification.has_contract)),
        *employer.AS_IN_ARTICLE_4,
        require(
            "已决定给予补贴",
            awaited(any_of(ALWAYS, all_of(Certification.discretion_from <= today, today <= Certification.discretion_until))),
        ),
    ),
    amount=employer.AMOUNT,
    payee=Certification.organiser,
    contact="市人社局职业能力建设科",
)
