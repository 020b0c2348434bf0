"""The wiring of awards: what it is made of."""

from pathlib import Path

from awards.access import ACCESS
from awards.dossiers import dossiers
from awards.entitlements import api as entitlements
from awards.entitlements.model import Entitlement
from awards.equipment import equip
from awards.explanations import api as explanations
from awards.quotes import api as quotes
from awards.reconciling.grounds import ground_tables
from awards.replicas import replicas
from awards.rules import api as rules
from awards.tables import Table
from common.service import Service

ground_tables(Table.metadata)

service = Service(
    name="awards",
    title="待遇",
    description="谁应得多少、为什么、从哪项资金（第六、七、八、十一款）。事实变动后自动复算，每一分钱都有说明，不需申请。",
    tables=Table.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=ACCESS,
    publishes=(Entitlement,),
    routers=(entitlements.router, explanations.router, quotes.router, rules.router),
    replicas=replicas,
    dossiers=dossiers,
    keeps_history=True,
    equip=equip,
)
