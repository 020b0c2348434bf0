"""The wiring of registry: what it is made of."""

from pathlib import Path

from common.service import Running, Service
from registry.access import ACCESS
from registry.employments import api as employments
from registry.employments.importing import employment_import
from registry.employments.model import Employment
from registry.insurance import api as insurance
from registry.insurance.importing import insurance_import
from registry.insurance.model import Insurance
from registry.organisations import api as organisations
from registry.organisations.model import Organisation
from registry.people import api as people
from registry.people.importing import persons_import
from registry.people.model import Person
from registry.people.vault import Vault
from registry.sources import api as sources
from registry.sources.model import Source
from registry.tables import Table


async def _vault(running: Running) -> Vault:
    return Vault(running.cipher, running.index)


service = Service(
    name="registry",
    title="人员与单位登记",
    description="人员、单位、就业与参保：谁是谁，自何时起。姓名与证件号码只在本服务，加密保存；其他服务只见编号。",
    tables=Table.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=ACCESS,
    publishes=(Person, Organisation, Employment, Insurance, Source),
    routers=(people.router, organisations.router, employments.router, insurance.router, sources.router),
    imports=(persons_import, employment_import, insurance_import),
    equip=_vault,
)
