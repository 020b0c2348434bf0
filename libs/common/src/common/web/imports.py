"""Imports over REST: drop a file, get a job; or its template."""

import hashlib
import io
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import xlsxwriter
from fastapi import APIRouter, Form, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from uuid_utils.compat import uuid7

from common.database.engine import raw
from common.files.importing import FileImport
from common.files.jobs import CONTENT_FIELD
from common.refusal import TooLarge
from common.service import Running
from common.web.jobs import JobView, read_job
from common.web.problems import refusals
from common.web.reading import Reading, Reading_
from common.web.tasks import Task

if TYPE_CHECKING:
    from common.service import Service

TASK = Task("文件导入", "投递各单位的文件，查看进度和被拒的行")
_LARGEST_FILE = 50 * 1024 * 1024
AT_ONCE = 2
"""Until it stands in the database a file is in memory, and in it once more in cipher; until then it waits on disk."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATE_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {_XLSX: {"schema": {"type": "string", "contentMediaType": _XLSX}}}}}


class Dropped(BaseModel):
    """A file, and whether it is only to be checked. A field that is not known is refused: a dry run mistyped must not import."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile = Field(description="XLSX 或 CSV 文件")
    validate_only: bool = Field(default=False, description="只检查，不入库")


def routers(service: "Service") -> list[APIRouter]:
    """For every import of the service: `POST /imports/<kind>` and its template."""
    return [_router(service, each) for each in service.imports]


def _router(service: "Service", file_import: FileImport[Any]) -> APIRouter:
    routes = APIRouter(prefix=f"/imports/{file_import.kind}", tags=[TASK.name])
    needed, others = ("、".join(column.header for column in file_import.columns if column.required is wanted) for wanted in (True, False))

    @routes.post(
        "", status_code=202, summary=f"导入{file_import.title}"[:12], operation_id=f"import_{file_import.kind.replace('-', '_')}",
        description=f"XLSX 或 CSV，第一行为表头。必填：{needed}。{f'可填：{others}。' if others else ''}同一文件再次投递返回原任务，失败或有被拒的行时重新处理；validate_only 选 true 只检查、不入库。",
        responses=refusals(TooLarge), dependencies=[service.access.requires(file_import.requires)],
    )  # fmt: skip
    async def drop(request: Request, reading: Reading, dropped: Annotated[Dropped, Form(media_type="multipart/form-data")]) -> JobView:
        running: Running = request.app.state.running
        async with request.app.state.uploads.place():
            content = await dropped.file.read(_LARGEST_FILE + 1)
            if len(content) > _LARGEST_FILE:
                raise TooLarge("文件不能超过 50 MB")
            job_id = await _submit(running, reading, file_import.kind, content, validate_only=dropped.validate_only)
        running.dropped.ring()
        return await read_job(reading, job_id)

    @routes.get(
        "/template", summary=f"{file_import.title}模板", operation_id=f"read_{file_import.kind.replace('-', '_')}_template",
        description="空白的 XLSX，表头已填好，各列为文本格式。", response_class=Response, responses=_TEMPLATE_ANSWER,
        dependencies=[service.access.requires(file_import.requires)],
    )  # fmt: skip
    async def template() -> Response:
        return Response(
            _template(file_import), media_type=_XLSX, headers={"Content-Disposition": f"attachment; filename={file_import.kind}.xlsx"}
        )

    return routes


async def _submit(running: Running, reading: Reading_, kind: str, content: bytes, *, validate_only: bool) -> UUID:
    """A new job, or the same caller's of the same file that is still open or took all of it. Commits at once: a worker may begin."""
    # Under a key: the number in a file of one row could be tried out otherwise.
    digest, caller = running.keys.index.of(hashlib.sha256(content).hexdigest(), field="job.file_sha256"), reading.principal
    async with running.database.transaction() as session:
        connection = await raw(session)
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"job:{kind}:{digest.hex()}")
        earlier = await connection.fetchval(
            _EARLIER,
            kind,
            digest,
            caller.subject,
            validate_only,
        )
        if earlier is not None:
            return UUID(str(earlier))
        job_id = uuid7()
        await connection.execute(
            """
            INSERT INTO job (id, kind, state, actor, role, organisation_id, file_sha256, content, validate_only)
            VALUES ($1, $2, 'WAITING', $3, $4, $5, $6, $7, $8)
            """,
            job_id,
            kind,
            caller.subject,
            caller.role.value,
            caller.organisation_id,
            digest,
            running.keys.cipher.encrypt_bytes(content, field=CONTENT_FIELD, row=job_id),
            validate_only,
        )
        return job_id


_EARLIER = """
    SELECT id FROM job
    WHERE kind = $1 AND file_sha256 = $2 AND actor = $3 AND NOT validate_only AND NOT $4
      AND (state IN ('WAITING', 'RUNNING') OR (state = 'DONE' AND rows_refused = 0))
    ORDER BY created_at DESC LIMIT 1
"""


def _template(file_import: FileImport[Any]) -> bytes:
    """An empty sheet with the headers, every column as text so that Excel leaves long numbers alone."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        sheet, text = workbook.add_worksheet(file_import.title), workbook.add_format({"num_format": "@"})
        sheet.set_column(0, len(file_import.columns) - 1, 22, text)
        for at, column in enumerate(file_import.columns):
            sheet.write_string(0, at, column.header)
    return target.getvalue()
