"""Right CSV files spoiled: encodings, marks, quotes, line ends, NULs, giant cells, and the rows themselves."""

from __future__ import annotations

from random import Random

from spoiled_books import noisy

_ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "gbk", "big5", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "latin-1"]
_INSERTED = [
    "\0", "\ufeff", "\u2028", "\u200b", "\u202e", "\x1a", "\x1b[31m", "\r", "\n", "\r\n\r\n", '"', '""', '"""', "'", "\\", ",", ",,,,", ";", "\t", "，", "=1+1",
    "@SUM(A1)", "-1", "1e999", "某" * 101, "x" * 50_000, "x" * 210_000, "," * 100, "\ud800",
]  # fmt: skip


def spoiled_text(chance: Random, right: bytes) -> tuple[str, bytes]:
    """What was done to it, and the file."""
    text, done = right.decode(), list[str]()
    for _ in range(chance.choice([0, 1, 1, 3])):
        at = chance.randrange(len(text))
        inserted = chance.choice(_INSERTED)
        text = text[:at] + inserted + text[at:]
        done.append(f"{inserted[:8]!a} at {at}")
    match chance.randrange(8):
        case 0:
            text = text.replace("\r\n", chance.choice(["\r", "\n", "\n\r", "\u2028", "\r\r\n"]))
            done.append("line ends")
        case 1:
            text = text.replace(",", chance.choice([";", "\t", "，", "|", " "]))
            done.append("delimiter")
        case 2:
            lines = text.split("\r\n")
            chance.shuffle(lines)
            text = "\r\n".join(lines)
            done.append("order of lines")
        case 3:
            lines = text.split("\r\n")
            text = "\r\n".join([lines[0], *chance.choices(lines, k=chance.choice([1, 50]))])
            done.append("lines doubled")
        case _:
            pass
    encoding = chance.choice(["utf-8", "utf-8", *_ENCODINGS])
    content = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") and encoding != "utf-7" else "replace")
    done.append(encoding)
    if not done[1:] or chance.random() < 0.2:
        content = noisy(chance, content) if chance.random() < 0.7 else content[: chance.randrange(len(content))]
        done.append("bytes")
    return f"text: {', '.join(done)}", content
