"""The compose stack as written: every service has an api and a worker, a database and a role of its own; only the gateway is published."""

import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from common.settings import IssuerSettings

ROOT = Path(__file__).parents[2]
STACK: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
SERVICES = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())
OURS = [name for name, stood in STACK.items() if stood["image"] == "craftport"]
GATEWAY = (ROOT / "deploy/nginx/nginx.conf").read_text(encoding="utf-8")


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """What `make up` writes."""
    path = tmp_path / "craftport" / "compose.env"
    runpy.run_path(str(ROOT / "deploy/compose_secrets.py"))["main"](path)
    return path


def test_every_service_has_an_api_and_a_worker_on_its_own_database() -> None:
    for name in SERVICES:
        for part in ("api", "worker"):
            stood = STACK[f"{name}-{part}"]
            assert stood["command"] == ["python", "-m", name, part]
            password = f"${{DATABASE_PASSWORD_{name.upper()}:?make up}}"
            assert stood["environment"]["CRAFTPORT_DATABASE_URL"] == f"postgresql://{name}:{password}@postgres:5432/{name}"
            assert stood["environment"]["CRAFTPORT_CLIENT_ID"] == f"service-{name}"


def test_the_issuer_lets_every_service_in_because_it_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in STACK["issuer"]["environment"].items():
        monkeypatch.setenv(name, str(value))

    assert sorted(IssuerSettings().services) == SERVICES
    monkeypatch.delenv("CRAFTPORT_SERVICES")
    with pytest.raises(ValidationError, match="services"):
        IssuerSettings()


def test_nobody_is_told_a_password_that_is_not_his() -> None:
    for name in OURS:
        told = re.findall(r"(?:DATABASE|POSTGRES)_PASSWORD\w*", str(STACK[name].get("environment", {})))
        assert set(told) <= {f"DATABASE_PASSWORD_{name.rpartition('-')[0].upper()}"}, name


def test_our_containers_cannot_write_and_have_no_privileges() -> None:
    for name in OURS:
        stood = STACK[name]
        assert (stood["read_only"], stood["cap_drop"], stood["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"]), name
    image = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER craftport$", image, re.MULTILINE)


def test_everything_comes_back_by_itself_and_what_answers_says_whether_it_does() -> None:
    assert {name for name, stood in STACK.items() if stood["restart"] != "unless-stopped"} == {"topics"}
    assert {name for name, stood in STACK.items() if "healthcheck" not in stood} == {"topics"}
    for name in SERVICES:
        worker = STACK[f"{name}-worker"]
        assert worker["healthcheck"]["test"][-1] == f"/{name}/health/live", "a partition that stands still is no reason to begin anew"
        assert worker["environment"]["CRAFTPORT_WORKER_PORT"] == 8000, "where `common.ready` asks"


def test_the_gateway_leads_nobody_to_the_figures() -> None:
    assert GATEWAY.index(r"location ~ ^/[^/]+/metrics$ { return 404; }") < GATEWAY.index("location ~ ^/(?<service>")


def test_databases_gateway_and_image_name_every_service() -> None:
    databases = (ROOT / "deploy/postgres/databases.sh").read_text(encoding="utf-8")
    image = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    for name in SERVICES:
        assert re.search(rf"for service in .*\b{name}\b", databases)
        assert re.search(rf"\(\?<service>[a-z|]*\b{name}\b", GATEWAY)
        assert f'href="/{name}/docs"' in GATEWAY
        assert f"services/{name}/src" in image


def test_what_the_gateway_itself_answers_is_a_problem_of_ours() -> None:
    pages = dict(re.findall(r"error_page ([\d ]+(?:=503)?) (@\w+);", GATEWAY))
    assert pages == {"404": "@unknown", "413": "@large", "429": "@often", "502 504 =503": "@away"}
    for name in pages.values():
        (answer,) = re.findall(rf"location {name} {{(.*?)\n        }}", GATEWAY, re.DOTALL)
        assert "default_type application/problem+json;" in answer
        assert "X-Request-Id" in answer
        assert ("Retry-After" in answer) == (name in ("@often", "@away"))
    assert "proxy_intercept_errors" not in GATEWAY, "what a service answers passes through as it is"


def test_the_gateway_cuts_off_who_is_slow_and_passes_bodies_on_when_they_are_whole() -> None:
    seconds = dict(re.findall(r"^    (client_header|client_body|send)_timeout (\d+)s;", GATEWAY, re.MULTILINE))
    assert {name: int(each) <= 30 for name, each in seconds.items()} == {"client_header": True, "client_body": True, "send": True}
    assert re.search(r"client_max_body_size 52m;", GATEWAY)
    assert re.search(r"limit_conn connections \d+;", GATEWAY)
    assert "proxy_request_buffering" not in GATEWAY, "on, unless it is said otherwise"


def test_only_the_gateway_is_published_to_this_machine_and_images_are_pinned() -> None:
    assert {name: stood["ports"] for name, stood in STACK.items() if "ports" in stood} == {"gateway": ["127.0.0.1:${PORT:-8000}:8000"]}
    for name, stood in STACK.items():
        if name not in OURS:
            assert re.search(r":\d+\.\d+", stood["image"]), name


def test_what_compose_waits_for_exists() -> None:
    for name, stood in STACK.items():
        assert set(stood.get("depends_on", ())) <= STACK.keys(), name


def test_every_secret_that_is_asked_for_is_written_once(secrets: Path) -> None:
    asked = set(re.findall(r"\$\{(\w+):\?make up\}", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    written = secrets.read_text(encoding="utf-8")

    assert {line.partition("=")[0] for line in written.splitlines()} == asked
    assert secrets.stat().st_mode & 0o077 == 0
    runpy.run_path(str(ROOT / "deploy/compose_secrets.py"))["main"](secrets)
    assert secrets.read_text(encoding="utf-8") == written


def test_compose_itself_accepts_it(secrets: Path) -> None:
    if shutil.which("docker") is None or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("docker compose is not here: the stack was checked as text only")

    command = ["docker", "compose", "--env-file", str(secrets), "config", "--quiet"]
    judged = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert judged.returncode == 0, judged.stderr
