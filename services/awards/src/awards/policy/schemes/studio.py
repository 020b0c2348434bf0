"""Article 16: support from the talent fund for studios of skilled masters, year by year. The text names no figure: none, no support.

Readings: A18 disabled until a paper sets the figure; the day of the yearly assessment decides. The studio must have been recognised at
some time of the year for which it was assessed; the assessment itself is often held after the year's end.
"""

from awards.kernel.figures import parameter
from awards.kernel.kinds import Fen, Unit
from awards.kernel.scheme import Fund, Scheme, require
from awards.kernel.terms import all_of, today
from awards.policy.grounds.studio_year import StudioYear

PER_YEAR = parameter("studio.per_year", "工作室年度资助标准", Unit.FEN, Fen, paper="技能名师工作室资助办法的文件")

studio = Scheme(
    id="studio",
    clause="R16.b",
    title="技能名师工作室建设资助",
    fund=Fund.TALENT_DEVELOPMENT,
    ground=StudioYear,
    once_per=(StudioYear.studio, StudioYear.year),
    judged_on=StudioYear.assessed_on,
    conditions=(
        require(
            "当年是认定的工作室",
            all_of(StudioYear.recognised_from <= StudioYear.year_ends_on, StudioYear.year_begins_on <= StudioYear.recognised_until),
        ),
        require("已年度考核", StudioYear.assessed_on <= today),
        require("年度考核合格", StudioYear.is_passed),
    ),
    amount=PER_YEAR,
    payee=StudioYear.host,
    contact="市人社局人才开发科",
)
