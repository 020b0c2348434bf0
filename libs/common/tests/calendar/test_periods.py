"""Days, months and periods of the Civil Code."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendar.days import SHANGHAI, shanghai_now, shanghai_today
from common.calendar.months import Month, MonthUnreadable
from common.calendar.periods import add_months, add_years


def test_the_city_is_eight_hours_ahead() -> None:
    assert shanghai_now().tzinfo is SHANGHAI
    assert datetime(2018, 12, 31, 15, 59, 59, tzinfo=UTC).astimezone(SHANGHAI).date() == date(2018, 12, 31)
    assert datetime(2018, 12, 31, 16, 0, tzinfo=UTC).astimezone(SHANGHAI).date() == date(2019, 1, 1)
    assert shanghai_today() - datetime.now(UTC).date() in (timedelta(0), timedelta(days=1))


@given(st.integers(1990, 2090), st.integers(1, 12), st.integers(-600, 600))
def test_months_count_forward_and_back(year: int, number: int, count: int) -> None:
    month = Month(year, number)
    assert (month + count) - month == count
    assert Month.parse(str(month)) == month
    assert Month.of(month.last_day + timedelta(days=1)) == month + 1
    assert Month.of(month.first_day) == month


@pytest.mark.parametrize("text", ["2018-13", "2018-00", "2018-3", "201803", "2018-03-01", ""])
def test_unreadable_month(text: str) -> None:
    with pytest.raises(MonthUnreadable):
        Month.parse(text)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2018, 1, 31), 1, date(2018, 2, 28)),
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2018, 12, 15), 1, date(2019, 1, 15)),
        (date(2018, 3, 31), -1, date(2018, 2, 28)),
    ],
)
def test_corresponding_day_or_end_of_month(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_years_by_the_test_vector() -> None:
    assert add_years(date(2019, 3, 1), 1) == date(2020, 3, 1)
    assert add_years(date(2020, 2, 29), 1) == date(2021, 2, 28)
