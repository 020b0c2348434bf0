"""The import rules hold, and each can fail: a forbidden import, planted in a copy of the sources, is found by the rule that forbids it."""

import itertools
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("common", "contracts", "city", "registry", "training", "certification", "awards", "matching")
PLANTED = {
    "services-apart": ("services/training/src/training/classes/model.py", "import awards.access"),
    "common-knows-no-domain": ("libs/common/src/common/waking.py", "import contracts.fact"),
    "contracts-stand-alone": ("libs/contracts/src/contracts/fact.py", "import common.refusal"),
    "city-is-a-client": ("libs/city/src/city/agency.py", "import registry.access"),
    "rules-are-pure": ("services/awards/src/awards/kernel/kinds.py", "import sqlalchemy"),
    "kernel-knows-no-scheme": ("services/awards/src/awards/kernel/kinds.py", "import awards.policy.days"),
    "awards-direction": ("services/awards/src/awards/explanations/explaining.py", "import awards.quotes.api"),
}


def judged(root: Path) -> subprocess.CompletedProcess[str]:
    """What lint-imports says of the sources under a root."""
    paths = [
        str(root / part) for part in sorted({str(path.parent.relative_to(ROOT)) for part in PARTS for path in ROOT.glob(f"*/*/src/{part}")})
    ]
    program = f"import sys; sys.path[:0] = {paths!r}; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run([sys.executable, "-c", program, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("libs", "services"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "tests", "migrations"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_rule_has_its_proof() -> None:
    declared = [line.split('"')[1] for line in (ROOT / "pyproject.toml").read_text().splitlines() if line.startswith('id = "')]
    assert sorted(declared) == sorted(PLANTED)


def test_the_rules_hold(copy: Path) -> None:
    found = judged(copy)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("rule", sorted(PLANTED))
def test_a_planted_import_is_found(copy: Path, rule: str) -> None:
    path, line = PLANTED[rule]
    source = copy / path
    source.write_text(f"{source.read_text()}\n{line}\n")

    found = judged(copy)

    assert found.returncode != 0
    name = next(name for name in names() if name[0] == rule)[1]
    assert f"{name} BROKEN" in " ".join(found.stdout.split())


def names() -> list[tuple[str, str]]:
    """Each rule's id and the name under which it is reported."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    return [(line.split('"')[1], after.split('"')[1]) for line, after in itertools.pairwise(lines) if line.startswith('id = "')]
