"""The notice of one decision (告知书): what was found, condition by condition, the sum, and whom to ask."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from awards.explanations.explaining import Explained
from awards.kernel.kinds import Outcome
from awards.printing.sheet import listed, paragraph, section, table

_MARKS = {True: "满足", False: "不满足", None: "不明"}
_PAID = (Outcome.GRANTED, Outcome.ACCRUING)


def notice(explained: Explained) -> Iterator[Markup]:
    """Section by section. Whom it concerns is not named: the office that sends it adds name and address."""
    told = explained.explanation
    sum_ = f"，{told.amount_fen / 100:,.2f} 元（{told.worked_out}）" if told.outcome in _PAID else ""
    yield section("结论", paragraph(f"{told.title}：{told.standing}{sum_}。"))
    yield section("逐条认定", table(("条件", "结论", "看到的情况"), [(line.title, _MARKS[line.holds], line.seen) for line in told.lines]))
    if explained.displaced:
        yield section("与其他待遇的关系", paragraph(explained.displaced))
    ways = [f"本次：{told.this_one}"] if told.this_one else []
    ways += [f"今后：{told.anew}"] if told.anew else []
    if ways:
        yield section("怎样可以得到", listed(ways))
    yield section("所用标准", listed(told.figures))
    yield section("咨询和复核", paragraph(f"对认定有疑问的，可以向{told.contact}咨询或申请复核。"))
