"""The wiring of matching: what it is made of."""

from pathlib import Path

from common.bus.fact import its
from common.identifiers.people import People
from common.service import Running, Service
from common.web.living import newest
from common.web.tasks import Task
from common.work.own import own
from contracts import matching
from contracts.made_up import EXAMPLE_IDS
from matching.access import ACCESS
from matching.agreements import api as agreements
from matching.agreements.model import Agreement
from matching.dossiers import dossiers
from matching.placements import api as placements
from matching.placements.importing import placements_import
from matching.placements.model import Placement
from matching.referrals import api as referrals
from matching.replicas import replicas
from matching.reporting_years import api as reporting_years
from matching.reporting_years.model import ReportingYear
from matching.sponsored_classes import api as sponsored_classes
from matching.sponsored_classes.model import SponsoredClass
from matching.tables import Table
from matching.verifying import checks


async def _people(running: Running) -> People:
    return People(running.other_services())


service = Service(
    name="matching",
    title="校企对接",
    description="合作协议、申报年度、人员输送与张家港班（第八款）。输送确认或取消、付款核实或退还之后，输送统计和补贴随即自动复算。",
    tables=Table.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=ACCESS,
    publishes=(Agreement, ReportingYear, Placement, SponsoredClass),
    routers=(agreements.router, reporting_years.router, placements.router, referrals.router, sponsored_classes.router),
    tasks=(
        Task("合作协议", "与院校等合作单位的协议", clause="第八款"),
        Task("申报年度", "每年申报的截止日", clause="第八款"),
        Task("输送", "申报、确认、更正和取消输送", clause="第八款"),
        Task("输送统计", "每个合作单位每年输送多少人", clause="第八款"),
        Task("张家港班", "企业到外市院校开班：学生、付款、凭证和退款", clause="第八款"),
    ),
    example_ids=EXAMPLE_IDS,
    living={
        "agreement_id": newest("agreement", first="ended_on IS NULL"),
        "reporting_year_id": newest("reporting_year", first="NOT is_closed"),
        "placement_id": newest("placement", first="cancelled_on IS NULL"),
        "sponsored_class_id": newest("sponsored_class", first="state = 'OPEN'"),
        "payment_id": "SELECT payments -> -1 ->> 'payment_id' FROM sponsored_class WHERE payments <> '[]' ORDER BY state = 'OPEN' DESC, id DESC LIMIT 1",
    },
    own_facts=(own(matching.Placement, names={"person": its("person_id")}),),
    replicas=replicas,
    dossiers=dossiers,
    imports=(placements_import,),
    checks=checks,
    equip=_people,
)
