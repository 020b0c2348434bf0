"""Article 4: whom an enterprise itself trains to 高级工 or above is rewarded as one trained by society is.

The text prints no amount for either (A14): disabled until a paper sets one, or says that the amounts of article 7 are meant. Readings: A48 an
award is judged on the day of the certificate; A49 and A65 what is a local enterprise; A57 whose staff; A68 revocation.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import HIGH_SKILLED, Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.policy.grounds.certification import IN_HOUSE, Certification
from awards.policy.schemes import employer_training as employer
from awards.policy.schemes import shortage_training as shortage

STANDARD = parameter("in-house-high-skilled.standard", "社会化培养奖励标准的含义", Unit.CODE, str)
AMOUNT = parameter(
    "in-house-high-skilled.amount",
    "企业自主培养高技能人才奖励标准",
    Unit.FEN,
    Fen,
    paper="市人社局、市财政局明确该标准（或明确按第七款标准执行）的文件",
)

in_house_high_skilled = Scheme(
    id="in-house-high-skilled",
    clause="R4.d",
    title="企业自主培养高技能人才奖励",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=Certification,
    applies_to=Certification.class_kind.is_(IN_HOUSE),
    once_per=(Certification.person, Certification.certificate),
    judged_on=Certification.issued_on,
    conditions=(
        employer.IN_A_LOCAL_ENTERPRISE,
        employer.ITS_STAFF,
        employer.TOOK_PART,
        require("取得与班级一致的证书", Certification.matches_class),
        employer.AFTER_TRAINING,
        employer.VALID,
        require("证书为高级工及以上", Certification.level_code <= HIGH_SKILLED),
    ),
    amount=choose(STANDARD, {
        "OWN": AMOUNT.at(Certification.level_code),
        "SHORTAGE_TRAINING": shortage.AMOUNT.at(Certification.level_code),
    }),
    payee=Certification.employer,
    contact="市人社局职业能力建设科",
)  # fmt: skip
