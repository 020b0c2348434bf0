"""What travels: a book, which lending owns, and a loan, which the desk owns."""

from typing import ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    topic: ClassVar[str]
    verbs: ClassVar[tuple[str, ...]]

    id: UUID

    @property
    def key(self) -> str:
        return str(self.id)

    @classmethod
    def event_type(cls, verb: str) -> str:
        assert verb in cls.verbs
        return f"craftport.{cls.topic}.{verb}.v1"

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        return cls.model_validate_json(data)


class BookFact(_Fact):
    topic = "lending.book"
    verbs = ("entered", "moved", "republished")

    name: str
    shelf: str


class LoanFact(_Fact):
    """So many days of a book to a reader. A loan may be put down to another reader later."""

    topic = "desk.loan"
    verbs = ("lent", "corrected", "republished")

    reader: str
    book: str | None = None
    days: int
