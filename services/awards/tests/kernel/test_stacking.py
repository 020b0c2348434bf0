"""Stacking: a row and a table agree, whoever is displaced names one that stands, nothing is paid twice, and what is paid stays."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from awards.kernel.stacking import AtMostOne, Claim, ClaimTable, Displacement, displaced_by, displaced_by_columns
from common.testing.examples import examples

SCHEMES = ("a", "b", "c")
KINDS = ("paper", "benefit", "fraud")
TABLE = (
    AtMostOne("paid on paper", SCHEMES, ("of_scheme", "person", "level"), in_order=True, against="paper"),
    AtMostOne("paid by others", ("a", "b"), ("payee", "person", "level"), in_order=True, against="benefit"),
    AtMostOne("fell for fraud", SCHEMES, ("person", "level"), against="fraud"),
    AtMostOne("not b with c", ("b", "c"), ("person", "level")),
    AtMostOne("c absorbs a", ("c", "a"), ("person", "level"), in_order=True),
    AtMostOne("a or b", ("a", "b"), ("person",)),
)


class Drawn(NamedTuple):
    scheme: str
    person: int
    level: int
    payee: int
    fen: int
    day: int
    standing: str

    def claim(self) -> Claim:
        subject = {"person": self.person, "level": self.level, "payee": self.payee, "of_scheme": SCHEMES.index(self.scheme)}
        return Claim(
            self.scheme, subject, self.fen, self.day, is_settled=self.standing in ("settled", "topped up", "paper"),
            is_topped_up=self.standing == "topped up", blocks=self.standing if self.standing in KINDS else None,
        )  # fmt: skip


CLAIMS = st.lists(
    st.builds(
        Drawn, st.sampled_from(SCHEMES), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1), st.integers(1, 5), st.integers(1, 3),
        st.sampled_from(["due", "due", "due", "settled", "topped up", *KINDS]),
    ).map(Drawn.claim),
    max_size=14,
)  # fmt: skip


def shares(rule: AtMostOne, one: Claim, other: Claim) -> bool:
    """Both concern the rule, and for the same thing."""
    key = [claim.subject.get(name) for claim in (one, other) for name in rule.per]
    half = len(key) // 2
    return key[:half] == key[half:] and None not in key and rule.concerns(one) and rule.concerns(other)


def wholly(displacement: Displacement | None) -> bool:
    return displacement is not None and not displacement.left_fen


@settings(max_examples=examples(300))
@given(claims=CLAIMS)
def test_stacking_is_the_same_in_a_row_and_in_a_table(claims: list[Claim]) -> None:
    kinds = [-1 if each.blocks is None else KINDS.index(each.blocks) for each in claims]
    table = ClaimTable(
        SCHEMES,
        np.array([SCHEMES.index(each.scheme) for each in claims], np.int64),
        {name: np.array([each.subject[name] for each in claims], np.int64) for name in ("person", "level", "payee", "of_scheme")},
        np.array([each.amount_fen for each in claims], np.int64),
        np.array([each.judged_on for each in claims], np.int64),
        np.array([each.is_settled for each in claims], bool),
        np.array([each.is_topped_up for each in claims], bool),
        KINDS,
        np.array(kinds, np.int64),
    )
    by_row = displaced_by(claims, TABLE)
    columns = displaced_by_columns(table, TABLE)
    assert columns.by.tolist() == [-1 if each is None else each.by for each in by_row]
    assert columns.left_fen.tolist() == [
        claim.amount_fen if each is None else each.left_fen for claim, each in zip(claims, by_row, strict=True)
    ]


@settings(max_examples=examples(400))
@given(claims=CLAIMS)
def test_whoever_is_displaced_names_one_that_stands_and_shares_a_rule_with_him(claims: list[Claim]) -> None:
    found = displaced_by(claims, TABLE)
    for claim, displacement in zip(claims, found, strict=True):
        if displacement is not None:
            winner = claims[displacement.by]
            assert claim.blocks is None, "a blocker is displaced by nobody"
            assert not wholly(found[displacement.by]), "a displaced claim displaces nobody"
            assert any(shares(rule, claim, winner) for rule in TABLE if winner.blocks is None or rule.against in (None, winner.blocks))


@settings(max_examples=examples(400))
@given(claims=CLAIMS)
def test_of_those_that_stand_no_two_are_paid_for_the_same(claims: list[Claim]) -> None:
    """What stands beside another under one rule is only the difference to it."""
    found = displaced_by(claims, TABLE)
    standing = [nth for nth, each in enumerate(found) if claims[nth].blocks is None and not wholly(each)]
    for rule in TABLE:
        if rule.against is None:
            for nth in standing:
                rivals = [other for other in standing if other != nth and shares(rule, claims[nth], claims[other])]
                assert not rivals or found[nth] is not None or all(found[other] is not None for other in rivals)


@settings(max_examples=examples(400))
@given(claims=CLAIMS)
def test_nothing_that_is_only_due_takes_a_fen_from_what_is_paid(claims: list[Claim]) -> None:
    """Taking away everything that is not paid changes nothing for what is."""
    paid = [nth for nth, each in enumerate(claims) if each.is_settled or each.blocks is not None]
    of_all, of_paid = displaced_by(claims, TABLE), displaced_by([claims[nth] for nth in paid], TABLE)
    for place, nth in enumerate(paid):
        alone = of_paid[place]
        assert of_all[nth] == (alone and Displacement(paid[alone.by], alone.left_fen))


@settings(max_examples=examples(400))
@given(claims=CLAIMS, seed=st.randoms(use_true_random=False))
def test_the_order_in_which_claims_are_known_changes_nothing(claims: list[Claim], seed: Any) -> None:
    claims = [replace(claim, amount_fen=claim.amount_fen * 100 + nth) for nth, claim in enumerate(claims)]  # no two tie
    order = list(range(len(claims)))
    seed.shuffle(order)
    assert sorted(outcomes(claims)) == sorted(outcomes([claims[nth] for nth in order]))


def outcomes(claims: Sequence[Claim]) -> list[Any]:
    found = displaced_by(claims, TABLE)
    return [
        (str(claim), claim.amount_fen if each is None else each.left_fen, each is not None)
        for claim, each in zip(claims, found, strict=True)
    ]


def due(scheme: str, fen: int, payee: int = 0, **standing: Any) -> Claim:
    return Claim(scheme, {"person": 1, "level": 1, "payee": payee, "of_scheme": scheme}, fen, 1, **standing)


def test_what_displaced_another_and_falls_itself_gives_the_other_back() -> None:
    """b displaces c, and is itself displaced by a: c, which would absorb a, comes too late, for a has displaced another."""
    c, a, b = due("c", 5), due("a", 9), due("b", 7)
    assert displaced_by([c, a, b], TABLE) == [Displacement(1), None, Displacement(1)]


def test_of_a_difference_that_was_paid_the_first_is_never_taken_back() -> None:
    """The first was paid 7, then the higher 2 as the difference: both stay as they are, whatever comes third."""
    first, second, third = due("a", 7, is_settled=True), due("b", 9, is_settled=True, is_topped_up=True), due("b", 10)
    assert displaced_by([first, second], TABLE) == [None, Displacement(0, 2)]
    assert displaced_by([first, second, third], TABLE) == [None, Displacement(0, 2), Displacement(1, 1)]
