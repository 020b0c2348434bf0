"""Working days: adjusted weekends, the two ways to count, and the end of what is confirmed."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from common.calendar.working_days import WorkingCalendarMissing, confirmed_calendar, is_working_day, working_days_after


def test_a_notice_across_national_day() -> None:
    assert working_days_after(date(2019, 9, 27), 5) == date(2019, 10, 10)
    assert working_days_after(date(2020, 9, 25), 5) == date(2020, 10, 9)


def test_the_day_of_publication_counts_only_when_asked_and_only_when_worked() -> None:
    assert working_days_after(date(2021, 12, 13), 5) == date(2021, 12, 20)
    assert working_days_after(date(2021, 12, 13), 5, count_publication_day=True) == date(2021, 12, 17)
    saturday = date(2018, 3, 3)
    assert working_days_after(saturday, 1, count_publication_day=True) == date(2018, 3, 5)


def test_weekends_that_are_worked() -> None:
    assert is_working_day(date(2019, 9, 29))
    assert is_working_day(date(2019, 10, 12))
    assert not is_working_day(date(2019, 10, 4))


def test_the_shipped_table_agrees_with_its_source_on_every_day() -> None:
    day, last = date(2015, 1, 1), date(max(confirmed_calendar().years), 12, 31)
    assert last >= date(2026, 12, 31)
    while day <= last:
        assert is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_beyond_the_last_confirmed_year_it_refuses() -> None:
    last = max(confirmed_calendar().years)
    assert working_days_after(date(last, 12, 21), 5) <= date(last, 12, 31)
    with pytest.raises(WorkingCalendarMissing):
        working_days_after(date(last, 12, 28), 8)
    with pytest.raises(WorkingCalendarMissing):
        is_working_day(date(2014, 12, 31))


def test_a_period_of_no_days_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        working_days_after(date(2018, 1, 2), 0)
