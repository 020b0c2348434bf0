"""The city's towns and trades of business with their weights, and where people come from."""

from __future__ import annotations

from itertools import accumulate

TOWNS = (
    ("320582100", 0.37), ("320582102", 0.19), ("320582103", 0.13), ("320582101", 0.11), ("320582105", 0.07), ("320582104", 0.055),
    ("320582106", 0.045), ("320582107", 0.025), ("320582400", 0.005),
)  # fmt: skip
"""Shares of residents; 320582102 is one town until the end of 2020."""
TOWN_CODES = tuple(code for code, _ in TOWNS)
TOWN_SHARES = tuple(accumulate(share for _, share in TOWNS))

ELSEWHERE = (
    "342225", "341222", "411628", "413026", "371724", "511322", "622427", "530128", "320981", "320823", "321023", "320382", "450722", "520525", "610722",
)  # fmt: skip
"""Registered residence of migrants: other provinces mostly, and other cities of the province."""

INDUSTRIES = (
    ("C31", 0.22, "金属材料"), ("C35", 0.20, "精密机械"), ("C17", 0.14, "纺织"), ("C26", 0.12, "新材料"), ("C38", 0.10, "新能源"),
    ("O81", 0.07, "企业服务"), ("C36", 0.06, "汽车部件"), ("G59", 0.05, "物流"), ("C13", 0.04, "粮油食品"),
)  # fmt: skip
"""GB/T 4754-2017, share of enterprises, and the word in their invented names."""
INDUSTRY_SHARES = tuple(accumulate(share for _, share, _ in INDUSTRIES))

ENTERPRISE_WORDS = "恒 泰 瑞 丰 宏 远 景 腾 卓 越 华 晟 盛 達 信 诚 嘉 禾 永 昌 锦 润 鸿 宇 中 正 东 吴 江 海".split()  # noqa: SIM905 - a list of words
