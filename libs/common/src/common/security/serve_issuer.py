"""`python -m common.security.serve_issuer`: the development issuer as a server of its own. It refuses to run in production."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI

from common.security.issuer import Account, DevelopmentIssuer
from common.security.principal import Role
from common.settings import IssuerSettings


def application(settings: IssuerSettings) -> FastAPI:
    """One official of each kind, whose password is his name, and every service by the shared secret."""
    officials = {role.value.lower(): Account(role.value.lower(), role) for role in (Role.CLERK, Role.OFFICER, Role.AUDITOR)}
    services = {f"service-{name}": Account(settings.client_secret.get_secret_value(), Role.SERVICE) for name in settings.services}
    issuer = DevelopmentIssuer(
        settings.issuer_url, settings.state_directory, officials | services, audience=settings.audience, environment=settings.environment
    )
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outer.mount("/identity", issuer.application())
    return outer


if __name__ == "__main__":
    uvicorn.run(application(IssuerSettings()), host="0.0.0.0", port=8000, log_config=None)  # noqa: S104 - a container's only face
