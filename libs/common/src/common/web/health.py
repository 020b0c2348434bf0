"""Whether the process lives, and whether it can do its work."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text

if TYPE_CHECKING:
    from common.service import Service


class Health(BaseModel):
    """`reasons` says what is missing; empty when all is well."""

    ready: bool
    reasons: list[str] = []


def router(service: "Service") -> APIRouter:
    """The two health routes; no token is needed."""
    routes = APIRouter(prefix="/health", tags=["健康检查"])

    @routes.get("/live", summary="存活", operation_id=f"{service.name}_live")
    async def live() -> Health:
        return Health(ready=True)

    @routes.get("/ready", summary="就绪", operation_id=f"{service.name}_ready", responses={503: {"model": Health}})
    async def ready(request: Request, response: Response) -> Health:
        running = request.app.state.running
        reasons: list[str] = []
        try:
            async with running.database.transaction() as session:
                await session.execute(text("SELECT 1"))
        except Exception as error:
            reasons.append(f"数据库：{type(error).__name__}")
        if running.consumer is not None and running.consumer.consumption is not None:
            reasons += [f"{p.topic}/{p.number}：{why}" for p, why in running.consumer.consumption.stopped.items()]
        response.status_code = 503 if reasons else 200
        return Health(ready=not reasons, reasons=reasons)

    return routes
