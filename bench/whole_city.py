"""What if, over a whole city: its grounds out of PostgreSQL, then two sets of figures decided and compared with all schemes and stacking."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from figures import Figure
from whatif import TODAY, parameters

from awards.app import service
from awards.kernel.ground import Ground
from awards.kernel.kinds import Unit
from awards.parameters.seed import load_seed
from awards.policy.grounds.certification import Certification
from awards.policy.grounds.participation import Participation
from awards.population.columns import load_city
from awards.reconciling.grounds import TABLES
from awards.whatif.comparison import compare
from awards.whatif.proposal import Slice
from common.database.embedded import EmbeddedPostgres
from common.testing.at_work import AtWork, at_work

REPEATS = 3
NEVER = "'infinity'"
OF_A_UNIT = {
    Unit.DAY: "'2018-01-01'::date + (n * 7919 % 300)::int", Unit.FLAG: "n % 10 <> 0", Unit.LEVEL: "(1 + n % 5)::int", Unit.FEN: "(n * 37 % 200000)::int",
    Unit.SHARE: "(n * 31 % 10000)::int", Unit.MONTHS: "(n % 13)::int", Unit.NUMBER: "2018", Unit.HEADS: "(n % 200)::int", Unit.DAYS: "(n % 60)::int", Unit.CODE: "'g' || n % 20",
}  # fmt: skip
CERTIFIED = {
    "person": "md5('person' || n)::uuid", "class_kind": "'SHORTAGE'", "mandated_from": "'2018-01-01'", "mandated_until": NEVER,
    "listed_from": "'2018-01-01'", "listed_until": NEVER, "revoked_on": NEVER, "issued_on": "'2018-11-20'",
}  # fmt: skip
TAUGHT = {
    "person": "md5('person' || n * 4)::uuid", "class_kind": "'UNIVERSAL'", "attended_share": "9000", "net_charged_fen": "0",
    "designated_from": "'2018-01-01'", "designated_until": NEVER, "dropped_on": NEVER, "completed_on": "'2018-11-20'",
    "occupation_group": "'g' || n * 4 % 20", "level_code": "(1 + n * 4 % 5)::int",
}  # fmt: skip


async def _fill(awards: AtWork, kind: type[Ground], rows: int, own: Mapping[str, str]) -> None:
    """A year of plausible grounds, every one of them known."""
    values = {
        name: own.get(name, f"md5('{name}' || n)::uuid" if declared.unit.is_id else OF_A_UNIT[declared.unit])
        for name, declared in kind.facts.items()
    }
    async with awards.running.database.raw_transaction() as connection:
        await connection.execute(
            f"INSERT INTO {TABLES[kind]} ({', '.join(values)}, dossier, fingerprint)"  # noqa: S608 - declared names
            f" SELECT {', '.join(values.values())}, n::text, n FROM generate_series(1, {rows}::bigint) AS n"
        )


async def _measure(server: EmbeddedPostgres, rows: int) -> list[Figure]:
    async with at_work(service, server, first_day=TODAY, worker=False) as awards:
        await _fill(awards, Certification, rows, CERTIFIED)
        await _fill(awards, Participation, rows // 4, TAUGHT)
        cold, warm = [], []
        for _ in range(REPEATS):
            began = time.perf_counter()
            city = await load_city(awards.running.database)
            cold.append(time.perf_counter() - began)
            began = time.perf_counter()
            found = compare(city, load_seed(), parameters(), TODAY, Slice())
            warm.append(time.perf_counter() - began)
        if not found.up_fen:
            raise AssertionError("the figures that were supposed change nothing")
    size = f"{rows:,} certificates and {rows // 4:,} participations"
    return [
        Figure(f"{size} out of PostgreSQL into columns, s", min(cold), at_most=3.0),
        Figure(f"what-if over {size}, all schemes with stacking, now and then, s", min(warm), at_most=1.0),
    ]


def measure(*, rows: int) -> list[Figure]:
    """The least of several: the machine's own work only adds."""
    with tempfile.TemporaryDirectory(prefix="craftport-") as directory:
        server = EmbeddedPostgres(Path(directory), durable=False)
        server.start()
        try:
            return asyncio.run(_measure(server, rows))
        finally:
            server.stop()


if __name__ == "__main__":
    for figure in measure(rows=1_000_000):
        print(figure.name, figure.measured, figure.verdict)
