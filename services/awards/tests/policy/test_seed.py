"""The seed of parameters: refused whole, with words that say what to do, when anything in it does not fit."""

from pathlib import Path

import pytest

from awards.kernel.parameters import BelowFloor, Overlapping, Parameters, ParametersRefused, UnknownParameter
from awards.parameters.seed import SEED, load_seed


def seed(tmp_path: Path, old: str, new: str) -> Path:
    """The seed with something else in the one place where something stands."""
    files = {path.name: path.read_text(encoding="utf-8") for path in SEED.glob("*.yaml")}
    assert sum(text.count(old) for text in files.values()) == 1
    for name, text in files.items():
        (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path


def test_a_parameter_stands_in_the_file_of_its_scheme(tmp_path: Path) -> None:
    folder = seed(tmp_path, "newcomer.gap_days", "newcomer.gap_days")
    (folder / "partner_bonus.yaml").write_text('newcomer.amount: [{value: 1, effective_from: "2019-01-01"}]', encoding="utf-8")
    with pytest.raises(ParametersRefused, match=r"partner_bonus\.yaml: newcomer\.amount belongs into the file of its scheme"):
        load_seed(folder)


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
