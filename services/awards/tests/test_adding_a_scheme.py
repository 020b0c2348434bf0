"""The tutorial works: its three blocks, put where the page says and nothing else touched, pass the tests that every scheme passes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/adding-a-scheme.md").read_text(encoding="utf-8")
TRIED = ("policy/test_sentences.py", "policy/test_every_turn.py", "kernel/test_written.py")


@pytest.mark.slow
def test_a_module_figures_and_cases_are_all_that_a_scheme_needs(tmp_path: Path) -> None:
    awards = tmp_path / "services/awards"
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / "services/awards" / folder, awards / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    blocks = re.findall(r"## \d\. [^\n]* (\w+\.\w+) in `services/awards/([^\n`]+)`\n\n```\w+\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) == 3
    for name, folder, content in blocks:
        (awards / folder / name).write_text(content, encoding="utf-8")

    tried = [str(awards / "tests" / each) for each in TRIED]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "night or every_file or every_condition", *tried]
    environment = os.environ | {"PYTHONPATH": str(awards / "src")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 15
