"""The chain's heads: as the database has them, and exported to a directory that the database cannot write."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Self

import asyncpg


@dataclass(frozen=True)
class Head:
    """How the chain stood: its last seal, and how many rows were sealed on that day."""

    day: date
    seal_no: int
    count: int
    hash: bytes
    at: datetime

    def line(self, service: str) -> str:
        """As JSON, the hash in hexadecimal."""
        said = {"service": service, "day": self.day.isoformat(), "seal_no": self.seal_no, "count": self.count}
        return json.dumps(said | {"hash": self.hash.hex(), "at": self.at.isoformat()})

    @classmethod
    def read(cls, line: str) -> Self:
        """Raises ValueError, KeyError or TypeError for what is no such line."""
        said = json.loads(line)
        day, at = date.fromisoformat(said["day"]), datetime.fromisoformat(said["at"])
        return cls(day, int(said["seal_no"]), int(said["count"]), bytes.fromhex(said["hash"]), at)


async def heads_of_days(connection: asyncpg.Connection, *, limit: int | None = None) -> list[Head]:
    """The heads of the days that have ended, the latest `limit`, oldest first."""
    rows = await connection.fetch("SELECT day, seal_no, count, hash, at FROM audit_head ORDER BY day DESC LIMIT $1", limit)
    return [Head(*row) for row in reversed(rows)]


async def newest_head(connection: asyncpg.Connection) -> Head | None:
    """How the chain stands now, in the midst of a day; None while nothing is sealed."""
    row = await connection.fetchrow(_NEWEST)
    return Head(*row) if row else None


_NEWEST = """
    SELECT day, seal_no, seal_no - coalesce((SELECT seal_no FROM audit_head ORDER BY day DESC LIMIT 1), 0) AS count, hash, now() AS at
    FROM audit_seal ORDER BY seal_no DESC LIMIT 1
"""


class UnreadableHeads(RuntimeError):
    """What stands in an exported file is no head: somebody has changed it, or it is another file."""


class HeadFiles:
    """`<service>.jsonl`, to which a line is added for every day, and `<service>.newest.json`, replaced after every batch of seals."""

    def __init__(self, directory: Path, service: str) -> None:
        self._service = service
        self.days_file = directory / f"{service}.jsonl"
        self.newest_file = directory / f"{service}.newest.json"

    def days(self) -> list[Head]:
        """The heads of the days that have ended, as exported. Raises UnreadableHeads, OSError."""
        lines = self.days_file.read_text(encoding="utf-8").split("\n") if self.days_file.exists() else []
        # What is not ended by a line's end was broken off while it was written: it is written anew.
        return [self._read(self.days_file, number, line) for number, line in enumerate(lines[:-1], 1)]

    def newest(self) -> Head | None:
        """Raises UnreadableHeads, OSError."""
        return self._read(self.newest_file, 1, self.newest_file.read_text(encoding="utf-8")) if self.newest_file.exists() else None

    def furthest(self) -> Head | None:
        """The last seal that these files know of. Raises UnreadableHeads, OSError."""
        newest = self.newest()
        return max([*self.days(), *([newest] if newest else [])], key=lambda head: head.seal_no, default=None)

    def export(self, heads: Sequence[Head]) -> None:
        """Add a line for each day that has none yet. Raises UnreadableHeads, OSError."""
        self.days_file.parent.mkdir(parents=True, exist_ok=True)
        with self.days_file.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            whole = file.read().rpartition(b"\n")
            file.truncate(len(whole[0]) + len(whole[1]))
            last = max((head.day for head in self.days()), default=date.min)
            file.write("".join(head.line(self._service) + "\n" for head in heads if head.day > last).encode())
            file.flush()
            os.fsync(file.fileno())

    def keep(self, head: Head) -> None:
        """This is the newest. Whole or not at all. Raises OSError."""
        self.newest_file.parent.mkdir(parents=True, exist_ok=True)
        written = self.newest_file.with_name(f"{self.newest_file.name}.{os.getpid()}")
        written.write_text(head.line(self._service) + "\n", encoding="utf-8")
        written.replace(self.newest_file)

    def _read(self, file: Path, number: int, line: str) -> Head:
        try:
            return Head.read(line)
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableHeads(f"{file}, line {number}") from error
