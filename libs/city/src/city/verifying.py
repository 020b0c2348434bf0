"""`python -m city.verifying`: checks on one page whether the running city has lost, doubled or changed anything, service by service and across them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated

import httpx2
import typer

from city.agency import Agency
from city.block import OPENING
from city.counting import unaccounted
from city.demo import DIRECTORY
from city.driver import SERVICES
from common.database.engine import Database
from common.one_process import NotRunning, running_settings, service_named
from common.verify.across import HeardEverywhere
from common.verify.check import Check, CouldNotCheck, Finding, Inspected
from common.verify.command import Result, run, told, worst

_SAID = {
    Result.HOLDS: "结论：全部相符。",
    Result.DIFFERS: "结论：有不符之处，见上面 ✗ 各条；按“怎样处理”办，办完再核验。",
    Result.UNKNOWN: "结论：有的检查没能完成，见上面 ？ 各条；查清后再核验。",
}


def main(
    port: Annotated[int, typer.Option(min=1, max=65535)] = int(os.environ.get("PORT", "8000")),
    patience: Annotated[float, typer.Option(min=0, help="seconds that something may be on its way")] = 10.0,
) -> None:
    """Verify a running demo. Status 0: all holds; 1: something differs and is named; 2: something could not be checked."""
    try:
        result = asyncio.run(_verify(port, patience))
    except NotRunning:
        typer.echo("没有运行中的城市：请先 make demo，另开一个终端再核验。")
        result = Result.UNKNOWN
    raise typer.Exit(result)


async def _verify(port: int, patience: float) -> Result:
    """Raises NotRunning."""
    settings = await running_settings(SERVICES, DIRECTORY, first_day=OPENING, port=port)
    async with AsyncExitStack() as stack:
        city = []
        for name in SERVICES:
            database = Database(settings[name].database_url.get_secret_value(), connections=2)
            stack.push_async_callback(database.close)
            city.append(Inspected(service_named(name), settings[name], database, patience))
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60))
        results = [await told(inspected, typer.echo) for inspected in city]
        typer.echo("各服务之间")
        results.append(await run(HeardEverywhere(city, patience_seconds=patience), typer.echo))
        results.append(await run(Counted(client), typer.echo))
    typer.echo(_SAID[worst(results)])
    return worst(results)


class Counted(Check):
    """The integrity count, asked of the services themselves over REST."""

    name = "收发对账"
    says = "每个主题发布了多少版，每个读方就交代了多少版"
    counts = "个服务"

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def findings(self) -> AsyncIterator[Finding]:
        auditor = Agency(self._client, "auditor")
        try:
            await auditor.log_in()
            differences = await unaccounted(auditor, SERVICES)
        except httpx2.HTTPError as error:
            raise CouldNotCheck(f"{self._client.base_url} 没有应答：以 PORT=… 指明演示的端口") from error
        self.looked_at = len(SERVICES)
        for each in differences:
            is_of_both = each.what in ("missing", "more than published")
            yield Finding(
                f"{'发布' if is_of_both else '累计收到'} {each.published:,} 版，{'交代了' if is_of_both else '保存的却是'} {each.answered:,} 版",
                f"{each.topic}（{each.reader}）",
                "看上面“发布与收到”和“副本”指出的各项；刚办过事的，等办完再核验。",
            )


if __name__ == "__main__":
    typer.run(main)
