"""What is measured of a person's facts, before any ground is made of it."""

from datetime import date
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from awards.policy.insured import insured_months
from contracts.registry import InsuranceKind, InsuranceSpan

MONTHS = [f"{year}-{month:02}" for year in (2016, 2017, 2018) for month in range(1, 13)]
ORGANISATION = uuid4()


@st.composite
def spans(draw: st.DrawFn) -> list[InsuranceSpan]:
    ends = draw(st.lists(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)), max_size=5))
    late = st.one_of(st.none(), st.dates(date(2016, 1, 1), date(2019, 2, 1)))
    return [
        InsuranceSpan(
            kind=draw(st.sampled_from(InsuranceKind)), organisation_id=ORGANISATION, first_month=min(pair), last_month=max(pair),
            back_paid_on=draw(late),
        )
        for pair in ends
    ]  # fmt: skip


@given(insurance=spans(), day=st.dates(date(2015, 12, 1), date(2019, 2, 1)))
def test_months_are_counted_once_up_to_the_one_before_the_day_by_kind_lateness_and_breaks(
    insurance: list[InsuranceSpan], day: date
) -> None:
    """Beside it the plain way: month by month."""

    def paid(month: str, *, kinds: str, on_time: bool) -> bool:
        return any(
            each.first_month <= month <= each.last_month
            and (kinds == "paid_months" or each.kind == "FIVE_IN_ONE")
            and (each.back_paid_on is None or (not on_time and each.back_paid_on <= day))
            for each in insurance
        )

    measured = insured_months(insurance, day)

    assert len(measured) == 8
    for kinds in ("paid_months", "five_in_one_months"):
        for lateness in ("", "_on_time"):
            counted = [paid(month, kinds=kinds, on_time=bool(lateness)) for month in MONTHS if month < f"{day:%Y-%m}"]
            # Nothing was ever paid after the last of the months.
            run = [*counted, *[False] * (day > date(2019, 1, 31))][::-1]
            assert measured[f"{kinds}{lateness}"] == sum(counted)
            assert measured[f"{kinds}{lateness}_in_a_row"] == (run.index(False) if False in run else len(run))
