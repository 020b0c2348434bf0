"""One printed sheet: plain HTML that needs nothing else, for a browser to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi.responses import HTMLResponse
from markupsafe import Markup

MEDIA_TYPE = "text/html"
ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "contentMediaType": MEDIA_TYPE}}}}}
"""The `responses` of a route that gives one."""

_SHEET = Markup("""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.7 "Noto Serif CJK SC", SimSun, serif; max-width: 44em; margin: 2em auto; padding: 0 1em }}
h1 {{ font-size: 1.5em; text-align: center }} h2 {{ font-size: 1.1em; border-bottom: 1px solid }}
table {{ border-collapse: collapse; width: 100% }} th, td {{ border: 1px solid; padding: .2em .5em; text-align: left; vertical-align: top }}
footer {{ margin-top: 2em; font-size: .9em }} @page {{ margin: 20mm }}
</style></head><body><h1>{title}</h1>{body}<footer>{footer}</footer></body></html>""")


def sheet(title: str, body: Iterable[Markup], footer: str, *, name: str) -> HTMLResponse:
    """The page; `name`: what the file is called when it is kept."""
    content = _SHEET.format(title=title, body=Markup("").join(body), footer=footer)
    return HTMLResponse(content, headers={"Content-Disposition": f'inline; filename="{name}.html"'})


def section(title: str, *body: Markup) -> Markup:
    """A heading, and what stands below it."""
    return Markup("<h2>{}</h2>{}").format(title, Markup("").join(body))


def paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def listed(items: Iterable[str]) -> Markup:
    """Numbered, in order."""
    return Markup("<ol>{}</ol>").format(Markup("").join(Markup("<li>{}</li>").format(each) for each in items))


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    head, body = (_rows([headers], Markup("<th>{}</th>")), _rows(rows, Markup("<td>{}</td>")))
    return Markup("<table>{}{}</table>").format(head, body)


def _rows(rows: Iterable[Sequence[str]], cell: Markup) -> Markup:
    lines = (Markup("").join(cell.format(each) for each in cells) for cells in rows)
    return Markup("").join(Markup("<tr>{}</tr>").format(each) for each in lines)
