"""The docs pages: the operator's workplace, without any network, with Chinese buttons and authorisation built in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_redoc_html
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from common.web.jobs import JOB_ID, NEWEST_JOB
from common.web.living import living_ids, with_ids

if TYPE_CHECKING:
    from common.service import Running, Service

_HEAD = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><link rel="icon" href="{root}/docs-files/favicon.png">
<link rel="stylesheet" href="{root}/docs-files/swagger-ui.css"><link rel="stylesheet" href="{root}/docs-own/page.css"></head>"""
_PAGE = """<body data-openapi="{openapi}"><nav class="craftport"><a href="/docs">匠港 · 全部服务</a>
<a href="{root}/docs" aria-current="page">{name}</a><a href="{root}/redoc">接口说明（供程序员）</a></nav><div id="swagger-ui"></div>
<script src="{root}/docs-files/swagger-ui-bundle.js"></script><script src="{root}/docs-own/chinese.js"></script>
<script src="{root}/docs-own/page.js"></script></body></html>"""
_DEMO_ACCOUNTS = "演示账号：officer（负责人）、clerk（经办人）、auditor（审计人员），密码与用户名相同。登录后各服务的操作页都可使用。"


def install(app: FastAPI, service: Service, neighbours: Mapping[str, Running] | None) -> None:
    """`/<service>/docs` (to work with), `/<service>/redoc` (to read), their files out of a wheel, and `/<service>/openapi.json`."""
    root, openapi = f"/{service.name}", f"/{service.name}/openapi.json"
    browser_files = Path(str(fastapi_offline.__file__)).parent / "static"
    app.mount(f"{root}/docs-files", StaticFiles(directory=browser_files), name="docs-files")
    app.mount(f"{root}/docs-own", StaticFiles(directory=str(resources.files("common.web") / "overlay")), name="docs-own")

    @app.get(openapi, include_in_schema=False)
    async def document(request: Request) -> Response:
        made = await asyncio.to_thread(app.openapi)
        return Response(await _invented(made, request.app.state.running, neighbours) if neighbours else _text(made), media_type=_JSON)

    @app.get(f"{root}/docs", include_in_schema=False)
    async def swagger() -> HTMLResponse:
        return HTMLResponse((_HEAD + _PAGE).format(title=app.title, root=root, openapi=openapi, name=service.title))

    @app.get(f"{root}/redoc", include_in_schema=False)
    async def redoc() -> HTMLResponse:
        return get_redoc_html(
            openapi_url=openapi,
            title=app.title,
            redoc_js_url=f"{root}/docs-files/redoc.standalone.js",
            redoc_favicon_url=f"{root}/docs-files/favicon.png",
            with_google_fonts=False,
        )


_JSON = "application/json"


def _text(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False)


async def _invented(made: dict[str, Any], running: Running, neighbours: Mapping[str, Running]) -> str:
    """In an invented city: who may log in, and examples that name what stands there."""
    made_up = dict(running.service.example_ids) | {"job_id": JOB_ID}
    found = await living_ids(running, {"job_id": NEWEST_JOB})
    for each in neighbours.values():
        found |= await living_ids(each, each.service.living)
    ids = {made_up[name]: living for name, living in found.items()}
    schemes = {name: scheme | {"description": _DEMO_ACCOUNTS} for name, scheme in made["components"]["securitySchemes"].items()}
    return with_ids(_text(made | {"components": made["components"] | {"securitySchemes": schemes}}), ids)


def front_page(services: Iterable[Service]) -> str:
    """One page that leads to every service's tasks."""
    services = list(services)
    return _HEAD.format(title="匠港", root=f"/{services[0].name}") + _FRONT.format(
        cards="".join(map(_card, services)), accounts=_DEMO_ACCOUNTS
    )


_FRONT = """<body><nav class="craftport"><a href="/docs" aria-current="page">匠港 · 全部服务</a></nav><main class="craftport">
<h1>您要办什么？</h1><p>{accounts}</p><ul class="services">{cards}</ul></main></body></html>"""


def _card(service: Service) -> str:
    root = f"/{service.name}/docs"
    tasks = "".join(f'<li><a href="{root}#/{task.name}" title="{task.description}">{task.name}</a></li>' for task in service.tasks)
    return f'<li><h2><a href="{root}">{service.title}</a></h2><p>{service.description}</p><ul class="tasks">{tasks}</ul></li>'
