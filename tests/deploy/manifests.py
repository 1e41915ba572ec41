"""The manifests of ops/kubernetes as they are written, and as kubectl puts them together."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "ops" / "kubernetes"
KUSTOMIZATION = "kustomization.yaml"
Manifest = dict[str, Any]


def folders() -> list[Path]:
    """Every folder that is put together by itself."""
    return sorted(path.parent for path in FOLDER.rglob(KUSTOMIZATION))


def written(path: Path) -> list[Manifest]:
    """The documents of one file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


@cache
def everything() -> list[Manifest]:
    """What the files hold, but for kustomizations and the example's patches."""
    files = [path for path in sorted(FOLDER.rglob("*.yaml")) if path.name != KUSTOMIZATION]
    return [one for path in files if path not in patches() for one in written(path)]


def patches() -> set[Path]:
    """Files that change what another file says."""
    return {
        folder / patch["path"]
        for folder in folders()
        for patch in written(folder / KUSTOMIZATION)[0].get("patches", [])
        if "path" in patch
    }


def of_kind(*kinds: str) -> dict[str, Manifest]:
    """Those of these kinds by their name."""
    return {one["metadata"]["name"]: one for one in everything() if one["kind"] in kinds}


def pods() -> dict[str, Manifest]:
    """What is made of each deployment and job: `metadata` and `spec` of its pods."""
    return {name: one["spec"]["template"] for name, one in of_kind("Deployment", "Job").items()}


def containers() -> Iterator[tuple[str, Manifest]]:
    """Every container, with the name of what it belongs to."""
    for name, pod in pods().items():
        spec = pod["spec"]
        for container in (*spec["containers"], *spec.get("initContainers", [])):
            yield name, container


def built(folder: Path) -> list[Manifest]:
    """As `kubectl kustomize` puts it together; skipped where there is no kubectl."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("there is no kubectl on this machine to put the manifests together")
    done = subprocess.run(
        [program, "kustomize", str(folder)],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))
