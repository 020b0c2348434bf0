"""What each scheme decides in a case, as sentences in `policy/cases/<scheme>.yaml`: tried by the tests and printed on its page.

`usually` is a ground that passes, judged on a `day`; a case names what is different (`given`), perhaps another `day` and other `figures`,
and what comes of it: `owed`, `accruing`, `refused_by` or `awaits` (the condition's title, or what the sum needs), `outcome`, and perhaps
`would_change_it`, the exact words, `fund`, `payee` (the name of the fact) or `says`, words of the explanation. `figures` may also be lists
of dated ones; beside `usually` they hold for all: a scheme without its figure is judged with one set there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from awards.kernel.scheme import Scheme
from awards.policy import schemes

CASES = Path(schemes.__file__).parents[1] / "cases"


class Case(NamedTuple):
    """One sentence, and what must come of it."""

    scheme: str
    title: str
    ground: Mapping[str, Any]
    on: date
    figures: Mapping[str, Any]
    expected: Mapping[str, Any]


@cache
def cases_of(scheme: Scheme[Any]) -> tuple[Case, ...]:
    """In the order of the file; none when the scheme has none."""
    path = CASES / f"{scheme.id.replace('-', '_')}.yaml"
    if not path.exists():
        return ()
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    usually, usual_day, usual_figures = content.pop("usually"), content.pop("day"), content.pop("figures", {})
    return tuple(
        Case(scheme.id, title, usually | case.pop("given", {}), case.pop("day", usual_day), usual_figures | case.pop("figures", {}), case)
        for title, case in content.items()
    )
