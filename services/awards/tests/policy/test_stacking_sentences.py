"""Who is paid and who yields to whom, as sentences in `stacking/*.yaml`: what meets every condition, what was paid, what stands in the way.

A case names what is `due` (the scheme, to whom, how much, the ground's day; `paid`: how much of it already, `topped_up`: as a difference), what
was paid on `paper`, what `others` paid, what was `ruled` and what `fell` for fraud; `comes` says of each what is owed in the end, and why
not more. Everything is of one person, trade and level unless a case says otherwise. Each is decided in both orders.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import yaml

from awards.kernel.kinds import Outcome, Unit
from awards.kernel.stacking import Claim
from awards.parameters.seed import load_seed
from awards.policy.blockers import Blocker, of_a_person
from awards.policy.days import Span
from awards.policy.dossier import City, PersonFacts
from awards.policy.facts import Findings
from awards.policy.names import Key, key_of
from awards.policy.schemes import BY_ID
from awards.policy.stacked import Owed, Settled, higher_levels, stacked
from awards.policy.stacking import Stands
from contracts import awards, registry
from contracts.certification import Certificate, Occupation

TODAY = date(2018, 12, 1)
TRADES = {"焊工": "2015:6-18-02-04", "旧版焊工": "1999:6-04-02-05", "钳工": "2015:6-20-01-01"}
LEVELS = {"初级工": 5, "中级工": 4, "高级工": 3, "技师": 2, "高级技师": 1}


class Case(NamedTuple):
    title: str
    told: dict[str, Any]


def cases() -> list[Case]:
    paths = sorted((Path(__file__).parent / "stacking").glob("*.yaml"))
    return [
        Case(title, told) for path in paths for title, told in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader).items()
    ]


def named(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def yuan(amount: float) -> int:
    return round(amount * 100)


CITY_OCCUPATIONS = [Occupation(id=named("焊工"), occupation=TRADES["焊工"], name="焊工", same_as=(TRADES["旧版焊工"],))]


class Told:
    """One case as the policy knows it."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told, self.today = told, told.get("day", TODAY)
        self.names: dict[Key, str] = {}
        self.person = PersonFacts(named("本人"), other_benefits=list(self._others()), findings=Findings(list(self._paper()), []))
        self.city = City(occupations=CITY_OCCUPATIONS)
        self.settled: dict[Key, Settled] = {}
        self.owed = [self._owed(name, each) for name, each in told["due"].items()]
        rulings = [self._ruling(each) for each in told.get("ruled", ())]
        of_him = [each for each in rulings if each.beneficiary_kind == "PERSON"]
        self.person.findings = self.person.findings._replace(rulings=of_him)
        self.city.bans = [each for each in rulings if each.beneficiary_kind == "ORGANISATION"]
        self.person.certificates = list(self._held())

    def _group(self, each: dict[str, Any]) -> str:
        return City(occupations=CITY_OCCUPATIONS).group(TRADES[each.get("trade", "焊工")])

    def _owed(self, name: str, each: dict[str, Any]) -> Owed:
        scheme = BY_ID[each["scheme"]]
        payee, facts = each["to"], scheme.ground.facts
        known = {
            "person": named(each.get("of", "本人")), "occupation_group": self._group(each), "level_code": LEVELS[each.get("level", "高级工")],
            "training_class": named(each.get("class", f"{name}班")), "certificate": named(each.get("certificate", "证书")),
            "record": named(f"{name}记录"), "year": each.get("year"), "employment": named(f"{name}就业"), scheme.judged_on.name: each["day"],
        }  # fmt: skip
        ground = scheme.ground.awaiting(**{fact: value for fact, value in known.items() if fact in facts})
        key = key_of(scheme, ground)
        self.names[key] = name
        if each.get("paid"):
            self.settled[key] = Settled(yuan(each["paid"]), is_topped_up=each.get("topped_up", False))
        outcome = Outcome[each.get("outcome", "GRANTED")]
        unit = Unit.PERSON if payee == "本人" else Unit.ORGANISATION
        return Owed(scheme, key, ground, outcome, yuan(each["yuan"]), unit, named(payee), named(each.get("of", "本人")))

    def _paper(self) -> Iterator[awards.PriorPayment]:
        for name, each in self.told.get("paper", {}).items():
            to_person = each["to"] == "本人"
            self.names[Key(Stands.PRIOR_PAYMENT, str(named(name)))] = name
            yield awards.PriorPayment(
                id=named(name), scheme=each["scheme"], beneficiary_id=named(each["to"]), person_id=named(each.get("of", "本人")),
                beneficiary_kind=awards.PayeeKind.PERSON if to_person else awards.PayeeKind.ORGANISATION,
                occupation=TRADES[each.get("trade", "焊工")], level_code=LEVELS[each.get("level", "高级工")], year=each.get("year"),
                amount_fen=yuan(each["yuan"]), paid_on=each.get("day", date(2016, 6, 30)), paper_number="1", withdrawn_on=each.get("withdrawn_on"),
            )  # fmt: skip

    def _others(self) -> Iterator[registry.OtherBenefit]:
        for name, each in self.told.get("others", {}).items():
            self.names[Key(Stands.OTHER_BENEFIT, str(named(name)))] = name
            yield registry.OtherBenefit(
                id=named(name), person_id=named("本人"), occupation=TRADES[each.get("trade", "焊工")],
                scheme=registry.OtherBenefitScheme(each.get("scheme", "UNEMPLOYMENT_INSURANCE_SKILL_SUBSIDY")),
                level_code=LEVELS[each.get("level", "高级工")], amount_fen=150_000, paid_on=each.get("day", date(2018, 7, 1)),
                withdrawn_on=each.get("withdrawn_on"),
            )  # fmt: skip

    def _ruling(self, each: dict[str, Any]) -> awards.Ruling:
        name = each["name"]
        self.names[Key(Stands.RULING, str(named(name)))] = name
        of = next((key for key, called in self.names.items() if called == each.get("about")), None)
        whom = each.get("whom", "本人")
        return awards.Ruling(
            id=named(name), kind=awards.RulingKind(each["kind"]), beneficiary_id=named(whom),
            beneficiary_kind=awards.PayeeKind.PERSON if whom in ("本人", "别人") else awards.PayeeKind.ORGANISATION,
            scheme=of.scheme if of else None, entitlement_key=of.key if of else None, first_on=each.get("first_on", date(2018, 11, 1)),
            last_on=each.get("last_on"), paper_number="1", reversed_on=each.get("reversed_on"),
        )  # fmt: skip

    def _held(self) -> Iterator[Certificate]:
        for name, each in self.told.get("holds", {}).items():
            self.names[Key(Stands.HIGHER_LEVEL, str(named(name)))] = name
            yield Certificate.model_construct(
                id=named(name), person_id=named("本人"), occupation=TRADES[each.get("trade", "焊工")], level_code=LEVELS[each["level"]],
                issued_on=each["day"], revoked_on=each.get("revoked_on"), revocation_reason=None, class_id=None, organisation_id=None,
            )  # fmt: skip

    def blockers(self) -> list[Blocker]:
        """What stands in the way today."""
        parameters = load_seed().but(**self.told.get("figures", {}))
        grounds = [each.ground for each in self.owed]
        found = [*of_a_person(self.person, self.city), *higher_levels(self.person, self.city, grounds, parameters, self.today)]
        return [each for each in [*found, *self._fell()] if each.days.covers(self.today)]

    def _fell(self) -> Iterator[Blocker]:
        for name, each in self.told.get("fell", {}).items():
            was = self._owed(name, each)
            subject = {**was.ground.__dict__, "payee": was.payee}
            claim = Claim(was.scheme.id, subject, was.fen, each["day"], blocks=Stands.FRAUD)
            yield Blocker(was.name, claim, Span(date.min))

    def comes(self, owed: list[Owed], blockers: list[Blocker]) -> dict[str, str]:
        """What is owed of each in the end, and what it yields to."""
        said = {}
        for each in stacked(owed, self.settled, blockers):
            fen = each.fen if each.displaced_by is None else each.left_fen
            why = f" {self.names[each.displaced_by]}" if each.displaced_by else ""
            said[self.names[each.name]] = f"{fen / 100:g}{why}"
        return said


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_stacking(case: Case) -> None:
    told = Told(case.told)
    blockers = told.blockers()
    expected = {name: str(value) for name, value in case.told["comes"].items()}

    assert told.comes(told.owed, blockers) == expected
    assert told.comes(told.owed[::-1], blockers[::-1]) == expected, "in the other order too"


def test_there_are_enough_sentences() -> None:
    assert len(cases()) >= 90
