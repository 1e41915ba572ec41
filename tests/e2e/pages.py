"""The pages of metrics of an installation, as Prometheus would read them."""

from collections import defaultdict

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.installation import Installation


class Pages:
    """All pages as they were at one moment, by the name of the process."""

    def __init__(self, installation: Installation) -> None:
        urls: dict[str, str] = installation.endpoints["metrics"]
        self.texts = {
            name: httpx.get(url, timeout=10).raise_for_status().text for name, url in urls.items()
        }
        # Of each sample: with which labels it is there.
        self.labels: dict[str, set[frozenset[str]]] = defaultdict(set)
        self._samples: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
        for text in self.texts.values():
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    self.labels[sample.name].add(frozenset(sample.labels))
                    self._samples[sample.name].append((sample.labels, sample.value))

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples of this name that have these labels, over all processes."""
        return sum(value for found, value in self._samples[name] if labels.items() <= found.items())

    def has_label(self, name: str, label: str) -> bool:
        """Whether every sample of this name has the label."""
        return all(label in found for found in self.labels[name])
