"""Replicas: what a service hears from others, one row of one shape for every aggregate, read back through its contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.bus.fact import FactModel, NameOf


@dataclass(frozen=True, eq=False)
class Replica:
    """One contract that this service keeps, and the dossiers that a row names by its own fields."""

    contract: type[FactModel]
    names: Mapping[str, NameOf]

    @property
    def topic(self) -> str:
        return self.contract.topic

    @property
    def table(self) -> str:
        """`replica_certification_certificate`: (id, epoch, version, a column for each kind of dossier named, was, state)."""
        return "replica_" + self.topic.replace(".", "_").replace("-", "_")

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self.names)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold the names, in the order of `kinds`."""
        return tuple(kind.replace("-", "_") for kind in self.names)

    def named_by(self, fact: FactModel) -> tuple[str | None, ...]:
        """The dossiers that this state names, in the order of `kinds`."""
        return tuple(name_of(fact) for name_of in self.names.values())


def replicate(contract: type[FactModel], *, names: Mapping[str, NameOf] | None = None) -> Replica:
    """Declare it: `replicate(certification.Certificate, names={"person": its("person_id")})`."""
    return Replica(contract, names or {})


def replica_tables(metadata: MetaData, replicas: Iterable[Replica]) -> None:
    """The tables of these replicas, for the service's migrations."""
    for replica in replicas:
        Table(
            replica.table,
            metadata,
            Column("id", Uuid, primary_key=True),
            Column("epoch", Integer, nullable=False),
            Column("version", BigInteger, nullable=False),
            *(Column(column, Text) for column in replica.columns),
            # What it named before its last change: read back under the row's own lock, by the statement that replaces it.
            Column("was", ARRAY(Text)),
            Column("state", JSONB, nullable=False),
            *(Index(f"ix_{replica.table}_{column}", column) for column in replica.columns),
        )
