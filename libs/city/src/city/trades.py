"""Sixty occupations with their codes in three editions, their price class, and the catalogues of shortage occupations by year.

A table of our own for a synthetic city: names and codes follow the national classification as far as we know it and are no copy of it. The
official list comes from the occupation authority and is imported by an operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from city.registers import Catalogue, CatalogueEntry, Occupation

_TABLE = """
焊工|6-18-02-04|6-04-02-05|6-18-02-04|A
电工|6-31-01-03|6-07-06-05|6-31-01-03|A
车工|6-18-01-01|6-04-01-01|6-18-01-01|A
多工序数控机床操作调整工|6-18-01-07||6-18-01-07|A
模具工|6-18-04-01|6-05-02-03|6-18-04-01|A
装配钳工|6-20-01-01|6-05-02-01|6-20-01-01|A
机床装调维修工|6-20-03-01||6-20-03-01|A
设备点检员|6-31-01-01||6-31-01-01|A
炼钢工|6-17-02-02|6-02-02-01|6-17-02-02|A
金属轧制工|6-17-09-02|6-02-06-01|6-17-09-02|A
金属热处理工|6-18-02-03|6-04-02-03|6-18-02-03|A
化工总控工|6-11-01-03|6-03-01-10|6-11-01-03|A
化学检验员|6-31-03-01|6-26-01-01|6-31-03-01|B
无损检测员|6-31-03-04|6-26-01-14|6-31-03-04|B
起重装卸机械操作工|6-30-05-01|6-24-03-03|6-30-05-01|B
织布工|6-04-03-03|6-10-03-05|6-04-03-03|B
制冷空调系统安装维修工|6-29-03-05|6-23-10-05|6-29-03-05|B
电梯安装维修工|6-29-03-03||6-29-03-03|A
工业机器人系统运维员|6-31-01-10||6-31-07-01|A
物联网安装调试员|6-25-04-09||6-25-04-09|B
铣工|6-18-01-02|6-04-01-02|6-18-01-02|A
镗工|6-18-01-03|6-04-01-03|6-18-01-03|A
磨工|6-18-01-04|6-04-01-04|6-18-01-04|A
电切削工|6-18-01-08|6-04-01-08|6-18-01-08|A
铸造工|6-18-02-01|6-04-02-01|6-18-02-01|A
锻造工|6-18-02-02|6-04-02-02|6-18-02-02|A
机械加工材料切割工|6-18-02-05|6-04-02-06|6-18-02-05|A
镀层工|6-18-03-01|6-04-03-01|6-18-03-01|B
涂装工|6-18-03-04|6-04-03-04|6-18-03-04|B
工具钳工|6-18-04-06|6-05-02-02|6-18-04-06|A
机修钳工|6-31-01-02|6-06-01-01|6-31-01-02|A
锅炉操作工|6-31-01-04|6-23-01-01|6-31-01-04|B
仪器仪表维修工|6-31-01-05|6-06-02-01|6-31-01-05|B
工业机器人系统操作员|6-31-01-11||6-31-07-03|A
炼铁工|6-17-01-03|6-02-01-05|6-17-01-03|A
金属材丝拉拔工|6-17-09-04|6-02-06-05|6-17-09-04|A
化纤聚合工|6-13-01-01|6-08-01-01|6-13-01-01|B
纺丝工|6-13-02-01|6-08-02-01|6-13-02-01|B
纺纱工|6-04-02-03|6-10-02-06|6-04-02-03|B
缝纫工|6-05-01-03|6-11-01-03|6-05-01-03|B
印染前处理工|6-04-06-01|6-10-05-01|6-04-06-01|B
制油工|6-01-02-01|6-12-01-02|6-01-02-01|B
食品检验员|6-31-03-09|6-26-01-24|6-31-03-09|B
汽车维修工|4-12-01-01|6-06-01-02|4-12-01-01|B
汽车装调工|6-22-02-01|6-05-06-01|6-22-02-01|A
电子设备装接工|6-25-04-07|6-08-04-02|6-25-04-07|B
半导体芯片制造工|6-25-02-05|6-08-02-03|6-25-02-05|A
光伏组件制造工|6-25-02-13||6-25-02-13|A
锂电池制造工|6-24-04-06||6-24-04-06|A
叉车司机|6-30-05-02|6-24-03-04|6-30-05-02|B
港口岸电操作员|4-02-04-05||4-02-04-05|B
仓储管理员|4-02-06-01|4-03-01-01|4-02-06-01|C
物流服务师|4-02-06-03|4-03-02-01|4-02-06-03|C
养老护理员|4-10-01-05|4-07-12-03|4-10-01-05|C
育婴员|4-10-01-02|4-07-12-01|4-10-01-02|C
保育师|4-10-01-03|4-07-12-02|4-10-01-03|C
中式烹调师|4-03-02-01|4-03-01-02|4-03-02-01|C
西式面点师|4-03-02-04|4-03-03-02|4-03-02-04|C
美发师|4-10-03-02|4-07-04-01|4-10-03-02|C
劳动关系协调员|4-07-03-02|2-07-03-06|4-07-03-02|C
"""

_PRICE_YUAN = {
    "A": {5: 1_000, 4: 1_500, 3: 2_000, 2: 3_500, 1: 4_300},
    "B": {5: 800, 4: 1_200, 3: 1_800, 2: 2_500, 1: 3_500},
    "C": {5: 500, 4: 1_000, 3: 1_500, 2: 2_000, 1: 3_000},
}
"""The province's price base of 2023, by class (production, production services, life services) and level."""

_CATALOGUE_CHANGES = {
    2016: (tuple(range(20)), ()),
    2017: ((20, 30, 35), (7, 15, 18)),
    2018: ((18, 33, 46, 47), (20, 13, 14, 16)),
    2019: ((14, 48, 20), (30, 11, 46)),
}
"""Which rows of the table come into the catalogue and which leave it, year by year."""


@dataclass(frozen=True, slots=True)
class Trade:
    """An occupation by its key of 2015, with what it costs to learn it (fen, by level)."""

    name: str
    key: str
    key_1999: str | None
    key_2022: str
    price_fen: dict[int, int]


def _read() -> Iterator[Trade]:
    for line in _TABLE.split():
        name, code, code_1999, code_2022, price_class = line.split("|")
        prices = {level: yuan * 100 for level, yuan in _PRICE_YUAN[price_class].items()}
        yield Trade(name, f"2015:{code}", f"1999:{code_1999}" if code_1999 else None, f"2022:{code_2022}", prices)


TRADES = tuple(_read())
TRADE = {trade.name: trade for trade in TRADES}
GROUP = {key: trade.key for trade in TRADES for key in (trade.key, trade.key_1999, trade.key_2022) if key}
"""The crosswalk: every edition's key to the one of 2015."""


def occupations() -> Iterator[Occupation]:
    """Every trade in every edition, each naming its equals."""
    for trade in TRADES:
        keys = tuple(key for key in (trade.key_1999, trade.key, trade.key_2022) if key)
        for key in keys:
            yield Occupation(key, trade.name, tuple(other for other in keys if other != key))


NAME = {occupation.key: occupation.name for occupation in occupations()}


@cache
def catalogues() -> tuple[Catalogue, ...]:
    """One catalogue a year, in force from the middle of February until the next one replaces it (A62)."""
    listed: list[int] = []
    made = []
    for year, (coming, leaving) in _CATALOGUE_CHANGES.items():
        listed = [row for row in listed if row not in leaving] + list(coming)
        entries = tuple(CatalogueEntry(TRADES[row].key, (3, 2, 1)) for row in sorted(listed))
        made.append(Catalogue(year, entries, date(year, 2, 10), f"示例人社〔{year}〕8号"))
    return tuple(made)


def listed_on(occupation: str, day: date) -> bool:
    """Whether a trade (in any edition) is in the catalogue of a day."""
    in_force = [catalogue for catalogue in catalogues() if catalogue.in_force_from <= day]
    return bool(in_force) and GROUP[occupation] in {entry.occupation for entry in in_force[-1].entries}
