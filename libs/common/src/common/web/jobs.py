"""Jobs over REST: progress, and the rows of a file that were refused and why."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from common.database.engine import raw
from common.refusal import NotFound
from common.security.principal import Role
from common.web.living import newest
from common.web.problems import refusals
from common.web.reading import Reading, Reading_

if TYPE_CHECKING:
    from common.service import Service

JOB_ID = "018f3c7a-1030-7c3e-9a41-5b6d2e8f0030"
"""Of the examples."""
NEWEST_JOB = newest("job")


class JobView(BaseModel):
    """`state`: WAITING, RUNNING, DONE, FAILED (then `failed_reason` says why)."""

    id: UUID
    kind: str = Field(examples=["certificates"])
    state: str = Field(examples=["DONE"])
    validate_only: bool
    created_at: datetime = Field(examples=["2018-06-01T09:30:00+08:00"])
    finished_at: datetime | None = Field(examples=["2018-06-01T09:30:02+08:00"])
    rows_total: int | None = Field(examples=[260])
    rows_done: int = Field(examples=[260])
    rows_accepted: int = Field(examples=[258])
    rows_refused: int = Field(examples=[2])
    failed_reason: str | None
    ignored_headers: list[str] = Field(default=[], description="文件中未被读取的列：若是写错的表头，请改正后重传", examples=[["备注"]])


class FaultInCell(BaseModel):
    column: str = Field(examples=["证件号码"])
    code: str = Field(examples=["id-card-check-digit-wrong"])
    message: str = Field(examples=["身份证号码校验位不正确"])


class RefusedRow(BaseModel):
    """A row by its number in the file, and everything that is wrong with it."""

    row_number: int = Field(examples=[17])
    faults: list[FaultInCell]


class RefusedRows(BaseModel):
    items: list[RefusedRow]
    next_after_row: int | None = None


async def read_job(reading: Reading_, job_id: UUID) -> JobView:
    """Raises NotFound; an organisation sees its own jobs only."""
    row = await (await raw(reading.session)).fetchrow(_JOB, job_id)
    is_own = row is not None and row["actor"] == reading.principal.subject
    if row is None or (reading.principal.role in (Role.ORGANISATION, Role.PERSON) and not is_own):
        raise NotFound("没有这个任务")
    parameters = json.loads(row["told"])
    return JobView(**{name: row[name] for name in _COLUMNS} | parameters)


_COLUMNS = [name for name in JobView.model_fields if name != "ignored_headers"]
# Not the file itself, which may be large: whoever waits for a job asks often.
_JOB = f"SELECT {', '.join(_COLUMNS)}, actor, parameters::text AS told FROM job WHERE id = $1"  # noqa: S608 - declared names


def router(service: "Service") -> APIRouter:
    """The routes under `/jobs`."""
    routes = APIRouter(prefix="/jobs", tags=["文件导入"])

    @routes.get("/{job_id}", summary="任务进度", operation_id=f"{service.name}_read_job",
                description="WAITING 等候、RUNNING 进行中、DONE 完成、FAILED 失败（failed_reason 说明原因）。", responses=refusals(NotFound))  # fmt: skip
    async def job(job_id: UUID, reading: Reading) -> JobView:
        return await read_job(reading, job_id)

    @routes.get("/{job_id}/rows", summary="被拒的行", operation_id=f"{service.name}_list_refused_rows",
                description="按文件行号列出：哪一列、什么问题。改好后只需重新投递整个文件。", responses=refusals(NotFound))  # fmt: skip
    async def rows(
        job_id: UUID,
        reading: Reading,
        after_row: Annotated[int, Query(ge=0, lt=2**31, description="从这一行之后开始")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000, description="最多几行")] = 100,
    ) -> RefusedRows:
        await read_job(reading, job_id)
        found = await (await raw(reading.session)).fetch(
            "SELECT row_number, faults::text AS faults FROM job_row WHERE job_id = $1 AND row_number > $2 ORDER BY row_number LIMIT $3",
            job_id,
            after_row,
            limit + 1,
        )
        items = [RefusedRow(row_number=row["row_number"], faults=json.loads(row["faults"])) for row in found[:limit]]
        return RefusedRows(items=items, next_after_row=items[-1].row_number if len(found) > limit else None)

    return routes
