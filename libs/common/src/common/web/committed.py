"""The committed `openapi.json` of each service: `python -m common.web.committed check services/registry …`, and `write` for what was added."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from common.one_process import service_named
from common.web.application import face
from common.web.breaking import breaking_changes


def current(name: str) -> dict[str, Any]:
    """What a service's `/openapi.json` says, as JSON has it."""
    document: dict[str, Any] = json.loads(json.dumps(face(service_named(name)).openapi()))
    return document


def committed(directory: Path) -> dict[str, Any] | None:
    """What clients were told; None for a service that is new."""
    path = directory / "openapi.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def check(directory: Path) -> list[str]:
    """What is wrong: breaks, or a document that is not the one that the service serves."""
    now, was = current(directory.name), committed(directory)
    if was is None:
        return [f"{directory.name}: no openapi.json; run `make openapi`"]
    breaks = [f"{directory.name}: {change}" for change in breaking_changes(was, now)]
    return breaks or ([] if was == now else [f"{directory.name}: openapi.json is not current; run `make openapi`"])


def write(directories: Iterable[Path]) -> list[str]:
    """Write the documents that have changed. Gives the breaks; when there are any nothing is written."""
    documents: Mapping[Path, Any] = {directory: current(directory.name) for directory in directories}
    breaks = [
        f"{directory.name}: {change}"
        for directory, now in documents.items()
        for change in breaking_changes(committed(directory) or now, now)
    ]
    for directory, now in documents.items() if not breaks else ():
        (directory / "openapi.json").write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return breaks


def main(command: str, directories: list[Path]) -> int:
    """Exit status of a command: 0 when all is well."""
    wrong = write(directories) if command == "write" else [line for directory in directories for line in check(directory)]
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("check", "write"):
        sys.exit("usage: python -m common.web.committed check | write DIRECTORY…")
    sys.exit(main(sys.argv[1], [Path(each) for each in sys.argv[2:]]))
