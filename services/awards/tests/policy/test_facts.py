"""What is measured of a person's facts, before any ground is made of it."""

from datetime import date
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from awards.policy.dossier import PersonFacts
from contracts.registry import InsuranceKind, InsuranceSpan

MONTHS = [f"{year}-{month:02}" for year in (2016, 2017, 2018) for month in range(1, 13)]
ORGANISATION = uuid4()


@st.composite
def spans(draw: st.DrawFn) -> list[InsuranceSpan]:
    ends = draw(st.lists(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)), max_size=5))
    return [
        InsuranceSpan(kind=InsuranceKind.FIVE_IN_ONE, organisation_id=ORGANISATION, first_month=min(pair), last_month=max(pair))
        for pair in ends
    ]


@given(insurance=spans(), day=st.dates(date(2015, 12, 1), date(2019, 2, 1)))
def test_a_month_paid_twice_counts_once_and_the_days_own_month_not_at_all(insurance: list[InsuranceSpan], day: date) -> None:
    paid = {month for month in MONTHS if any(span.first_month <= month <= span.last_month for span in insurance)}

    counted = PersonFacts(uuid4(), insurance=insurance).paid_months_before(day)

    assert counted == sum(month < f"{day:%Y-%m}" for month in paid)
