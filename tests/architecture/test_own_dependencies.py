"""Every part works with what its own pyproject.toml declares, and nothing else: installed alone into a fresh environment, its modules import."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from common.database.embedded import EmbeddedPostgres
from common.testing.postgres import fresh_database

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PARTS = {f"craftport-{path.parent.name}": path.parent for path in sorted(ROOT.glob("*/*/pyproject.toml"))}
SERVICES = [path.name for path in PARTS.values() if path.parent.name == "services"]
UV = Path(sysconfig.get_path("scripts")) / "uv"

IMPORT_EVERYTHING = """
import importlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
for path in sorted(root.rglob("*.py")):
    name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    if not name.endswith("__main__"):
        importlib.import_module(name)
"""


def declared(part: str) -> list[str]:
    """The requirements in a part's pyproject.toml."""
    project = tomllib.loads((PARTS[part] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == part
    return list(project["dependencies"])


def closure(part: str) -> tuple[set[str], set[str]]:
    """What a part needs through our own parts: theirs, and ours (itself included)."""
    foreign, own, open_ = set(), set(), [part]
    while open_:
        name = open_.pop()
        own.add(name)
        for requirement in declared(name):
            if requirement not in PARTS:
                foreign.add(requirement)
            elif requirement not in own:
                open_.append(requirement)
    return foreign, own


class Alone:
    """A fresh environment with certain packages, and certain of our parts on its path.

    All stand one after the other in the same place: what one has compiled, the next need not compile again.
    """

    def __init__(self, workshop: Path, foreign: set[str], own: set[str]) -> None:
        self.directory = directory = workshop / "environment"
        pins = workshop / "pins.txt"
        pins.write_text(
            "\n".join(re.findall(r"^[\w.-]+==[\w.+!-]+", (ROOT / "requirements/dev.txt").read_text(encoding="utf-8"), re.MULTILINE))
        )
        self._uv("venv", "--quiet", "--clear", "--python", sys.executable, str(directory))
        install = ("pip", "install", "--quiet", "--python", str(directory), "--constraint", str(pins), *sorted(foreign))
        # What was set up is in the cache; a machine where it is not asks the index.
        if foreign and self._uv(*install, "--offline", check=False) != 0:
            self._uv(*install)
        sources = os.pathsep.join(str(PARTS[part] / "src") for part in sorted(own))
        self.environment = {"PATH": os.environ["PATH"], "PYTHONPATH": sources, "PYTHONPYCACHEPREFIX": str(workshop / "compiled")}

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        python = str(self.directory / "bin/python")
        return subprocess.run(
            [python, *arguments], capture_output=True, text=True, check=False, env=self.environment | environment, cwd=self.directory
        )

    def _uv(self, *arguments: str, check: bool = True) -> int:
        done = subprocess.run([str(UV), *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, done.stderr
        return done.returncode


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workshop")


@pytest.mark.parametrize("name", [path.name for path in PARTS.values()])
async def test_a_part_works_alone(workshop: Path, name: str, postgres: EmbeddedPostgres) -> None:
    alone = Alone(workshop, *closure(f"craftport-{name}"))

    imported = alone.run("-W", "error::ImportWarning", "-c", IMPORT_EVERYTHING, str(PARTS[f"craftport-{name}"] / "src"))
    assert imported.returncode == 0, imported.stderr

    if name in SERVICES:
        helped = alone.run("-m", name, "--help")
        assert (helped.returncode, "worker" in helped.stdout) == (0, True), helped.stderr
        async with fresh_database(postgres, name) as url:
            migrated = alone.run("-m", name, "migrate", **settings(url))
            assert migrated.returncode == 0, migrated.stderr


def test_a_dependency_that_is_not_declared_is_missed(workshop: Path) -> None:
    foreign, own = closure("craftport-contracts")

    alone = Alone(workshop, foreign - {"pydantic"}, own)

    imported = alone.run("-c", IMPORT_EVERYTHING, str(PARTS["craftport-contracts"] / "src"))
    assert "No module named 'pydantic'" in imported.stderr


def test_a_part_that_is_not_declared_is_missed(workshop: Path) -> None:
    alone = Alone(workshop, {"httpx2", "typer", "xlsxwriter"}, {"craftport-city"})

    assert "No module named 'common'" in alone.run("-c", "import city.demo").stderr


def settings(database_url: str) -> dict[str, str]:
    """The least that a service must be told to migrate."""
    key = "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U="
    return {
        "CRAFTPORT_DATABASE_URL": database_url,
        "CRAFTPORT_CONSISTENCY_KEY": key,
        "CRAFTPORT_ENCRYPTION_KEYS": f"k1:{key}",
        "CRAFTPORT_INDEX_KEY": key,
        "CRAFTPORT_AUDIT_KEYS": f"k1:{key}",
    }
