"""The compose stack as written: every service has an api and a worker, a database and a role of its own; only the gateway is published."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
STACK: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
SERVICES = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())


def test_every_service_has_an_api_and_a_worker_on_its_own_database() -> None:
    for name in SERVICES:
        for part in ("api", "worker"):
            stood = STACK[f"{name}-{part}"]
            assert stood["command"] == ["python", "-m", name, part]
            assert re.match(rf"postgresql://{name}:.*@postgres:5432/{name}$", stood["environment"]["CRAFTPORT_DATABASE_URL"])
            assert stood["environment"]["CRAFTPORT_CLIENT_ID"] == f"service-{name}"


def test_databases_gateway_and_image_name_every_service() -> None:
    databases = (ROOT / "deploy/postgres/databases.sh").read_text(encoding="utf-8")
    gateway = (ROOT / "deploy/nginx/nginx.conf").read_text(encoding="utf-8")
    image = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    for name in SERVICES:
        assert re.search(rf"for service in .*\b{name}\b", databases)
        assert re.search(rf"\(\?<service>[a-z|]*\b{name}\b", gateway)
        assert f"services/{name}/src" in image


def test_only_the_gateway_is_published_and_images_are_pinned() -> None:
    assert [name for name, stood in STACK.items() if "ports" in stood] == ["gateway"]
    for name, stood in STACK.items():
        if stood["image"] != "craftport":
            assert re.search(r":\d+\.\d+", stood["image"]), name


def test_what_compose_waits_for_exists() -> None:
    for name, stood in STACK.items():
        assert set(stood.get("depends_on", ())) <= STACK.keys(), name
