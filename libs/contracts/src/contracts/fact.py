"""What every contract is: the whole public state of one aggregate, as it travels on its topic."""

from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

# Digits are written out: a pattern's \d takes those of every script, and a code that holds others equals no code.
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{3})?$", description="行政区划代码（GB/T 2260）：县级 6 位或镇级 9 位")]
Fen = Annotated[int, Field(ge=0, description="单位为分")]
LevelCode = Annotated[int, Field(ge=1, le=5, description="等级代码，数字越小等级越高：5 初级工 … 1 高级技师")]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="年月，如 2018-03")]
OccupationKey = Annotated[
    str, Field(pattern=r"^(1999|2015|2022):[0-9](-[0-9]{2}){3}(-[0-9]{2})?$", description="职业的版本和编码，如 2015:6-18-02-04")
]
ShareBp = Annotated[int, Field(ge=0, le=10_000, description="万分之几，8000 即 80%")]

CONTRACTS: dict[str, type["Fact"]] = {}
"""Every contract by its topic."""


class Part(BaseModel):
    """A value inside a fact. Fields that a reader does not know are ignored, so that an owner may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fact(Part):
    """The whole public state of one aggregate; the verb travels in the envelope, the version too.

    A subclass names its topic (`<service>.<aggregate>`), the field by which it stays in order (the Kafka key; it hardly ever changes
    during an aggregate's life) and the verbs that its owner uses; every fact may be republished as it stands. No name, ID number, phone, account or certificate number of a
    person travels: ids, codes, dates, levels and fen do.
    """

    topic: ClassVar[str]
    key_field: ClassVar[str]
    verbs: ClassVar[tuple[str, ...]]

    id: UUID

    def __init_subclass__(cls, *, topic: str, key: str, verbs: tuple[str, ...]) -> None:
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, *, topic: str, key: str, verbs: tuple[str, ...], **kwargs: Any) -> None:  # type: ignore[override]
        # Here, not above: the fields are known only now.
        super().__pydantic_init_subclass__(**kwargs)
        if key not in cls.model_fields:
            raise TypeError(f"{cls.__name__}: the key names no field: {key}")
        if topic in CONTRACTS:
            raise TypeError(f"{cls.__name__}: the topic {topic} is declared twice")
        cls.topic, cls.key_field, cls.verbs = topic, key, (*verbs, "republished")
        CONTRACTS[topic] = cls

    @property
    def key(self) -> str:
        """What must stay in order with this fact."""
        return str(getattr(self, self.key_field))

    @classmethod
    def event_type(cls, verb: str) -> str:
        """The CloudEvents type, e.g. `craftport.certification.certificate.issued.v1`."""
        if verb not in cls.verbs:
            raise ValueError(f"{cls.topic} has no verb {verb}; it has {', '.join(cls.verbs)}")
        return f"craftport.{cls.topic}.{verb}.v1"

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Read a fact from JSON; raises pydantic.ValidationError when it breaks the contract."""
        return cls.model_validate_json(data)
