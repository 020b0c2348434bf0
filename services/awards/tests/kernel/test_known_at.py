"""A figure on two axes: in force from a day, known since an instant; what was known at a moment is one consistent set."""

from datetime import UTC, date, datetime

import pytest

from awards.kernel.parameters import UNSET, Entry, Figure, Overlapping, as_known_at

FIRST, SECOND, THIRD = (datetime(2018, month, 1, 12, tzinfo=UTC) for month in (1, 6, 9))
OLD, NEW, CORRECTED = Figure(1000, date(2015, 1, 1)), Figure(1200, date(2018, 3, 1)), Figure(1300, date(2018, 3, 1))
HISTORY = [Entry("a.b", OLD, FIRST), Entry("a.b", NEW, SECOND, THIRD), Entry("a.b", CORRECTED, THIRD)]


@pytest.mark.parametrize(
    ("moment", "in_april_2018"),
    [
        (datetime(2017, 12, 31, tzinfo=UTC), UNSET),
        (FIRST, OLD),
        (datetime(2018, 5, 31, tzinfo=UTC), OLD),
        (SECOND, NEW),
        (datetime(2018, 8, 31, tzinfo=UTC), NEW),
        (THIRD, CORRECTED),
        (None, CORRECTED),
    ],
)
def test_a_day_has_the_figure_that_was_known_at_that_moment(moment: datetime | None, in_april_2018: Figure) -> None:
    assert as_known_at(HISTORY, moment)["a.b"].on(date(2018, 4, 1)) == in_april_2018


def test_a_decision_reaches_back_and_leaves_the_days_before_it_alone() -> None:
    line = as_known_at(HISTORY)["a.b"]
    assert [line.on(day).value for day in (date(2018, 2, 28), date(2018, 3, 1))] == [1000, 1300]


def test_two_figures_known_at_once_of_one_day_are_refused() -> None:
    with pytest.raises(Overlapping, match=r"a\.b"):
        as_known_at([*HISTORY, Entry("a.b", NEW, THIRD)])
