"""Right workbooks spoiled where it hurts: cells, shared strings, styles, relations, the XML that says it and the archive that holds it."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from random import Random

Parts = dict[str, bytes]
SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"

_TYPES = ["s", "n", "b", "e", "str", "inlineStr", "d", "zzz", ""]
_VALUES = [
    "", "-1", "0", "1", "2", "99999999", "4294967296", "18446744073709551616", "-9223372036854775809", "1e309", "NaN", "inf", "1.7976931348623157e308",
    "320599199001010013", "2958465", "2958466", "-700000", "60", "0.999999999", "TRUE", "#N/A", "#REF!", "2018-03-01", "2018-03-01T25:61:61Z", " ", "&#10;",
    "&amp;lt;", "&#x1F600;", "&#xD800;", "&#0;", "&undefined;", "<![CDATA[=1]]>", "<!-- x -->", "=cmd|' /C calc'!A0", "_x0000_", "_x000D_", "9" * 400, "某" * 40_000,
]  # fmt: skip
_PLACES = [
    "A1", "A2", "B2", "XFD1048576", "XFE1048577", "ZZZ9999999", "AAAA1", "A0", "A01", "a2", "$A$2", "2A", "A", "2", "", "R2C2", "A2:B3", "A-1", "A4294967297",
]  # fmt: skip
_ENCODINGS = ["utf-16", "utf-16-be", "utf-32", "gb18030", "utf-8-sig", "latin-1"]
_IN_SHEET = [
    '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>', '<mergeCells count="9"><mergeCell ref="B2:A1"/><mergeCell ref=""/></mergeCells>',
    '<cols><col min="1" max="16384" width="0" hidden="1"/></cols>', '<cols><col min="9" max="0"/></cols>', '<dimension ref="A1:XFD1048576"/>',
    '<dimension ref="B2:A1"/>', '<dimension ref="nothing"/>', '<row r="3" hidden="1"/>', '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
    '<row r="5"><c r="A5" t="inlineStr"><is><r><t>甲</t></r><r><t xml:space="preserve"> 乙</t></r><rPh><t>ji</t></rPh></is></c></row>',
    '<row r="6"><c r="A6" t="inlineStr"><is/></c><c r="A6"><v>1</v></c></row>', '<c r="A7"><v>1</v></c>', "<row/>", "<row><c/></row>", "</sheetData><sheetData>",
    '<row r="7"><c r="A7"><f t="shared" ref="A7:A9999999" si="0">A1</f><v>1</v></c></row>', '<row r="8"><c r="A8"><f t="array" ref="A8"/></c></row>',
    '<row r="9"><c r="A9"><f>' + "(" * 5_000 + "</f></c></row>", '<dataValidations><dataValidation sqref="A1:XFD1048576"/></dataValidations>', "<!DOCTYPE x>",
]  # fmt: skip
_TARGETS = [
    "", "/", "..", "../../../../etc/passwd", "workbook.xml", "/xl/worksheets/sheet1.xml", "http://x/y", "worksheets\\sheet1.xml", "x" * 70_000,
]  # fmt: skip
_COUNTS = ["0", "-1", "1", "4294967295", "99999999999999999999", "many"]
_ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
) + b"]>"  # fmt: skip


def replaced(chance: Random, content: bytes, pattern: str, become: Callable[[re.Match[bytes]], bytes]) -> bytes:
    """The same with one place of this kind, chosen by chance, made another; unchanged when it has none."""
    found = list(re.finditer(pattern.encode(), content))
    if not found:
        return content
    at = chance.choice(found)
    return content[: at.start()] + become(at) + content[at.end() :]


def _type(chance: Random, parts: Parts) -> None:
    parts[SHEET] = replaced(chance, parts[SHEET], r' t="\w*"', lambda _: f' t="{chance.choice(_TYPES)}"'.encode())


def _value(chance: Random, parts: Parts) -> None:
    parts[SHEET] = replaced(chance, parts[SHEET], r"<v>[^<]*</v>", lambda _: f"<v>{chance.choice(_VALUES)}</v>".encode())


def _place(chance: Random, parts: Parts) -> None:
    parts[SHEET] = replaced(
        chance, parts[SHEET], r'<(c|row)( r="\w+")', lambda at: b"<%s" % at[1] + f' r="{chance.choice(_PLACES)}"'.encode()
    )


def _no_place(chance: Random, parts: Parts) -> None:
    parts[SHEET] = replaced(chance, parts[SHEET], r'<(c|row) r="\w+"', lambda at: b"<" + at[1])


def _formula(chance: Random, parts: Parts) -> None:
    formula = chance.choice(["1+1", "[1]Sheet!A1", "WEBSERVICE(&quot;http://x&quot;)", "", "=" * 9000])
    parts[SHEET] = replaced(chance, parts[SHEET], r"<v>", lambda _: f"<f>{formula}</f><v>".encode())


def _style(chance: Random, parts: Parts) -> None:
    parts[SHEET] = replaced(chance, parts[SHEET], r"<c ", lambda _: f'<c s="{chance.choice(["0", "1", "9999", "-1", "x"])}" '.encode())
    formats = chance.choice(["yyyy-mm-dd", "[h]:mm", "[$-804]", '"' * 200, "@", "General;;;;;", ""])
    number = f'<numFmts count="1"><numFmt numFmtId="{chance.choice(["164", "14", "-1", "x"])}" formatCode="{formats.replace(chr(34), "&quot;")}"/></numFmts>'
    parts[STYLES] = replaced(chance, parts[STYLES], "<fonts ", lambda _: number.encode() + b"<fonts ")
    parts[STYLES] = replaced(chance, parts[STYLES], r'numFmtId="0"', lambda _: b'numFmtId="164"')


def _count(chance: Random, parts: Parts) -> None:
    part = chance.choice([STRINGS, STYLES])
    if part in parts:
        parts[part] = replaced(chance, parts[part], r'[cC]ount="\d+"', lambda _: f'count="{chance.choice(_COUNTS)}"'.encode())


def _strings(chance: Random, parts: Parts) -> None:
    """Fewer than the cells ask for, or others than strings."""
    long = b"<si><t>" + b"x" * 50_000 + b"</t></si>"
    instead = chance.choice([b"", b"<si/>", b"<si><t/></si>", b"<si><r><t>x</t></r></si>", long, b"<si>"])
    if STRINGS in parts:
        parts[STRINGS] = replaced(chance, parts[STRINGS], r"<si>.*?</si>", lambda _: instead)


def _inserted(chance: Random, parts: Parts) -> None:
    where = chance.choice(["<sheetData>", "</sheetData>", "</row>", "</worksheet>"])
    parts[SHEET] = replaced(chance, parts[SHEET], where, lambda at: chance.choice(_IN_SHEET).encode() + at[0])


def _sheets(chance: Random, parts: Parts) -> None:
    changed = chance.choice(['state="hidden" ', 'state="veryHidden" ', 'state="x" ', 'name="" ', "<sheet "])
    parts[BOOK] = replaced(chance, parts[BOOK], "<sheet ", lambda _: f"<sheet {changed}".encode())


def _second_sheet(chance: Random, parts: Parts) -> None:
    state = chance.choice(["", ' state="hidden"', ' state="veryHidden"'])
    number, part = chance.choice([("2", "sheet2.xml"), ("1", "sheet1.xml")])
    parts["xl/worksheets/sheet2.xml"] = parts[SHEET]
    parts[BOOK] = parts[BOOK].replace(b"</sheets>", f'<sheet name="另一张" sheetId="{number}" r:id="rId99"{state}/></sheets>'.encode())
    relation = f'<Relationship Id="rId99" Target="worksheets/{part}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
    parts[RELATIONS] = parts[RELATIONS].replace(b"</Relationships>", f"{relation}</Relationships>".encode())


def _target(chance: Random, parts: Parts) -> None:
    target = chance.choice(_TARGETS)
    part = chance.choice([RELATIONS, "_rels/.rels"])
    parts[part] = replaced(chance, parts[part], r'Target="[^"]*"', lambda _: f'Target="{target}"'.encode())


def _missing(chance: Random, parts: Parts) -> None:
    parts.pop(chance.choice(list(parts)))


def _moved(chance: Random, parts: Parts) -> None:
    part = chance.choice(list(parts))
    parts[chance.choice([part.upper(), f"/{part}", f"../{part}", part.replace("/", "\\"), f"{part} ", "x"])] = parts.pop(part)


def _encoded(chance: Random, parts: Parts) -> None:
    part, encoding = chance.choice(list(parts)), chance.choice(_ENCODINGS)
    parts[part] = parts[part].decode("utf-8", "replace").encode(encoding, "replace")


def _entities(chance: Random, parts: Parts) -> None:
    part = chance.choice(list(parts))
    parts[part] = re.sub(rb"(<\?xml[^>]*>\s*)?", lambda at: at[0] + _ENTITIES, parts[part], count=1)
    parts[part] = replaced(chance, parts[part], r">[^<>]+<", lambda _: b">&j;<")


def _prefixed(chance: Random, parts: Parts) -> None:
    """What stands in a namespace of another prefix means the same, and many programs write it so."""
    parts[SHEET] = re.sub(rb"<(/?)(worksheet|sheetData|row|c|v|f|is|t)\b", rb"<\1x:\2", parts[SHEET]).replace(b"xmlns=", b"xmlns:x=", 1)


def _noise(chance: Random, parts: Parts) -> None:
    part = chance.choice(list(parts))
    parts[part] = noisy(chance, parts[part])


_IN_THE_BOOK = (
    _type, _value, _value, _value, _place, _place, _no_place, _formula, _style, _count, _strings, _inserted, _inserted, _sheets, _second_sheet, _target,
    _missing, _moved, _encoded, _entities, _prefixed, _noise,
)  # fmt: skip


def noisy(chance: Random, content: bytes) -> bytes:
    """Bytes turned, cut out, doubled or put in."""
    changed = bytearray(content or b"\0")
    for _ in range(chance.choice([1, 1, 3, 20])):
        at, size = chance.randrange(len(changed) or 1), chance.choice([1, 2, 8, 300])
        match chance.randrange(4):
            case 0:
                changed[at : at + size] = chance.randbytes(len(changed[at : at + size]))
            case 1:
                del changed[at : at + size]
            case 2:
                changed[at:at] = changed[at : at + size]
            case _:
                changed[at:at] = chance.choice([b"\0", b"<", b'"', b"\xff\xfe", b"]]>", b"&#0;", b"\xed\xa0\x80"])
    return bytes(changed)


def _packed(chance: Random, parts: Parts) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        if chance.random() < 0.1:
            archive.comment = chance.randbytes(chance.choice([1, 65_535]))
    return target.getvalue()


def _spoiled_archive(chance: Random, content: bytes) -> bytes:
    """The archive itself: cut, lengthened, or lying in its directory about what it holds."""
    match chance.randrange(6):
        case 0:
            return content[: chance.randrange(len(content))]
        case 1:
            return content + chance.randbytes(chance.choice([1, 100, 70_000]))
        case 2:
            return chance.randbytes(chance.choice([1, 100])) + content
        case 3:
            return noisy(chance, content)
        case 4:
            return content + content
        case _:
            signature = chance.choice([b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"])
            at = content.rfind(signature) + chance.choice([6, 8, 10, 12, 14, 16, 18, 20, 22, 24])
            lie = struct.pack("<I", chance.choice([0, 1, 2**16 - 1, 2**31, 2**32 - 1]))[: chance.choice([2, 4])]
            return content[:at] + lie + content[at + len(lie) :]


def spoiled_book(chance: Random, right: bytes) -> tuple[str, bytes]:
    """What was done to it, and the file."""
    with zipfile.ZipFile(io.BytesIO(right)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    done = []
    for change in chance.choices(_IN_THE_BOOK, k=chance.choice([0, 1, 1, 2, 4])):
        if {SHEET, STYLES, BOOK, RELATIONS, "_rels/.rels"} <= parts.keys():
            change(chance, parts)
            done.append(change.__name__.strip("_"))
    content = _packed(chance, parts)
    if not done or chance.random() < 0.15:
        content = _spoiled_archive(chance, content)
        done.append("archive")
    return f"book: {', '.join(done)}", content
