"""The wiring of training: what it is made of."""

from pathlib import Path

from common.service import Service
from common.web.living import newest
from common.web.tasks import Task
from contracts.made_up import EXAMPLE_IDS
from training.access import ACCESS
from training.catalogues import api as catalogues
from training.catalogues.model import Catalogue
from training.classes import api as classes
from training.classes.model import TrainingClass
from training.designations import api as designations
from training.designations.model import Designation
from training.equipment import equip
from training.lectures import api as lectures
from training.lectures.model import Lecture, LectureReport
from training.mandates import api as mandates
from training.mandates.model import Mandate
from training.participations import api as participations
from training.participations.importing import roster_import
from training.participations.model import Participation
from training.quotes import api as quotes
from training.tables import Table
from training.trips import api as trips
from training.trips.model import Trip

service = Service(
    name="training",
    title="培训",
    description="定点资格、紧缺目录、委托、班级与参训，企业授课和出国研修（第四至七款、第十二款）。登记什么就公布什么；补多少由待遇服务认定。",
    tables=Table.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    access=ACCESS,
    publishes=(Designation, Catalogue, Mandate, TrainingClass, Participation, LectureReport, Lecture, Trip),
    routers=(
        designations.router,
        catalogues.router,
        mandates.router,
        classes.router,
        quotes.router,
        participations.router,
        lectures.router,
        trips.router,
    ),
    tasks=(
        Task("定点资格", "招标确认的培训机构及中标单价", clause="第六款"),
        Task("紧缺目录", "每年公布的紧缺职业（工种）", clause="第七款"),
        Task("委托", "委托培养基地开展紧缺培训", clause="第七款"),
        Task("班级", "登记、开班、结班，以及窗口试算", clause="第四款至第七款"),
        Task("参训", "报名、结业、退学与更正", clause="第六款、第七款"),
        Task("企业授课", "学校教师到企业授课：申报、确认、撤销", clause="第五款"),
        Task("出国研修", "选派、登记报告与费用、取消", clause="第十二款"),
    ),
    example_ids=EXAMPLE_IDS,
    living={
        "designation_id": newest("designation"),
        "catalogue_id": newest("catalogue"),
        "mandate_id": newest("mandate"),
        "class_id": newest("training_class", first="state IN ('PLANNED', 'OPEN')"),
        "participation_id": newest("participation"),
        "lecture_report_id": newest("lecture_report", first="lecture_id IS NULL AND withdrawn_on IS NULL"),
        "lecture_id": newest("lecture", first="withdrawn_on IS NULL"),
        "trip_id": newest("trip", first="state = 'SELECTED'"),
    },
    imports=(roster_import,),
    equip=equip,
)
