"""The seed of parameters: refused whole, with words that say what to do, when anything in it does not fit."""

from pathlib import Path

import pytest

from awards.kernel.parameters import BelowFloor, Overlapping, Parameters, ParametersRefused, UnknownParameter
from awards.parameters.seed import SEED, load_seed


def seed(tmp_path: Path, old: str, new: str) -> Path:
    text = SEED.read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / "parameters.yaml"
    changed.write_text(text.replace(old, new), encoding="utf-8")
    return changed


def test_an_amount_below_the_policys_floor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BelowFloor, match=r"shortage-training\.amount: 900\.00 元 .* set 1,000\.00 元 or more"):
        load_seed(seed(tmp_path, "{3: 100000,", "{3: 90000,"))


def test_the_floor_itself_is_allowed() -> None:
    load_seed()


def test_a_parameter_that_no_rule_reads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownParameter, match=r"newcomer\.gapdays"):
        load_seed(seed(tmp_path, "newcomer.gap_days", "newcomer.gapdays"))


def test_two_figures_of_one_day_are_refused(tmp_path: Path) -> None:
    double = '[{value: 31, effective_from: "2015-01-01"}, {value: 60, effective_from: "2015-01-01"}]'
    with pytest.raises(Overlapping, match=r"newcomer\.gap_days: two figures are in force on 2015-01-01"):
        load_seed(seed(tmp_path, '[{value: 31, effective_from: "2015-01-01"}]', double))


@pytest.mark.parametrize(
    ("new", "words"),
    [("[{value: 31}]", "effective_from is missing"), ('[{value: 31, effective_from: "2015-01-01", vaild_to: "2016-01-01"}]', "vaild_to")],
)
def test_a_figure_that_is_not_whole_is_refused(tmp_path: Path, new: str, words: str) -> None:
    with pytest.raises(ParametersRefused, match=words):
        load_seed(seed(tmp_path, '[{value: 31, effective_from: "2015-01-01"}]', new))


def test_a_set_kept_by_content_is_read_back_as_it_was() -> None:
    parameters = load_seed()
    assert Parameters.load(parameters.content()).hash == parameters.hash
    assert parameters.but(**{"newcomer.gap_days": 32}).hash != parameters.hash
