"""What board and alerts ask Prometheus for: expressions, the metrics in them, and their labels."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

OPS = Path(__file__).resolve().parents[2] / "ops"
ALERTS = OPS / "prometheus" / "alerts.yaml"
SCRAPES = OPS / "prometheus" / "prometheus.yaml"
BOARD = OPS / "grafana" / "dashboards" / "slotstream.json"
# What Prometheus says of every series by itself.
OF_PROMETHEUS = frozenset({"job", "instance"})
_METRIC = re.compile(r"\b(?:slotstream|process|python)_[a-z0-9_]+\b|\bup\b")
_SELECTED = re.compile(r"\b((?:slotstream|process|python)_[a-z0-9_]+)\{([^}]*)\}")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPED = re.compile(r"\bby \(([^)]*)\)\s*\(")
_SHOWN = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Asked:
    """One expression, where it stands, and the labels that its legend shows."""

    place: str
    expression: str
    shown: frozenset[str] = frozenset()

    @property
    def metrics(self) -> set[str]:
        return set(_METRIC.findall(self.expression)) - {"up"}

    def labels(self) -> Iterator[tuple[str, str]]:
        """Each metric with each label that it needs to have."""
        for metric, selector in _SELECTED.findall(self.expression):
            for label in _LABEL.findall(re.sub(r'"[^"]*"', '""', selector)):
                yield metric, label
        for found in _GROUPED.finditer(self.expression):
            inside = _balanced(self.expression, found.end())
            for metric in _METRIC.findall(inside):
                for label in found[1].split(","):
                    if metric != "up":
                        yield metric, label.strip()


def _balanced(text: str, start: int) -> str:
    """What stands between the parenthesis before `start` and its other half."""
    depth, end = 1, start
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return text[start : end - 1]


def alerts() -> list[dict[str, Any]]:
    told = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))
    return [rule for group in told["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """Those that show something."""
    board = json.loads(BOARD.read_text(encoding="utf-8"))
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def everything_asked() -> list[Asked]:
    found = [Asked(f"alert {rule['alert']}", rule["expr"]) for rule in alerts()]
    for panel in panels():
        found += [
            Asked(
                f"panel {panel['title']}",
                target["expr"],
                frozenset(_SHOWN.findall(target["legendFormat"])),
            )
            for target in panel["targets"]
        ]
    return found
