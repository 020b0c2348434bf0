"""A process that reads one file after the other as a service does, and says of each what came of it and how much memory it ever took.

On its standard input files, each behind its length in eight bytes; on its standard output a line of JSON each.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from common.files.reading import read_sheet
from common.refusal import Refusal


def outcome(content: bytes) -> dict[str, Any]:
    began = time.monotonic()
    try:
        said: dict[str, Any] = {"rows": len(read_sheet(content).rows)}
    except Refusal as refusal:
        said = {"refused": refusal.code}
    except BaseException as error:  # a panic of a library written in Rust is no Exception
        said = {"fell": type(error).__name__, "says": str(error)[:200]}
    return said | {"seconds": round(time.monotonic() - began, 2), "megabytes": _most_megabytes()}


def _most_megabytes() -> int:
    """Of this program alone: what getrusage says includes what its parent had when it was forked."""
    return next(int(line.split()[1]) // 1024 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    while size := sys.stdin.buffer.read(8):
        line = outcome(sys.stdin.buffer.read(int.from_bytes(size)))
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
