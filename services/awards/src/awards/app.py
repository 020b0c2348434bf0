"""The wiring of awards: what it is made of."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from awards.access import ACCESS
from awards.as_of import api as as_of
from awards.brakes import api as brakes
from awards.dossiers import dossiers
from awards.entitlements import api as entitlements
from awards.entitlements.model import Entitlement
from awards.equipment import equip
from awards.explanations import api as explanations
from awards.honours import api as honours
from awards.honours.model import Honour
from awards.near_misses import api as near_misses
from awards.own_facts import own_facts
from awards.parameters import api as parameters
from awards.parameters.model import ParameterFigure
from awards.parameters.previews import Previews
from awards.printing import api as printing
from awards.prior_payments import api as prior_payments
from awards.prior_payments.importing import prior_payments_import
from awards.prior_payments.model import PriorPayment
from awards.quotes import api as quotes
from awards.reconciling.grounds import ground_tables
from awards.replicas import replicas
from awards.rules import api as rules
from awards.rulings import api as rulings
from awards.rulings.model import Ruling
from awards.tables import Table
from awards.verifying import checks
from awards.whatif import api as whatif
from common.service import Running, Service
from common.web.living import newest
from common.web.tasks import Task
from contracts.made_up import EXAMPLE_IDS

ground_tables(Table.metadata)
_PAID_FOR = "FROM ground_sponsored_place WHERE paid_fen > 0 ORDER BY sponsored_class DESC, person DESC LIMIT 1"


def _loops(running: Running) -> dict[str, Coroutine[Any, Any, None]]:
    return {"previews": Previews(running.database, running.dossiers, running.equipment, committed=running.committed).run()}


service = Service(
    name="awards",
    title="待遇",
    description="谁应得多少、为什么、从哪项资金（第六、七、八、十一款）。事实变动后自动复算，每一分钱都有说明，不需申请。",
    tables=Table.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=ACCESS,
    publishes=(Entitlement, Honour, ParameterFigure, PriorPayment, Ruling),
    routers=(
        entitlements.router,
        explanations.router,
        near_misses.router,
        as_of.router,
        honours.router,
        quotes.router,
        rules.router,
        parameters.router,
        brakes.router,
        whatif.router,
        prior_payments.router,
        rulings.router,
        printing.router,
    ),
    tasks=(
        Task("权益", "谁应得多少，每次认定的记录", clause="第六、七、八、十一款"),
        Task("说明", "为什么得到，为什么还没有，怎样才能得到", clause="第六、七、八、十一款"),
        Task("测算", "标准改了会怎样：全市应付多少，谁会变动", clause="第六、七、八、十一款"),
        Task("评选命名", "优秀高技能人才、企业首席技师的命名、考核和撤销", clause="第十四款"),
        Task("规则", "正在执行的规则和标准", clause="第六、七、八、十一款"),
        Task("超限变动", "一次变动太多的，先停下来等人放行", clause="第六、七、八、十一款"),
        Task("标准调整", "提出、测算、决定标准的调整，一人提出、另一人决定", clause="第六、七、八、十一款"),
        Task("既往支付", "系统启用前按纸质手续支付的", clause="第六、七、八、十一、十四款"),
        Task("裁定", "人作出的决定：取消、放弃、裁量、限制", clause="第六、七、八、十一、十四款"),
    ),
    example_ids=EXAMPLE_IDS,
    living={
        "entitlement_id": newest("entitlement", first="state = 'DUE'"),
        "decision_id": newest("decision"),
        "sponsored_class_id": f"SELECT sponsored_class {_PAID_FOR}",
        "student_id": f"SELECT person {_PAID_FOR}",
        "honour_id": newest("honour", first="withdrawn_on IS NULL"),
        "brake_id": newest("brake", first="state = 'HOLDS'"),
        "proposal_id": newest("parameter_proposal", first="state = 'PROPOSED'"),
        "prior_payment_id": newest("prior_payment", first="withdrawn_on IS NULL"),
        "ruling_id": newest("ruling", first="state = 'PROPOSED'"),
    },
    own_facts=own_facts,
    replicas=replicas,
    dossiers=dossiers,
    imports=(prior_payments_import,),
    keeps_history=True,
    checks=checks,
    equip=equip,
    loops=_loops,
)
