"""Why proposed figures are refused, by the name and in the words of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from awards.kernel import shapes
from awards.kernel.parameters import BelowFloor, Overlapping, ParametersRefused, UnknownParameter
from common.refusal import Conflict, Invalid


class NoSuchParameter(Invalid):
    title = "没有规则读取这个标准"


class FigureBelowFloor(Invalid):
    title = "低于文件规定的最低标准（不低于）"


class FiguresOverlap(Invalid):
    title = "同一标准在同一天有两个数值：请写明更正哪一个（replaces），或先截止前一个"


class WrongShape(Invalid):
    title = "数值的形式不对：分等级的标准按等级写，其余只写一个数"


class WrongUnit(Invalid):
    title = "数值与单位不符：金额为分，比例为万分之几，均不小于零"


class UnknownLevel(Invalid):
    title = "没有这个等级"


class UnknownChoice(Invalid):
    title = "规则没有这种选择"


class FigureUnreadable(Invalid):
    title = "数值无法读取"


class NothingToReplace(Invalid):
    title = "没有从这一天起执行的数值可以更正"


class NothingChanges(Conflict):
    title = "与现行标准完全相同，没有可调整的内容"


_NAMED = {
    UnknownParameter: NoSuchParameter, BelowFloor: FigureBelowFloor, Overlapping: FiguresOverlap, shapes.WrongShape: WrongShape,
    shapes.WrongUnit: WrongUnit, shapes.UnknownLevel: UnknownLevel, shapes.UnknownChoice: UnknownChoice,
}  # fmt: skip


@contextmanager
def refused_by_name() -> Iterator[None]:
    """What does not fit is refused to the caller.

    Raises NoSuchParameter, FigureBelowFloor, FiguresOverlap, WrongShape, WrongUnit, UnknownLevel, UnknownChoice, FigureUnreadable.
    """
    try:
        yield
    except ParametersRefused as refused:
        raise _NAMED.get(type(refused), FigureUnreadable) from refused
    except ValueError as unreadable:
        raise FigureUnreadable from unreadable
