"""One act, one transaction: lock, version, audit row, event and marks, without a word in the use case."""

from common.work.aggregate import Aggregate
from common.work.own import OwnFact, own
from common.work.work import SeenVersion, Work
from common.work.works import Works

__all__ = ["Aggregate", "OwnFact", "SeenVersion", "Work", "Works", "own"]
