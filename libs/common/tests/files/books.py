"""XLSX files put together by hand: what xlsxwriter would never write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
_BOOK = (
    f'<workbook {_MAIN} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="名册" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_ROOT = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="xl/workbook.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>'
)
HEADERS = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'
ROW = '<row r="2"><c r="A2" t="inlineStr"><is><t>某</t></is></c></row>'


def book(rows: str, *, more: Mapping[str, str] | None = None) -> bytes:
    """A workbook of one worksheet with these rows of XML; `more` adds or replaces parts."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _RELATIONS,
        "xl/worksheets/sheet1.xml": f"<worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>",
    } | dict(more or {})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def cell(place: str, text: str = "某") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def shared_strings(attributes: str) -> dict[str, str]:
    """A table of one string that says of itself what it likes."""
    relation = (
        '<Relationship Id="rId2" Target="sharedStrings.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    return {
        "xl/_rels/workbook.xml.rels": _RELATIONS.replace("</Relationships>", relation),
        "xl/sharedStrings.xml": f"<sst {_MAIN} {attributes}><si><t>某</t></si></sst>",
    }


def that_lies(content: bytes, name: str, claimed: int) -> bytes:
    """The same file, one part of which unpacks to more than it says, with a checksum that fits what it says."""
    import zlib

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo(name)
        begun = archive.read(name)[:claimed]
    true = entry.CRC.to_bytes(4, "little") + entry.compress_size.to_bytes(4, "little") + entry.file_size.to_bytes(4, "little")
    false = zlib.crc32(begun).to_bytes(4, "little") + entry.compress_size.to_bytes(4, "little") + claimed.to_bytes(4, "little")
    assert content.count(true) == 2, "once before the part, once in the directory"
    return content.replace(true, false)
