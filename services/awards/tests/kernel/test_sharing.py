"""A sum is shared to the fen, whoever shares it: nothing lost, nothing found, nobody a fen from his part, the order of equals fixed."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awards.kernel.sharing import shared, shared_equally
from common.testing.examples import examples

PARTS = st.lists(st.one_of(st.just(0), st.integers(1, 200_000)), max_size=8)


@settings(max_examples=examples(300))
@given(sum_fen=st.integers(0, 400_000), parts=PARTS)
def test_the_shares_add_up_to_the_sum(sum_fen: int, parts: list[int]) -> None:
    assert sum(shared(sum_fen, parts)) == (sum_fen if any(parts) else 0)


@settings(max_examples=examples(300))
@given(sum_fen=st.integers(0, 400_000), parts=PARTS)
def test_everybody_gets_his_part_or_the_fen_around_it(sum_fen: int, parts: list[int]) -> None:
    whole = sum(parts)
    for share, part in zip(shared(sum_fen, parts), parts, strict=True):
        exact = Fraction(sum_fen * part, whole) if whole else Fraction(0)
        assert exact - 1 < share < exact + 1
        assert share == exact or part


@settings(max_examples=examples(300))
@given(sum_fen=st.integers(0, 400_000), parts=PARTS)
def test_whoever_gets_a_fen_more_had_the_larger_remainder_or_stands_before(sum_fen: int, parts: list[int]) -> None:
    whole = sum(parts)
    if not whole:
        return
    ranked = sorted(range(len(parts)), key=lambda nth: (-((sum_fen * parts[nth]) % whole), nth))
    more = [shared(sum_fen, parts)[nth] - sum_fen * parts[nth] // whole for nth in ranked]
    assert more == sorted(more, reverse=True)
    assert set(more) <= {0, 1}


@pytest.mark.parametrize(
    ("sum_fen", "parts", "shares"),
    [
        (100_000, [70_000, 60_000], [53_846, 46_154]),
        (100_000, [60_000, 70_000], [46_154, 53_846]),
        (100_000, [50_000, 50_000, 50_000], [33_334, 33_333, 33_333]),
        (100_000, [1, 0, 1], [50_000, 0, 50_000]),
        (1, [1, 1], [1, 0]),
        (0, [5, 5], [0, 0]),
        (7, [0, 0], [0, 0]),
        (7, [], []),
    ],
)
def test_by_hand(sum_fen: int, parts: list[int], shares: list[int]) -> None:
    assert shared(sum_fen, parts) == shares


def test_equally_among_nobody_is_nothing() -> None:
    assert shared_equally(100, 0) == []
    assert shared_equally(100, 3) == [34, 33, 33]
