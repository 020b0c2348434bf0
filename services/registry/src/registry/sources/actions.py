"""What can be done to a source: to say since when it is complete."""

from datetime import date

from common.work import Work
from contracts.registry import SourceKind
from registry.sources.model import Source


async def declare_source(work: Work, *, kind: SourceKind, complete_since: date) -> Source:
    """Declare, or declare anew."""
    source = await work.lock_by(Source, verb="declared", kind=kind)
    if source is None:
        return work.add(Source(kind=kind, complete_since=complete_since), verb="declared")
    source.complete_since = complete_since
    return source
