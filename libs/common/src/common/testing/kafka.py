"""A real Apache Kafka for a test session: the one that is named, else by Docker, else its own jars on the local Java."""

from __future__ import annotations

import base64
import importlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

VERSION = "4.4.0"
_LIBS = Path(".craftport/kafka/libs")
_START_SECONDS = 60
_STOP_SECONDS = 20


class NoBroker(Exception):
    """There is no Apache Kafka to test on; the message names what is missing."""


class BrokerNotOurs(Exception):
    """A broker that was given to us is not stopped or killed by tests."""


class Broker(Protocol):
    """A running Apache Kafka. After `stop` or `kill`, `start` brings it back with its log, at the same address."""

    @property
    def servers(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...


@contextmanager
def kafka_broker() -> Iterator[Broker]:
    """A broker that is gone afterwards, unless it is not ours. Raises NoBroker."""
    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield GivenBroker(given)
    elif docker_answers():
        with ContainerBroker.running() as contained:
            yield contained
    else:
        with tempfile.TemporaryDirectory(prefix="craftport-kafka-", ignore_cleanup_errors=True) as directory:
            broker = LocalBroker(Path(directory), find_libs())
            broker.start()
            try:
                yield broker
            finally:
                broker.kill()


def docker_answers() -> bool:
    """Whether a Docker daemon can be asked to run a container."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        return subprocess.run([docker, "info"], capture_output=True, timeout=10, check=False).returncode == 0  # noqa: S603 - our own arguments
    except subprocess.TimeoutExpired:
        return False


def find_libs() -> Path:
    """Where Kafka's jars are. Raises NoBroker when they or Java are missing."""
    libs = next((place / _LIBS for place in (Path.cwd(), *Path.cwd().parents) if any((place / _LIBS).glob("kafka_*.jar"))), None)
    missing = [what for what, is_there in (("a Java runtime", shutil.which("java")), ("Kafka's jars (`make kafka`)", libs)) if not is_there]
    if libs is None or missing:
        raise NoBroker(f"no Apache Kafka: KAFKA_BOOTSTRAP_SERVERS is not set, Docker does not answer, missing: {', '.join(missing)}")
    return libs


class GivenBroker:
    """The broker that KAFKA_BOOTSTRAP_SERVERS names."""

    def __init__(self, servers: str) -> None:
        self.servers = servers

    def start(self) -> None:
        raise BrokerNotOurs

    def stop(self) -> None:
        raise BrokerNotOurs

    def kill(self) -> None:
        raise BrokerNotOurs


class LocalBroker:
    """One KRaft node on the local Java, in a directory of its own, on free ports of the loopback."""

    def __init__(self, directory: Path, libs: Path) -> None:
        self._directory, self._libs = directory, libs
        self._port, controller = free_ports(2)
        self.servers = f"127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._properties = directory / "server.properties"
        self._properties.write_text(_properties(f"127.0.0.1:{self._port}", f"127.0.0.1:{controller}", directory / "log"), "utf-8")
        self._java("kafka.tools.StorageTool", "format", f"--cluster-id={_cluster_id()}", "-c", str(self._properties)).wait(_START_SECONDS)

    def start(self) -> None:
        """Up and answering. Raises NoBroker with the end of its log."""
        self._process = self._java("kafka.Kafka", str(self._properties))
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise NoBroker(f"Apache Kafka did not start: {(self._directory / 'server.log').read_text('utf-8', 'replace')[-800:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """As an orderly restart would."""
        self._end(lambda process: process.terminate())

    def kill(self) -> None:
        """As a power cut of the process would."""
        self._end(lambda process: process.kill())

    def _end(self, how: Any) -> None:
        if self._process is None:
            return
        how(self._process)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_STOP_SECONDS)
        self._process = None

    def _java(self, *arguments: str) -> subprocess.Popen[bytes]:
        java = shutil.which("java")
        if java is None:
            raise NoBroker("no Apache Kafka: Java is missing")
        with (self._directory / "server.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own arguments
                [java, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{self._libs}/*", *arguments],
                cwd=self._directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip


class ContainerBroker:
    """The official image in Docker, on one free port of the loopback."""

    def __init__(self, container: Any, port: int) -> None:
        self._container, self._port = container, port
        self.servers = f"127.0.0.1:{port}"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[ContainerBroker]:
        (port,) = free_ports(1)
        container = importlib.import_module("testcontainers.core.container").DockerContainer(f"apache/kafka:{VERSION}")
        container = container.with_bind_ports(9092, port)
        settings = _SETTINGS | {
            "node.id": "1",
            "process.roles": "broker,controller",
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "controller.quorum.voters": "1@localhost:9093",
        }
        for name, value in settings.items():
            container = container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", value)
        with container:
            broker = cls(container.get_wrapped_container(), port)
            broker.wait()
            yield broker

    def start(self) -> None:
        self._container.start()
        self.wait()

    def stop(self) -> None:
        self._container.stop(timeout=_STOP_SECONDS)

    def kill(self) -> None:
        self._container.kill()

    def wait(self) -> None:
        """Until it answers. Docker's proxy accepts before the broker does, so more than one attempt of a client may be needed."""
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(self._port):
            if time.monotonic() > deadline:
                raise NoBroker("Apache Kafka did not start in its container")
            time.sleep(0.05)


_SETTINGS = {
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "default.replication.factor": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "auto.create.topics.enable": "false",
    # The controller believes a killed broker alive for so long, and does not let it in again before.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}


def _properties(broker: str, controller: str, log: Path) -> str:
    settings = _SETTINGS | {
        "node.id": "1",
        "process.roles": "broker,controller",
        "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{broker}",
        "controller.quorum.voters": f"1@{controller}",
        "log.dirs": str(log),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _cluster_id() -> str:
    # May begin with "-": it is handed over with "=", or one start in 64 would read it as another option.
    return base64.urlsafe_b64encode(uuid4().bytes).rstrip(b"=").decode()


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
