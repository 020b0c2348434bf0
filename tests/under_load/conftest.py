"""An issuer that the services' own processes can reach, and what each service is asked under load."""

import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from common.security.issuer import Account, DevelopmentIssuer
from common.security.principal import Role
from common.settings import Environment
from common.web.watching import served

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
async def issuer() -> AsyncIterator[DevelopmentIssuer]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/identity"
    staff = {role.value.lower(): Account(role.value.lower(), role) for role in (Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.SERVICE)}
    with tempfile.TemporaryDirectory(prefix="craftport-") as directory:
        development = DevelopmentIssuer(url, Path(directory), staff, audience="craftport", environment=Environment.DEVELOPMENT)
        outer = FastAPI()
        outer.mount("/identity", development.application())
        async with served(outer, listening):
            yield development
