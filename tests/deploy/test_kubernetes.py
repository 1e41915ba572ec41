"""ops/kubernetes: valid, whole, and no more than a process may have; no cluster is asked."""

import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate.utils import validate

from tests.deploy.manifests import (
    FOLDER,
    KUSTOMIZATION,
    Manifest,
    built,
    containers,
    everything,
    folders,
    of_kind,
    patches,
    pods,
    written,
)

VERSION = "1.37"
LISTS = ("resources", "components")
OVERLAYS = ("example/ground", "example/processes")
WORKERS = {f"worker-{name}" for name in ("tenant", "resource", "user", "reservation", "ingress")}
# Whose secret is whose: who mounts it or has it in the environment.
KNOW = {
    "slotstream-database-administrator": {"prepare"},
    "slotstream-platform-administrator": {"administrator"},
    "slotstream-sending": {"subscriber"},
    "slotstream-kafka": {"mirror"},
    "slotstream-signing": {"prepare", "gateway", "worker-user"},
}


def known_to_kubernetes(one: Manifest) -> bool:
    return not one["apiVersion"].startswith("keda.sh")


@pytest.mark.parametrize(
    "one",
    [one for one in everything() if known_to_kubernetes(one)],
    ids=lambda one: f"{one['kind']}-{one['metadata']['name']}",
)
def test_manifest_is_valid(one: Manifest) -> None:
    """Kubernetes' own schema accepts it, and knows every field."""
    validate(one, VERSION, strict=True)


@pytest.mark.parametrize("folder", folders(), ids=lambda path: str(path.relative_to(FOLDER)))
def test_kustomization_is_whole(folder: Path) -> None:
    """What a kustomization lists is there, and what lies beside it is listed."""
    (kustomization,) = written(folder / KUSTOMIZATION)
    listed = {name for kind in LISTS for name in kustomization.get(kind, [])}
    named = {patch["path"] for patch in kustomization.get("patches", []) if "path" in patch}
    for name in listed | named:
        path = folder / name
        assert path.is_file() or (path / KUSTOMIZATION).is_file(), name
    beside = {path.name for path in folder.glob("*.yaml")} - {KUSTOMIZATION}
    assert beside == {name for name in listed | named if name.endswith(".yaml")}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_example_is_put_together(overlay: str) -> None:
    """What kubectl makes of the example is valid, is all in one namespace, and has the example's
    image."""
    made = built(FOLDER / overlay)
    for one in filter(known_to_kubernetes, made):
        validate(one, VERSION, strict=True)
        if one["kind"] != "Namespace":
            assert one["metadata"]["namespace"] == "slotstream"
        for container in _pod_spec(one).get("containers", []):
            assert container["image"] == "registry.example.org/slotstream:0.1.0"


def test_example_changes_what_it_says() -> None:
    """The example's settings go over the defaults, and leave the others."""
    made = {one["metadata"]["name"]: one for one in built(FOLDER / "example/ground")}
    assert "internal" in made["slotstream-databases"]["data"]["DATABASE_URL"]
    gateway = made["slotstream-gateway"]["data"]
    assert (gateway["ALLOWED_HOSTS"], gateway["GATEWAY_PORT"]) == ("booking.example.org", "8000")


def test_numbers_of_scaled_workers_are_left_alone() -> None:
    """Where something else says how many there are, applying the manifests again does not; where
    nothing does, the manifests do: without a number there would be one."""
    made = built(FOLDER / "example/processes")
    scalers = [one for one in made if one["kind"] in ("ScaledObject", "HorizontalPodAutoscaler")]
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in scalers}
    assert scaled == WORKERS - {"worker-ingress"} | {"gateway"}
    for one in made:
        if one["kind"] == "Deployment":
            name = one["metadata"]["name"]
            assert ("replicas" in one["spec"]) == (name not in scaled), name


@pytest.mark.parametrize("part", ["ground", "processes"])
def test_the_mirror_is_an_addition(part: str, tmp_path: Path) -> None:
    """An overlay that names the mirror's components has all that it had, and the mirror besides."""
    parts = [FOLDER / part, FOLDER / "mirror" / part]
    names = []
    for of in (parts[:1], parts):
        made = built(_overlay(tmp_path / str(len(of)), of))
        names.append({(one["kind"], one["metadata"]["name"]) for one in made})
    assert names[0] < names[1]
    more = {name for _, name in names[1] - names[0]}
    assert more == ({"mirror"} if part == "processes" else {"slotstream-kafka", "kafka"})


@pytest.mark.parametrize("name", sorted(pods()))
def test_pod_is_restricted(name: str) -> None:
    """What the profile `restricted` asks for, a root file system that is read-only, no token of the
    cluster, and no variables of services, whose names are those of settings."""
    spec = pods()[name]["spec"]
    security = spec["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] == (10002 if name == "gateway" else 10001)
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert {next(iter(set(volume) - {"name"})) for volume in spec["volumes"]} <= {
        "emptyDir", "secret"
    }  # fmt: skip
    for container in spec["containers"]:
        own = container["securityContext"]
        assert own["allowPrivilegeEscalation"] is False
        assert own["readOnlyRootFilesystem"] is True
        assert own["capabilities"] == {"drop": ["ALL"]}
        resources = container["resources"]
        assert {"cpu", "memory"} <= set(resources["requests"])
        assert "memory" in resources["limits"]


@pytest.mark.parametrize("name", sorted(of_kind("Deployment")))
def test_probes_and_budgets(name: str) -> None:
    """What lasts has the three probes; of what there are several, one at a time is taken away, and
    they are spread."""
    deployment = of_kind("Deployment")[name]
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    ports = {port["name"] for port in container["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["port"] in ports
    alone = deployment["spec"].get("replicas") == 1
    budget = of_kind("PodDisruptionBudget").get(name)
    assert (budget is None) == alone
    assert ("topologySpreadConstraints" in spec) != alone
    if alone:
        assert deployment["spec"]["strategy"] == {"type": "Recreate"}


def test_no_secret_is_written_down() -> None:
    """No manifest holds a secret: they are named, and made elsewhere."""
    assert not of_kind("Secret")
    for name, container in containers():
        for variable in container["env"]:
            if any(word in variable["name"] for word in ("URL", "KEY", "PASSWORD", "TOKEN")):
                given = variable.get("value", "")
                assert "valueFrom" in variable or given.startswith("/keys/"), name


def test_secrets_stay_with_those_who_need_them() -> None:
    """Each secret is given to those who need it; the gateway has the public keys of the pair
    alone, and no database."""
    found: dict[str, set[str]] = {}
    for name, pod in pods().items():
        for secret in _secrets_of(pod["spec"]):
            found.setdefault(secret, set()).add(name)
    everybody = set(pods())
    assert found == {
        **KNOW,
        "slotstream-redis": everybody,
        "slotstream-secret-key": everybody,
    }
    gateway = pods()["gateway"]["spec"]
    (keys,) = [one["secret"] for one in gateway["volumes"] if "secret" in one]
    assert [item["key"] for item in keys["items"]] == ["jwks.json"]
    assert "DATABASE" not in str(gateway)
    assert "slotstream-databases" not in str(gateway)


def test_what_is_named_is_there() -> None:
    """Services, budgets, scalers and policies mean something that there is; so do references to
    settings."""
    deployments = set(of_kind("Deployment"))
    for one in everything():
        if one["kind"] in ("HorizontalPodAutoscaler", "ScaledObject"):
            assert one["spec"]["scaleTargetRef"]["name"] in deployments
    for one in of_kind("Service", "PodDisruptionBudget").values():
        selector = one["spec"]["selector"]
        assert _chosen(selector.get("matchLabels", selector), []), one["metadata"]["name"]
    for one in of_kind("NetworkPolicy").values():
        selector = one["spec"]["podSelector"]
        chosen = _chosen(selector.get("matchLabels", {}), selector.get("matchExpressions", []))
        assert chosen, one["metadata"]["name"]
    maps = set(of_kind("ConfigMap"))
    for name, container in containers():
        for source in container["envFrom"]:
            if "configMapRef" in source:
                assert source["configMapRef"]["name"] in maps, name


def test_network() -> None:
    """Nothing is allowed but what is said; databases are out of the gateway's reach, and the world
    out of everybody's but the subscriber's and the mirror's."""
    policies = of_kind("NetworkPolicy")
    nothing = policies.pop("nothing")["spec"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    databases = policies["databases"]["spec"]["podSelector"]
    assert set(pods()) - _chosen({}, databases["matchExpressions"]) == {"gateway"}
    reached = {name for name, one in policies.items() if "Ingress" in one["spec"]["policyTypes"]}
    assert reached == {"gateway", "watching"}
    to_the_world = policies["sending"]["spec"]
    assert _chosen(to_the_world["podSelector"]["matchLabels"], []) == {"subscriber"}
    for block in to_the_world["egress"][0]["to"]:
        assert block["ipBlock"]["except"]


def test_workers_differ_in_their_context_alone() -> None:
    """Whatever is decided for a worker is decided for all, but that one signs tokens."""
    shapes = set()
    for name in WORKERS:
        context = name.removeprefix("worker-")
        text = str(_without_keys(of_kind("Deployment")[name])).replace(name, "worker")
        assert f"['worker', '--context', '{context}']" in text
        shapes.add(text.replace(f"'--context', '{context}'", ""))
    assert len(shapes) == 1


def test_patches_are_of_the_example() -> None:
    """Only the example changes what another file says."""
    assert {path.parent.relative_to(FOLDER).parts[0] for path in patches()} == {"example"}


def _overlay(folder: Path, parts: list[Path]) -> Path:
    """A folder that is put together from a part, and its components."""
    folder.mkdir()
    resource, *components = (os.path.relpath(part, folder) for part in parts)
    said = {"resources": [resource], "components": components}
    (folder / KUSTOMIZATION).write_text(yaml.safe_dump(said), encoding="utf-8")
    return folder


def _without_keys(deployment: Manifest) -> Manifest:
    """The same, without the keys that tokens are signed with."""
    found = deepcopy(deployment)
    spec = _pod_spec(found)
    (container,) = spec["containers"]
    container["env"] = [one for one in container["env"] if not one["name"].startswith("JWT_")]
    for lists in (container["volumeMounts"], spec["volumes"]):
        lists[:] = [one for one in lists if one["name"] != "keys"]
    return found


def _pod_spec(one: Manifest) -> Manifest:
    found: Manifest = one.get("spec", {}).get("template", {}).get("spec", {})
    return found


def _secrets_of(spec: Manifest) -> set[str]:
    found = {one["secret"]["secretName"] for one in spec["volumes"] if "secret" in one}
    for container in spec["containers"]:
        for variable in container["env"]:
            source: dict[str, Any] = variable.get("valueFrom", {})
            if "secretKeyRef" in source:
                found.add(source["secretKeyRef"]["name"])
        found |= {one["secretRef"]["name"] for one in container["envFrom"] if "secretRef" in one}
    return found


def _chosen(labels: dict[str, str], expressions: list[dict[str, Any]]) -> set[str]:
    """Whose pods have all of the labels, and what the expressions say."""
    return {
        name
        for name, pod in pods().items()
        if labels.items() <= pod["metadata"]["labels"].items()
        and all(pod["metadata"]["labels"].get(it["key"]) in it["values"] for it in expressions)
    }
