"""The docs pages: the operator's workplace, without any network, with Chinese buttons and authorisation built in."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from common.service import Service


def install(app: FastAPI, service: Service) -> None:
    """`/<service>/docs` (to work with), `/<service>/redoc` (to read), and their files out of a wheel."""
    root, openapi = f"/{service.name}", str(app.openapi_url)
    browser_files = Path(str(fastapi_offline.__file__)).parent / "static"
    app.mount(f"{root}/docs-files", StaticFiles(directory=browser_files), name="docs-files")
    app.mount(f"{root}/docs-own", StaticFiles(directory=str(resources.files("common.web") / "overlay")), name="docs-own")

    @app.get(f"{root}/docs", include_in_schema=False)
    async def swagger() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url=openapi,
            title=app.title,
            swagger_js_url=f"{root}/docs-files/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs-files/swagger-ui.css",
            swagger_favicon_url=f"{root}/docs-files/favicon.png",
            swagger_ui_parameters={
                "persistAuthorization": True,
                "displayRequestDuration": True,
                "tryItOutEnabled": True,
                "docExpansion": "list",
            },
        )
        overlay = f'<script src="{root}/docs-own/chinese.js"></script></body>'
        return HTMLResponse(bytes(page.body).decode().replace("</body>", overlay).replace("<html>", '<html lang="zh-CN">'))

    @app.get(f"{root}/redoc", include_in_schema=False)
    async def redoc() -> HTMLResponse:
        return get_redoc_html(
            openapi_url=openapi,
            title=app.title,
            redoc_js_url=f"{root}/docs-files/redoc.standalone.js",
            redoc_favicon_url=f"{root}/docs-files/favicon.png",
            with_google_fonts=False,
        )
