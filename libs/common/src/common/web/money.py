"""Money on the wire: {"amount": "20000.00", "currency": "CNY"}. A string; numbers are refused; inside, integer fen."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_AMOUNT = r"^(0|[1-9][0-9]{0,11})\.[0-9]{2}$"


class Money(BaseModel):
    """An amount of yuan with exactly two decimals."""

    model_config = ConfigDict(extra="forbid", strict=True)

    amount: Annotated[str, StringConstraints(pattern=_AMOUNT)] = Field(examples=["1200.00"])
    currency: Literal["CNY"] = "CNY"

    @classmethod
    def of(cls, fen: int) -> Self:
        """From integer fen, not negative."""
        return cls(amount=yuan(fen))

    @property
    def fen(self) -> int:
        return int(self.amount.replace(".", ""))


def yuan(fen: int) -> str:
    """Integer fen, not negative, as it is written."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen_of_yuan(text: str) -> int | None:
    """Yuan as they stand in a file (`1200`, `1200.5`, `1200.00`), in fen; None when it is no such amount."""
    found = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?", text)
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else None
