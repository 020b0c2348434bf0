"""An operator before a real Chromium that reaches this machine alone, and a fresh city to work in."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Locator, Page, Request, Route, async_playwright, expect

from city.agency import Agency
from city.synthetic import LAST_DAY
from common.one_process import one_process
from common.testing.kafka import free_ports
from contracts.compatibility import OWNERS

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--lang=zh-CN",
)  # fmt: skip
_LONGEST_MILLISECONDS = 30_000
_VISIBLE_WITHOUT_CHINESE = """
() => {
  const names = "script, style, pre, textarea, code, option, .opblock-summary-path, .parameter__name, .json-schema-2020-12__title";
  const found = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.nodeValue.trim(), parent = texts.currentNode.parentElement;
    if (/[A-Za-z]{2,}/.test(text) && !/[\\u4e00-\\u9fff]/.test(text) && !parent.closest(names) && parent.checkVisibility()) found.add(text);
  }
  return [...found];
}
"""


@dataclass
class Operator:
    """Somebody at the pages: opens a service, logs in, opens an operation, submits it, reads what came of it."""

    page: Page
    url: str
    went_elsewhere: list[str] = field(default_factory=list)

    async def open(self, service: str) -> None:
        await self.page.goto(f"{self.url}/{service}/docs")
        await self.page.wait_for_selector(".opblock")

    async def log_in(self, user: str, password: str) -> None:
        await self.page.click(".btn.authorize")
        await self.page.fill("#oauth_username", user)
        await self.page.fill("#oauth_password", password)
        await self.page.click(".modal-ux .authorize")

    async def operation(self, summary: str) -> Locator:
        """The operation of that name, opened."""
        block = self.page.locator(".opblock").filter(has=self.page.get_by_text(summary, exact=True))
        if "is-open" not in (await block.get_attribute("class") or ""):
            await block.locator(".opblock-summary-control").click()
        await block.locator(".execute").wait_for()
        return block

    async def submit(self, block: Locator) -> tuple[str, str]:
        """Status and text of the result."""
        if await block.locator(".btn-clear").count():
            await block.locator(".btn-clear").click()
        await block.locator(".execute").click()
        result = block.locator(".live-responses-table .response")
        await result.wait_for()
        await expect(self.page.locator("body[data-stale]")).to_have_count(0)
        return await result.locator(".response-col_status").inner_text(), await result.locator(".response-col_description").inner_text()

    async def as_given(self, summary: str) -> tuple[str, str]:
        """One click: the example as it stands there."""
        return await self.submit(await self.operation(summary))

    async def without_chinese(self) -> list[str]:
        """What the page shows that no operator need understand."""
        found: list[str] = await self.page.evaluate(_VISIBLE_WITHOUT_CHINESE)
        return found


@dataclass
class RunningCity:
    url: str
    officer: Agency

    async def settled(self) -> None:
        await self.officer.settled(OWNERS)


@pytest.fixture(scope="module")
async def city() -> AsyncIterator[RunningCity]:
    with tempfile.TemporaryDirectory(prefix="craftport-", ignore_cleanup_errors=True) as directory:
        (port,) = free_ports(1)
        async with (
            one_process(OWNERS, Path(directory), first_day=LAST_DAY, port=port) as running,
            httpx2.AsyncClient(base_url=running.url, timeout=60) as client,
        ):
            officer = Agency(client, "officer")
            await officer.log_in()
            yield RunningCity(running.url, officer)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium. Without one, tests are skipped by name; in CI they fail."""
    found = next((path for path in map(shutil.which, _CHROMIUMS) if path), None)
    if found is None:
        missing = f"no Chromium: none of {', '.join(_CHROMIUMS)} is installed"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        yield started
        await started.close()


@pytest.fixture(scope="module")
async def operator(browser: Browser, city: RunningCity) -> AsyncIterator[Operator]:
    """At a screen of an office; whatever is asked of another machine is stopped and remembered."""
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(_LONGEST_MILLISECONDS)
    expect.set_options(timeout=_LONGEST_MILLISECONDS)
    seated = Operator(await context.new_page(), city.url)

    async def stop(route: Route, request: Request) -> None:
        seated.went_elsewhere.append(request.url)
        await route.abort()

    await context.route(lambda address: not address.startswith((f"{city.url}/", "data:", "blob:")), stop)
    yield seated
    await context.close()


@pytest.fixture(autouse=True)
async def nothing_left_the_machine(operator: Operator) -> AsyncIterator[Any]:
    yield
    assert operator.went_elsewhere == []
