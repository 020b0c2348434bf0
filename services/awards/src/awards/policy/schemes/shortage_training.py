"""Article 7: grant for training in a shortage occupation, by level.

The city mandates a training base to train for the year's catalogue; who passes earns the base (or, by parameter, the trainee) a grant
of not less than 1,000, 2,000 and 3,000 yuan for 高级工, 技师 and 高级技师. Readings: A28 floor, A29 payee, A30 which catalogue,
A48 which day's figures, A57 same trade and level, A61 proof, A62 between two catalogues, A68 revocation.
"""

from awards.kernel.figures import choose, parameter
from awards.kernel.kinds import HIGH_SKILLED, Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import all_of, any_of, today
from awards.policy.grounds.certification import Certification

FLOOR = {3: Fen(1_000_00), 2: Fen(2_000_00), 1: Fen(3_000_00)}
AMOUNT = parameter("shortage-training.amount", "资助标准", Unit.FEN, Fen, floor=FLOOR)
PAYEE = parameter("shortage-training.payee", "资助对象", Unit.CODE, str)
RESULT_SUFFICES = parameter("shortage-training.result_suffices", "班级考核合格即可，不要求取得证书", Unit.FLAG, bool)
CATALOGUE_GAP = parameter("shortage-training.catalogue_gap", "新旧紧缺目录之间", Unit.CODE, str)

PASSED = all_of(RESULT_SUFFICES, Certification.passed_on <= today)
BEGINS = Certification.class_starts_on

shortage_training = Scheme(
    id="shortage-training",
    clause="R7.d",
    title="紧缺高技能人才培训资助",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=Certification,
    applies_to=Certification.class_kind.is_("SHORTAGE"),
    once_per=(Certification.person, Certification.training_class),
    judged_on=Certification.class_starts_on,
    conditions=(
        require("经委托的培养基地开班", BEGINS.is_within(Certification.mandated_from, Certification.mandated_until)),
        require("开班时职业（工种）在紧缺目录内", choose(CATALOGUE_GAP, {
            "OLD_STAYS": BEGINS.is_within(Certification.listed_from, Certification.listed_until),
            "YEAR_ONLY": BEGINS.is_within(Certification.listed_in_year_from, Certification.listed_in_year_until),
        })),
        require("参加了该班培训", Certification.took_part),
        require("取得与班级一致的证书", any_of(PASSED, Certification.matches_class)),
        require("培训后取得证书", any_of(PASSED, Certification.issued_on >= BEGINS)),
        require("证书有效", any_of(PASSED, all_of(Certification.issued_on <= today, today < Certification.revoked_on))),
        require("证书为高级工及以上", Certification.level_code <= HIGH_SKILLED),  # codes run backwards: 3 is 高级工
    ),
    amount=AMOUNT.at(Certification.level_code),
    payee=choose(PAYEE, {"BASE": Certification.organiser, "TRAINEE": Certification.person}),
    contact="市人社局职业能力建设科",
)  # fmt: skip
