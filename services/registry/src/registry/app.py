"""The wiring of registry: what it is made of."""

from pathlib import Path

from common.service import Running, Service
from common.web.living import newest
from common.web.tasks import Task
from contracts.made_up import EXAMPLE_IDS
from registry.access import ACCESS
from registry.employments import api as employments
from registry.employments.importing import employment_import
from registry.employments.model import Employment
from registry.insurance import api as insurance
from registry.insurance.importing import insurance_import
from registry.insurance.model import Insurance
from registry.organisations import api as organisations
from registry.organisations.model import Organisation
from registry.other_benefits import api as other_benefits
from registry.other_benefits.importing import other_benefits_import
from registry.other_benefits.model import OtherBenefit
from registry.people import api as people
from registry.people import merging_api as merging
from registry.people.importing import persons_import
from registry.people.model import Person
from registry.people.vault import Vault
from registry.recognitions import api as recognitions
from registry.recognitions.model import Recognition
from registry.sources import api as sources
from registry.sources.model import Source
from registry.students import api as students
from registry.students.importing import students_import
from registry.students.model import Student
from registry.tables import Table


async def _vault(running: Running) -> Vault:
    return Vault(running.keys.cipher, running.keys.index)


_A_SCHOOL = newest("organisation", first="""spans::text ~ '"(SECONDARY_SCHOOL|HIGHER_VOCATIONAL)"'""")

service = Service(
    name="registry",
    title="人员与单位登记",
    description="人员、单位、就业与参保：谁是谁，自何时起。姓名与证件号码只在本服务，加密保存；其他服务只见编号。",
    tables=Table.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=ACCESS,
    publishes=(Person, Organisation, Employment, Insurance, Source, Recognition, Student, OtherBenefit),
    routers=(
        people.router,
        merging.router,
        organisations.router,
        recognitions.router,
        employments.router,
        insurance.router,
        students.router,
        other_benefits.router,
        sources.router,
    ),
    tasks=(
        Task("人员", "登记、修改和查找人员；证件号码只写在内容里，从不出现在地址中", clause="第六款、第十一款"),
        Task("单位", "企业、院校、培训机构及其变更", clause="第八款、第十一款"),
        Task("认定", "单位被认定为基地、工作室、骨干企业等，及其验收、年度考核和撤销", clause="第六款、第十六款"),
        Task("就业", "谁在哪个单位、自何时起", clause="第十一款"),
        Task("参保", "社会保险缴费月份，由社保部门的文件带入", clause="第六款"),
        Task("学籍", "谁在哪所院校、哪天是什么学籍状态，由院校或教育部门的名册带入", clause="第五款"),
        Task("其他补贴", "失业保险基金等已为同一证书发放的补贴，由其文件带入", clause="第六款"),
        Task("数据来源", "每项数据自何时起完整", clause="第十一款"),
    ),
    example_ids=EXAMPLE_IDS,
    living={
        "person_id": newest("person", where="NOT is_provisional"),
        "organisation_id": newest("organisation", first="status = 'ACTIVE'"),
        "organiser_id": newest("organisation", first="""spans::text LIKE '%"TRAINING_BODY"%'"""),
        "partner_id": newest("organisation", first="""spans::text LIKE '%"HIGHER_VOCATIONAL"%'"""),
        "body_id": newest("organisation", first="""spans::text LIKE '%"PUBLIC_INSTITUTION"%'"""),
        "employment_id": newest("employment"),
        "other_benefit_id": newest("other_benefit"),
        "enrolment_id": newest("student"),
        "school_id": _A_SCHOOL,
        "visited_enterprise_id": newest("organisation", first="""spans::text LIKE '%"ENTERPRISE"%'""", where=f"id <> ({_A_SCHOOL})"),
        "recognition_id": newest("recognition"),
    },
    imports=(persons_import, employment_import, insurance_import, students_import, other_benefits_import),
    equip=_vault,
)
