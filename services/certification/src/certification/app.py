"""The wiring of certification: what it is made of."""

from pathlib import Path

from certification.access import ACCESS
from certification.certificates import api as certificates
from certification.certificates.importing import certificates_import
from certification.certificates.model import Certificate
from certification.contests import api as contests
from certification.contests.model import Contest
from certification.equipment import equip
from certification.exam_entries import api as exam_entries
from certification.exam_entries.importing import exam_entries_import
from certification.exam_entries.model import ExamEntry
from certification.occupations import api as occupations
from certification.occupations.model import Occupation
from certification.replicas import replicas
from certification.sittings import api as sittings
from certification.sittings.model import Sitting
from certification.tables import Table
from certification.titles import api as titles
from certification.titles.importing import titles_import
from certification.titles.model import Title
from common.service import Service
from common.web.living import newest
from common.web.tasks import Task
from contracts.made_up import EXAMPLE_IDS

service = Service(
    name="certification",
    title="技能评价",
    description="职业目录、鉴定批次、鉴定报名、证书、竞赛与称号（第二、五、九、十款）。证书颁发、更正或撤销后，待遇与输送统计随即自动复算。",
    tables=Table.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=ACCESS,
    publishes=(Certificate, ExamEntry, Title, Contest, Sitting, Occupation),
    routers=(certificates.router, exam_entries.router, sittings.router, occupations.router, contests.router, titles.router),
    tasks=(
        Task("职业目录", "各版本的职业编码与对照", clause="第九款"),
        Task("鉴定批次", "安排鉴定、登记结果、作废", clause="第九款"),
        Task("鉴定报名", "登记报名、参加与收费、撤销报名", clause="第五款"),
        Task("证书", "颁发、更正、撤销和查看证书", clause="第九款"),
        Task("竞赛", "登记竞赛及其成绩、取消", clause="第十款"),
        Task("称号", "登记、更正和撤销技术能手等称号", clause="第十款、第十一款、第十四款"),
    ),
    example_ids=EXAMPLE_IDS,
    living={
        "certificate_id": newest("certificate", first="revoked_on IS NULL"),
        "exam_entry_id": newest("exam_entry", first="withdrawn_on IS NULL AND took_part IS NULL"),
        "contest_id": newest("contest", first="state = 'PLANNED'"),
        "title_id": newest("title", first="withdrawn_on IS NULL"),
        "sitting_id": newest("sitting", first="state = 'PLANNED'"),
        "occupation_id": newest("occupation"),
    },
    replicas=replicas,
    imports=(certificates_import, exam_entries_import, titles_import),
    equip=equip,
)
