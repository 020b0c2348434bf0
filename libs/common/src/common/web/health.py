"""Whether the process lives, and whether it can do its work."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text


class Health(BaseModel):
    """`reasons` says what is missing; empty when all is well."""

    ready: bool
    reasons: list[str] = []


def router() -> APIRouter:
    """The two health routes; no token is needed. They are for machines: the operators' pages do not show them."""
    routes = APIRouter(prefix="/health", include_in_schema=False)

    @routes.get("/live")
    async def live() -> Health:
        return Health(ready=True)

    @routes.get("/ready")
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
