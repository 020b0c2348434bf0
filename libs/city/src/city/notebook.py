"""What the demo keeps between its starts beside the services' own data: which city this is, what was seen on its way, and the figures."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from city.synthetic import City


class AnotherCity(Exception):
    """The data of a city of another size or seed are here."""


@dataclass
class Notebook:
    """Every entry is on disk before the story goes on."""

    persons: int
    seed: int
    scenes: dict[str, Any] = field(default_factory=dict)
    """What was seen on a day of the year, under a name."""
    figures: dict[str, Any] | None = None
    """What went in; None until the year has been told to its end."""
    path: Path | None = None

    @classmethod
    def open(cls, path: Path, city: City) -> Notebook:
        """The one that was kept, or a new one. Raises AnotherCity."""
        if not path.exists():
            return cls(city.size, city.seed, path=path)
        kept = cls(**json.loads(path.read_text(encoding="utf-8")), path=path)
        if (kept.persons, kept.seed) != (city.size, city.seed):
            raise AnotherCity(
                f"这里已有另一座城市的数据（{kept.persons:,} 人，种子 {kept.seed}）。\n"
                f"接着用它：make demo PERSONS={kept.persons} SEED={kept.seed}；换一座：先 make demo-reset"
            )
        return kept

    async def scene(self, name: str, look: Callable[[], Awaitable[Any]]) -> None:
        """Keep what is seen now, unless it was seen before the story was broken off."""
        if name not in self.scenes:
            self.scenes[name] = await look()
            self.save()

    def save(self) -> None:
        """Whole or not at all."""
        assert self.path is not None
        written = self.path.with_suffix(".new")
        kept = asdict(self) | {"path": None}
        written.write_text(
            json.dumps({name: value for name, value in kept.items() if name != "path"}, ensure_ascii=False), encoding="utf-8"
        )
        written.replace(self.path)
