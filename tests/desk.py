"""A desk at the counter: every service at work in one process, reached over HTTP, with right rows for every kind of file."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2

from city.agency import Agency
from city.identities import number_of, uscc
from common.database.engine import raw
from common.files.importing import FileImport
from common.one_process import OneProcess, one_process
from common.security.issuer import Account
from common.security.principal import Role
from common.testing.files import Row, xlsx
from common.waking import rung

SERVICES = ("registry", "training", "certification", "matching", "awards")
TODAY = date(2018, 6, 1)
WELDER = "2015:6-18-02-04"
FEE = {"amount": "260.00", "currency": "CNY"}
KINDS = (
    "persons",
    "employment",
    "insurance",
    "students",
    "other-benefits",
    "roster",
    "exam-entries",
    "titles",
    "certificates",
    "placements",
    "prior-payments",
)
"""Every kind of file; `test_every_import_is_tried` compares."""
_DEADLINE_SECONDS = 60


@dataclass
class Desk:
    """What the tests hold on to: the city, its organisations and a class, all entered over REST."""

    city: OneProcess
    client: httpx2.AsyncClient
    organisations: dict[str, dict[str, Any]] = field(default_factory=dict)
    """employer, partner, institution and body."""
    training_class: dict[str, Any] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def imports(self) -> dict[str, tuple[str, FileImport[Any]]]:
        """By kind: the service that takes it, and what it is."""
        return {each.kind: (name, each) for name, running in self.city.services.items() for each in running.service.imports}

    def new_number(self) -> str:
        """A right ID number that nobody has."""
        nth = next(self._numbers)
        return number_of(date(1970, 1, 1) + timedelta(days=nth % 9000), nth // 9000 + 1)

    def account(self, role: Role, *, organisation_id: UUID | str | None = None, person_id: UUID | str | None = None) -> str:
        """A new account; its name."""
        name = f"{role.value.lower()}-{uuid4().hex[:8]}"
        whose = [None if id_ is None else UUID(str(id_)) for id_ in (organisation_id, person_id)]
        self.city.issuer.accounts[name] = Account("secret", role, *whose)
        return name

    async def call(
        self, method: str, path: str, *, who: str = "officer", headers: Mapping[str, str | None] | None = None, **more: Any
    ) -> httpx2.Response:
        """A request as somebody; a POST has its own Idempotency-Key. A header of None is left out."""
        sent: dict[str, str | None] = {"Authorization": f"Bearer {self._tokens.setdefault(who, self.city.issuer.token(who))}"}
        if method == "POST":
            sent["Idempotency-Key"] = uuid4().hex
        sent |= dict(headers or {})
        return await self.client.request(method, path, headers={name: value for name, value in sent.items() if value is not None}, **more)

    async def made(self, path: str, body: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        answer = await self.call("POST", path, json=body, **more)
        assert answer.status_code < 300, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def row(self, kind: str, **changed: Any) -> dict[str, Any]:
        """A right row of a new person."""
        code = {name: each["uscc"] for name, each in self.organisations.items()}
        own: dict[str, dict[str, Any]] = {
            "persons": {"户籍地区划代码": "320582", "户籍起始日期": "2001-09-01", "手机": "12000000001", "社会保障卡账号": "9999000000000000011"},
            "employment": {"统一社会信用代码": code["employer"], "用工形式": "劳动合同", "起始日期": "2018-03-01", "凭据": "劳动合同"},
            "insurance": {"统一社会信用代码": code["employer"], "险种": "职工养老", "起始月份": "2018-03", "终止月份": "2018-04"},
            "students": {"学校统一社会信用代码": code["partner"], "学段": "高职", "入学日期": "2016-09-01", "学籍状态": "在籍"},
            "other-benefits": {
                "补贴项目": "失业保险技能提升补贴", "职业版本": "2015", "职业编码": "6-18-02-04", "等级": "高级工", "补贴金额": "2000.00",
                "发放日期": "2018-05-10",
            },
            "roster": {
                "班级编号": self.training_class["number"], "报名日期": "2018-03-01", "出勤率": "92.5", "结业日期": "2018-05-01",
                "考核结果": "合格", "已收费用": "240.00",
            },
            "exam-entries": {
                "鉴定机构统一社会信用代码": code["body"], "职业版本": "2015", "职业编码": "6-18-02-04", "等级": "高级工", "鉴定日期": "2018-06-20",
                "报名日期": "2018-05-20", "学校统一社会信用代码": code["partner"],
            },
            "titles": {
                "称号": "省级技术能手", "职业版本": "2015", "职业编码": "6-18-02-04", "授予日期": "2017-11-20", "文号": "苏人社发〔2017〕345号",
            },
            "certificates": {
                "证书编号": f"S0001329999918{next(self._numbers):08d}", "证书类别": "职业技能等级证书", "职业版本": "2015", "职业编码": "6-18-02-04",
                "等级": "高级工", "评价方式": "社会化鉴定", "发证日期": "2018-05-20", "发证机构统一社会信用代码": code["body"],
            },
            "placements": {
                "合作单位统一社会信用代码": code["partner"], "用人单位统一社会信用代码": code["employer"], "上岗日期": "2018-05-02", "凭据": "劳动合同",
            },
            "prior-payments": {"待遇项目": "高技能人才初次来本市工作奖励", "金额": "2000.00", "支付日期": "2017-06-30", "文号": "2017-12"},
        }  # fmt: skip
        known = {header: value for header, value in changed.items() if header in self.headers(kind)}
        return {"姓名": "示例·人员", "证件号码": self.new_number()} | own[kind] | known

    def headers(self, kind: str) -> list[str]:
        return [column.header for column in self.imports[kind][1].columns]

    def sheet(self, kind: str, *rows: Row) -> bytes:
        return xlsx(self.headers(kind), rows)

    async def drop(self, kind: str, content: bytes, *, who: str = "officer", validate_only: bool = False) -> dict[str, Any]:
        """Drop a file and wait until its job has ended; the job with its refused rows."""
        service = self.imports[kind][0]
        dropped = await self.call(
            "POST", f"/{service}/v1/imports/{kind}", who=who, files={"file": ("名册", content)}, data={"validate_only": str(validate_only).lower()}
        )  # fmt: skip
        assert dropped.status_code == 202, dropped.text
        path = f"/{service}/v1/jobs/{dropped.json()['id']}"
        committed = self.city.services[service].committed
        wake = committed.listen()
        async with asyncio.timeout(_DEADLINE_SECONDS):
            while (job := (await self.call("GET", path, who=who)).json())["state"] not in ("DONE", "FAILED"):
                await rung(wake, within_seconds=1.0)
                wake.clear()
        committed.forget(wake)
        refused = (await self.call("GET", f"{path}/rows", who=who, params={"limit": 1000})).json()["items"]
        return {**job, "refused": {row["row_number"]: row["faults"] for row in refused}}

    async def acts(self, kind: str) -> int:
        """How many changes the service that takes this kind of file has made, of anything."""
        return await self.value(self.imports[kind][0], "SELECT count(*) FROM audit")

    async def value(self, service: str, query: str, *arguments: Any) -> Any:
        async with self.city.services[service].database.transaction() as session:
            return await (await raw(session)).fetchval(query, *arguments)

    async def settled(self) -> None:
        officer = Agency(self.client, "officer")
        await officer.log_in()
        await officer.settled(SERVICES)


def codes(job: Mapping[str, Any]) -> dict[int, list[tuple[str, str]]]:
    """Row number → (column, code) of every fault."""
    return {number: [(fault["column"], fault["code"]) for fault in faults] for number, faults in job["refused"].items()}


def result(job: Mapping[str, Any]) -> tuple[Any, ...]:
    return job["state"], job["rows_total"], job["rows_accepted"], job["rows_refused"]


@asynccontextmanager
async def open_desk(directory: Path) -> AsyncIterator[Desk]:
    """Start the city on a day in 2018 and enter what every row needs."""
    async with (
        one_process(SERVICES, directory, first_day=TODAY, port=free_port(), durable=False) as city,
        httpx2.AsyncClient(base_url=city.url, timeout=60) as client,
    ):
        desk = Desk(city, client)
        for nth, (name, kind) in enumerate(
            (
                ("employer", "ENTERPRISE"),
                ("partner", "HIGHER_VOCATIONAL"),
                ("institution", "TRAINING_BODY"),
                ("body", "PUBLIC_INSTITUTION"),
            )
        ):
            span = {"kind": kind, "area_code": "320582103", "first_on": "2010-03-01"}
            body = {"uscc": uscc("91", 5000 + nth), "name": f"示例单位{nth}", "spans": [span]}
            desk.organisations[name] = await desk.made("/registry/v1/organisations", body)
        await desk.made("/certification/v1/occupations", {"occupation": WELDER, "name": "焊工", "appraisal_fees": {"3": FEE}})
        sitting = {"body_id": desk.organisations["body"]["id"], "occupation": WELDER, "level_code": 3, "held_on": "2018-06-20"}
        await desk.made("/certification/v1/sittings", sitting)
        training_class = {
            "number": "PH2018-0301", "kind": "UNIVERSAL", "organiser_id": desk.organisations["institution"]["id"], "occupation": WELDER,
            "level_code": 4, "starts_on": "2018-03-01", "ends_on": "2018-05-01",
        }  # fmt: skip
        desk.training_class = await desk.made("/training/v1/classes", training_class)
        await desk.settled()
        yield desk


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
