"""A scheme that is written out as data and read back is the same scheme: same hash, same decisions, same words."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_readers_agree import DAYS, grounds, sets_of_figures

from awards.kernel.explanation import explain
from awards.kernel.parameters import Parameters
from awards.kernel.scheme import Scheme
from awards.kernel.wording import describe
from awards.kernel.written import read, written
from awards.policy.schemes import SCHEMES
from common.testing.examples import examples

READ_BACK = {scheme.id: read(json.loads(json.dumps(written(scheme), ensure_ascii=False))) for scheme in SCHEMES}


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.id)
def test_it_has_the_same_name_and_page(scheme: Scheme[Any]) -> None:
    again = READ_BACK[scheme.id]

    assert again.hash == scheme.hash
    assert describe(again) == describe(scheme)
    assert written(again) == written(scheme)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.id)
@settings(max_examples=examples(60))
@given(data=st.data(), parameters=sets_of_figures(), today=DAYS)
def test_it_decides_and_explains_a_record_as_the_scheme_does(scheme: Scheme[Any], data: Any, parameters: Parameters, today: date) -> None:
    again = READ_BACK[scheme.id]
    row = data.draw(grounds(scheme.ground, frozenset(scheme.ground.identified_by)))
    record = again.ground.from_record(row.to_record())

    assert again.decide(record, parameters, today) == scheme.decide(row, parameters, today)
    assert str(explain(again, record, parameters, today)) == str(explain(scheme, row, parameters, today))
