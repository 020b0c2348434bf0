"""What every service is told by its surroundings: environment variables `CRAFTPORT_…`, read here and nowhere else."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class BusKind(StrEnum):
    POSTGRES = "postgres"
    KAFKA = "kafka"


class ClockKind(StrEnum):
    """REAL: the business day follows the Shanghai calendar. MANUAL: only an officer's command moves it (the demo's city)."""

    REAL = "real"
    MANUAL = "manual"


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Limits(NamedTuple):
    """How many requests a process works on at once, how many more may wait for that, and how long. What is beyond is told to come back."""

    at_work: int = 8
    waiting: int = 64
    wait_seconds: float = 2.0


class ServiceSettings(BaseSettings):
    """A service's settings. Secrets never appear in logs or representations."""

    model_config = SettingsConfigDict(env_prefix="CRAFTPORT_", extra="ignore")

    environment: Environment = Environment.PRODUCTION
    database_url: SecretStr
    database_connections: int = Field(default=10, ge=2, le=12)
    requests_at_work: int | None = Field(default=None, ge=1, le=64)
    """By default two fewer than there are connections: those are for who watches, and for the audit of reads."""
    requests_waiting: int = Field(default=64, ge=0, le=1000)
    requests_wait_seconds: float = Field(default=2.0, gt=0, le=10)
    bus: BusKind = BusKind.KAFKA
    bus_database_url: SecretStr | None = None
    kafka_bootstrap_servers: str | None = None
    clock: ClockKind = ClockKind.REAL
    first_business_day: date | None = None
    """Where a manual clock begins; the real one begins today."""
    reconcilers: int = Field(default=1, ge=0, le=8)
    issuer_url: str = "http://127.0.0.1:8000/identity"
    audience: str = "craftport"
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    gateway_url: str = "http://127.0.0.1:8000"
    consistency_key: SecretStr
    """Signs Consistency-Tokens; one for all services of a city."""
    encryption_keys: SecretStr
    """Named AES-256 keys for personal data, newest first: `name:base64,name:base64`."""
    index_key: SecretStr
    """Base64 key of the blind index; not one of the encryption keys."""
    audit_keys: SecretStr
    """Named keys of the seals over the audit, newest first, in the form of the encryption keys, and none of them. Old ones are kept to verify."""
    audit_heads: Path | None = None
    """The directory to which the heads of the audit's chain are exported, outside the database's reach; nowhere when it is not set."""
    state_directory: Path = Path(".craftport")
    otlp_endpoint: str | None = None
    """A collector's address, to which traces go by OTLP over HTTP; there are none when it is not set."""
    worker_port: int | None = Field(default=None, ge=1, le=65535)
    """Where a worker tells that it lives and how it stands (`/<service>/health/live`, `/<service>/metrics`); nowhere when it is not set."""

    @property
    def limits(self) -> Limits:
        """Of the requests to one process."""
        at_work = self.requests_at_work or max(1, self.database_connections - 2)
        return Limits(at_work, self.requests_waiting, self.requests_wait_seconds)


class IssuerSettings(BaseSettings):
    """What the development issuer is told, when it runs as a server of its own."""

    model_config = SettingsConfigDict(env_prefix="CRAFTPORT_", extra="ignore")

    environment: Environment = Environment.PRODUCTION
    issuer_url: str
    audience: str = "craftport"
    client_secret: SecretStr
    services: tuple[str, ...] = Field(min_length=1)
    """Who may log in as a service: a JSON list of names."""
    state_directory: Path = Path(".craftport")
