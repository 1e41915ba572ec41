"""Scrape configuration, alerts and board, as far as they can be judged without an installation."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.ops.monitoring import ALERTS, BOARD, OPS, SCRAPES, alerts, everything_asked, panels

ROOT = OPS.parent
PROMTOOL = shutil.which("promtool")
RUNBOOK = ROOT / "docs" / "operations.md"
SECTION = "## When an alert fires\n"
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed here")
CHECKS = (
    ("check", "rules", ALERTS.name),
    ("check", "config", SCRAPES.name),
    ("test", "rules", str(Path(__file__).parent / "alerts_fire.yaml")),
)


@needs_promtool
@pytest.mark.parametrize("words", CHECKS, ids=lambda words: " ".join(words[:2]))
def test_prometheus_takes_them(words: tuple[str, ...]) -> None:
    """Rules and configuration are read, and each alert fires for what it is there for."""
    found = subprocess.run(
        (str(PROMTOOL), *words), cwd=ALERTS.parent, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_each_alert_has_been_made_to_fire() -> None:
    """None is without a case of its own in alerts_fire.yaml."""
    cases = yaml.safe_load((Path(__file__).parent / "alerts_fire.yaml").read_text("utf-8"))
    fired = {
        rule["alertname"]
        for case in cases["tests"]
        for rule in case["alert_rule_test"]
        if rule["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in alerts()}


def test_each_alert_says_what_to_do() -> None:
    """The alerts and the headings below "When an alert fires" are the same, in the same order, and
    each alert leads to its own."""
    section = RUNBOOK.read_text("utf-8").partition(SECTION)[2]
    section = re.split(r"^## ", section, maxsplit=1, flags=re.MULTILINE)[0]
    headings = re.findall(r"^### (\w+)$", section, flags=re.MULTILINE)
    assert headings == [rule["alert"] for rule in alerts()]
    for rule in alerts():
        anchor = f"docs/operations.md#{rule['alert'].lower()}"
        assert rule["annotations"]["runbook"] == anchor
        assert rule["labels"]["severity"] in ("critical", "warning")


def test_whom_alerts_are_handed_to() -> None:
    """A file beside the configuration says it, which names nobody until an installation does."""
    (place,) = yaml.safe_load(SCRAPES.read_text("utf-8"))["alerting"]["alertmanagers"]
    (files,) = (one["files"] for one in place["file_sd_configs"])
    assert files == ["alertmanagers.yaml"]
    assert yaml.safe_load((SCRAPES.parent / files[0]).read_text("utf-8")) == []


@needs_promtool
def test_an_alertmanager_that_is_named(tmp_path: Path) -> None:
    """The line that the file shows is one that Prometheus takes."""
    folder = tmp_path / "prometheus"
    shutil.copytree(SCRAPES.parent, folder)
    file = folder / "alertmanagers.yaml"
    (line,) = re.findall(r"^#   (- targets: .*)$", file.read_text("utf-8"), re.MULTILINE)
    file.write_text(f"{line}\n", encoding="utf-8")
    found = subprocess.run(
        (str(PROMTOOL), "check", "config", SCRAPES.name),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_process_is_scraped_on_one_port() -> None:
    """One job for each service of the compose network, under its name."""
    jobs = yaml.safe_load(SCRAPES.read_text("utf-8"))["scrape_configs"]
    workers = ("tenant", "resource", "user", "reservation", "ingress")
    names = ["gateway", *(f"worker-{name}" for name in workers), "relay", "subscriber", "mirror"]
    assert [job["job_name"] for job in jobs] == names
    for job in jobs:
        (place,) = job["dns_sd_configs"]
        assert (place["names"], place["type"], place["port"]) == ([job["job_name"]], "A", 9464)


def test_the_board_finds_its_numbers() -> None:
    """Every panel asks the data source that is provisioned, and something of it."""
    sources = OPS / "grafana" / "provisioning" / "datasources" / "prometheus.yaml"
    (source,) = yaml.safe_load(sources.read_text("utf-8"))["datasources"]
    assert {panel["datasource"]["uid"] for panel in panels()} == {source["uid"]}
    assert all(panel["targets"] and panel["description"] for panel in panels())
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)
    assert all(asked.metrics or "up" in asked.expression for asked in everything_asked())


@pytest.mark.parametrize("path", [ALERTS, BOARD], ids=lambda path: path.name)
def test_no_tenant_is_asked_for(path: Path) -> None:
    """There is no label by which a tenant or a person could be told apart."""
    assert not re.search(r"tenant_?id|user_?id|\bslug\b|e?mail_?address", path.read_text("utf-8"))
