"""A scheme as an official would print it: conditions, sum, figures with their history, readings, cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from awards.kernel.explanation import article
from awards.kernel.kinds import LEVEL_NAMES, NEVER, Unit
from awards.kernel.parameters import Figure, Parameters
from awards.kernel.scheme import Scheme
from awards.kernel.wording import describe
from awards.printing.cases import Case, cases_of
from awards.printing.readings import readings_of
from awards.printing.sheet import listed, paragraph, section, table


def rule_page(scheme: Scheme[Any], parameters: Parameters) -> Iterator[Markup]:
    """Section by section."""
    page = describe(scheme)
    yield paragraph(
        f"依据：《关于进一步加强技能人才队伍建设的意见》{article(scheme.clause)}。资金：{page['fund']}。咨询：{scheme.contact}。"
    )
    if unset := missing(scheme, parameters):
        yield paragraph(f"尚未启用：文件没有给出{'、'.join(unset)}，由主管部门发文确定并录入后启用。")
    yield section("条件", listed(f"{each['title']}：{each['rule']}" for each in page["conditions"]))
    yield section("金额和收款方", paragraph(f"{page['amount']}；付给{page['payee']}。{page['judged_on']}当日有效的标准为准。"))
    yield section("同一事项只付一次", paragraph("、".join(page["once_per"])))
    yield section("标准", table(("标准", "数值", "自", "至", "文号"), _figures(scheme, parameters)))
    yield section("读法", table(("编号", "文件没有写明的，按此执行"), readings_of(scheme)))
    if cases := cases_of(scheme):
        yield section("事例", table(("情况", "结论"), [(each.title, _concluded(each)) for each in cases]))


def missing(scheme: Scheme[Any], parameters: Parameters) -> list[str]:
    """The figures without which the scheme is not in use."""
    return [each.label for each in scheme.parameters if not any(figure.value is not None for figure in parameters[each.name].figures)]


def _figures(scheme: Scheme[Any], parameters: Parameters) -> Iterator[tuple[str, ...]]:
    for each in scheme.parameters:
        for figure in parameters[each.name].figures or (None,):
            yield (each.label, *_of(figure, each.unit))


def _of(figure: Figure | None, unit: Unit) -> tuple[str, str, str, str]:
    if figure is None or figure.value is None:
        return "未定", "", "", figure.paper if figure else ""
    until = "" if figure.valid_to in (None, NEVER) else str(figure.valid_to)
    return _value(figure.value, unit), str(figure.effective_from), until, figure.paper


def _value(value: Any, unit: Unit) -> str:
    if isinstance(value, Mapping):
        return "；".join(f"{LEVEL_NAMES.get(level, level)} {unit.show(each)}" for level, each in value.items())
    return unit.show(value)


_CONCLUSIONS = {"owed": "应付 {} 元", "accruing": "预计可得 {} 元", "refused_by": "不符合：{}", "awaits": "待补材料：{}", "outcome": "{}"}
_OUTCOMES = {"NOT_CONCERNED": "与本项无关", "DISABLED": "标准未定，未启用", "HELD": "标准待复核，暂缓"}


def _concluded(case: Case) -> str:
    said = [_CONCLUSIONS[name].format(_OUTCOMES.get(value, value)) for name, value in case.expected.items() if name in _CONCLUSIONS]
    help_ = case.expected.get("would_change_it")
    return "；".join([*said, *([str(help_)] if help_ else [])])
