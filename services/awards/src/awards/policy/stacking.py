"""Who may not be paid twice (A43): one table, read top down over everything that is due to one person."""

from awards.kernel.stacking import AtMostOne

STACKING = (
    AtMostOne(
        title="同一人同一职业（工种）同一等级只补一次培训费用",
        among=("universal-training", "shortage-training"),
        per=("person", "occupation_group", "level_code"),
    ),
)
