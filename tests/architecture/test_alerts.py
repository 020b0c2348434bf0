"""The alerts watch figures that exist, and each has its page in the operators' handbook."""

import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from common.database.embedded import EmbeddedPostgres
from common.observability import figures, metrics
from common.testing.at_work import AtWork, at_work
from matching.app import service as matching

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
HANDBOOK = (ROOT / "docs" / "runbook.md").read_text()
ALERTS = [rule for group in yaml.safe_load((PROMETHEUS / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]
SERVICES = ("registry", "training", "certification", "matching", "awards")


@pytest.fixture
async def started(postgres: EmbeddedPostgres) -> AsyncIterator[AtWork]:
    async with at_work(matching, postgres, first_day=date(2018, 6, 1)) as at:
        yield at


async def test_every_figure_that_an_alert_watches_is_one_that_a_service_tells(started: AtWork) -> None:
    told = (metrics.exposition() + await figures.exposition(started.running)).decode()
    families = {family.name: family.type for family in text_string_to_metric_families(told)}
    samples = set(families) | {f"{name}_total" for name, type_ in families.items() if type_ == "counter"}
    samples |= {f"{name}_{part}" for name, type_ in families.items() if type_ == "histogram" for part in ("bucket", "count", "sum")}

    watched = {alert["alert"]: set(re.findall(r"\bcraftport_\w+", alert["expr"])) for alert in ALERTS}

    assert {name: unknown for name, those in watched.items() if (unknown := those - samples)} == {}
    assert [name for name, those in watched.items() if not those] == ["ServiceSilent"]


def test_every_alert_says_what_is_the_matter_and_where_to_read_on_and_every_page_is_some_alerts() -> None:
    pages = re.findall(r"^## (.+)$", HANDBOOK, re.MULTILINE)

    assert [alert["annotations"]["runbook"] for alert in ALERTS] == pages
    for alert in ALERTS:
        assert re.search(r"[一-鿿]", alert["annotations"]["summary"])
        assert re.search(r"[一-鿿]", alert["annotations"]["meaning"])


def test_every_page_of_the_handbook_says_what_it_means_where_to_look_what_to_do_and_when_it_is_well() -> None:
    for page in HANDBOOK.split("\n## ")[1:]:
        title, *_ = page.splitlines()
        assert re.findall(r"^\*\*(.+?)\*\*", page, re.MULTILINE) == ["说明", "先看", "处理", "算好"], title


def test_every_path_in_the_handbook_is_an_operation() -> None:
    """As an operator would type it: `{主题}` stands for what he fills in."""
    document = yaml.safe_load((ROOT / "services" / "awards" / "openapi.json").read_text())
    known = {re.sub(r"\{\w+\}", "{}", path.removeprefix("/awards/v1")) for path in document["paths"]}
    asked = {re.sub(r"\{[^}]+\}", "{}", path) for path in re.findall(r"`(?:GET|POST) …(/(?!health)[^`?]+)", HANDBOOK)}

    assert asked - known <= {"/jobs/{}"}, "awards takes no files"
    assert len(asked) > 8


def test_prometheus_reads_every_process_of_the_composition() -> None:
    scraped = yaml.safe_load((PROMETHEUS / "prometheus.yaml").read_text())["scrape_configs"][0]["static_configs"][0]["targets"]
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    assert {target.removesuffix(":8000") for target in scraped} == {name for name in composed if name.endswith(("-api", "-worker"))}
    assert len(scraped) == 2 * len(SERVICES)


def test_prometheus_itself_understands_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    for what in (["rules", "alerts.yaml"], ["config", "prometheus.yaml"]):
        checked = subprocess.run([promtool, "check", *what], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = subprocess.run([promtool, "test", "rules", "alerts.test.yaml"], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
