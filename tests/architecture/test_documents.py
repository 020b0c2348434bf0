"""What the documents name is there: every path, every make target, every Python module; and both READMEs say the same in the same order."""

import fnmatch
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/*/README.md"), *ROOT.glob("libs/*/README.md")]
)
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
HELD = ("bench", "deploy", "docs", "libs", "requirements", "services", "tests")
THERE = [path.relative_to(ROOT).as_posix() for folder in HELD for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
THERE += [path.name for path in ROOT.iterdir() if path.is_file()] + list(HELD)
ENDINGS = (".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".sh", ".json", ".conf")


def quoted(text: str) -> list[str]:
    """What stands in backticks, and every line of a code block."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [*re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)), *"".join(blocks).splitlines()]


def paths(text: str) -> list[str]:
    """Those that name files of ours; `<name>` stands for any name. Addresses of the API begin with a slash."""
    names = [each for each in quoted(text) if re.fullmatch(r"[\w<>*.-]+(/[\w<>*.-]*)*", each)]
    links = [each for each in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in each]
    return [each for each in names if each.endswith(ENDINGS) or (each.partition("/")[0] in HELD and "/" in each)] + links


def is_there(path: str) -> bool:
    """As a path from the top, or as the end of one."""
    pattern = re.sub(r"<\w+>", "*", path.removeprefix("./").removeprefix("../").rstrip("/"))
    return any(fnmatch.fnmatchcase(each, pattern) or fnmatch.fnmatchcase(each, f"*/{pattern}") for each in THERE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_and_target_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    assert [path for path in paths(text) if not is_there(path)] == []
    named = {target for each in quoted(text) for target in re.findall(r"\bmake ([a-z-]+)", each)}
    assert named - TARGETS == set()
    modules = {module for each in quoted(text) for module in re.findall(r"\bpython -m ([a-z_.]+)", each)}
    for module in modules:
        file = module.replace(".", "/")
        assert is_there(f"src/{file}.py") or is_there(f"src/{file}/__main__.py"), module


def test_what_is_not_there_is_missed() -> None:
    assert [path for path in paths("`services/nowhere/app.py`, `deploy/`, [x](nowhere.md)") if not is_there(path)] == [
        "services/nowhere/app.py",
        "nowhere.md",
    ]


def test_both_readmes_are_built_alike_and_quote_the_same() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))

    assert shape(english) == shape(chinese)
    assert names(english) == names(chinese)


def shape(text: str) -> list[str]:
    """Headings, tables' rows, points of lists and code blocks, in order."""
    return re.findall(r"^(#+|\||\*|```\w*)", text, re.MULTILINE)


def names(text: str) -> Counter[str]:
    """Everything quoted that is not translated."""
    return Counter(each.partition("#")[0].strip() for each in quoted(text) if each.isascii() or each.startswith("make"))
