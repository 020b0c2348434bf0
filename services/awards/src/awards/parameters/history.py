"""The figures as the database has them: the seed is entered once, then what was decided is the truth, as known now or at any moment."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from awards.kernel.parameters import Entry, Parameters, as_known_at, written_figure
from awards.parameters.model import ParameterFigure
from awards.policy.check import declared
from common.database.columns import among
from common.database.engine import raw
from common.work import Work


async def enter_seed(work: Work, seed: Parameters) -> None:
    """Enter every parameter of which the database knows nothing yet; of the others the seed is not asked any more."""
    known = set((await work.session.scalars(select(col(ParameterFigure.parameter)).distinct())).all())
    now = datetime.now(UTC)
    for name in sorted(seed.names() - known):
        for figure in seed[name].figures:
            written = written_figure(figure)
            work.add(
                ParameterFigure(
                    parameter=name, value=written["value"], effective_from=figure.effective_from, valid_to=figure.valid_to,
                    published_on=figure.published_on, reviewed_until=figure.reviewed_until, paper_number=figure.paper, known_since=now,
                ),
                verb="entered",
            )  # fmt: skip
    await work.session.flush()


async def entries(session: AsyncSession, names: Collection[str] | None = None) -> list[Entry]:
    """The whole history of these parameters, by default of all that some rule of this version reads."""
    asked = declared().keys() if names is None else names
    rows = await session.scalars(select(ParameterFigure).where(among(col(ParameterFigure.parameter), list(asked))))
    return [row.entry() for row in rows]


async def figures_known_at(session: AsyncSession, moment: datetime | None = None) -> Parameters:
    """Every figure that some rule reads, as it was known at that moment; None: as it is known now."""
    return as_known_at(await entries(session), moment)


async def keep(session: AsyncSession, parameters: Parameters) -> None:
    """By content, beside the decisions that will name it."""
    await (await raw(session)).execute(
        "INSERT INTO parameter_set (hash, content, first_used_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        parameters.hash,
        json.dumps(parameters.content(), ensure_ascii=False),
        datetime.now(UTC),
    )
