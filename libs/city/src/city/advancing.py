"""`python -m city.advancing 2019-06-01`: move the day of all services of a running city, and say what that changed."""

from __future__ import annotations

import asyncio
import os
from datetime import date, datetime
from typing import Annotated, Any

import httpx2
import typer

from city.agency import Agency, Refused
from city.driver import SERVICES


def main(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="the new day; days only move forward")],
    port: Annotated[int, typer.Option(min=1, max=65535)] = int(os.environ.get("PORT", "8000")),
) -> None:
    """Advance a running demo."""
    try:
        asyncio.run(_advance(day.date(), f"http://127.0.0.1:{port}"))
    except httpx2.ConnectError as error:
        raise SystemExit(f"端口 {port} 上没有运行中的城市：请先 make demo，或以 PORT=… 指明端口") from error
    except Refused as refused:
        raise SystemExit(f"没有推进：{refused}") from refused


async def _advance(day: date, url: str) -> None:
    async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
        officer = Agency(client, "officer")
        await officer.log_in()
        before = await _totals(officer)
        for service in SERVICES:
            await officer.create(f"/{service}/v1/operations/business-day:advance", {"day": day.isoformat()})
        await officer.settled(SERVICES)
        after = await _totals(officer)
    typer.echo(f"业务日期 {day}，五个服务一致。")
    changed = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    for scheme, state in changed:
        typer.echo(f"    {scheme} {state}：{before.get((scheme, state), '无')} → {after.get((scheme, state), '无')}")
    if not changed:
        typer.echo("    应付没有变化。")


async def _totals(officer: Agency) -> dict[tuple[str, str], str]:
    items: list[dict[str, Any]] = (await officer.get("/awards/v1/totals"))["items"]
    return {(each["scheme"], each["state"]): f"{each['entitlements']} 项 {_amount(each)} 元" for each in items}


def _amount(total: dict[str, Any]) -> str:
    """A row has one sum: due, accruing or what it would be."""
    return next((total[name]["amount"] for name in ("due", "accruing", "would_be") if total[name]["amount"] != "0.00"), "0.00")


if __name__ == "__main__":
    typer.run(main)
