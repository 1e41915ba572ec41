"""docs/deployment.md: what it says to type is about what there is, in an order that works."""

import re
from pathlib import Path

import pytest

from tests.deploy.composed import resolved
from tests.deploy.manifests import KUSTOMIZATION, Manifest, containers, of_kind, pods

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
COMPOSE, KUBERNETES = TEXT.split("\n## On Kubernetes\n")


def lines_of(part: str, begins: str) -> list[str]:
    """What is typed that begins so, on lines of its own or within a sentence; continued lines are
    one."""
    whole = re.sub(r" *\\\n +", " ", part)
    return re.findall(rf"(?:^ +|`){begins} [^\n`]+", whole, re.MULTILINE)


@pytest.mark.parametrize("first", ["create secret", "my/ground"])
def test_the_namespace_comes_first(first: str) -> None:
    """Nothing is put into the namespace before it is made, and secrets are there before whoever
    reads them."""
    steps = " ".join(lines_of(KUBERNETES, "kubectl"))
    assert steps.index("ground/namespace.yaml") < steps.index(first)
    assert steps.index("create secret") < steps.index("my/ground") < steps.index("my/processes")


def test_paths_are_there() -> None:
    """Every file and folder that kubectl is given is in the checkout; `my` is a copy of the
    example, made beside it."""
    assert "cp -r ops/kubernetes/example ops/kubernetes/my" in KUBERNETES
    found = re.findall(r"--(?:filename|kustomize) (ops\S+?)[`\s]", KUBERNETES)
    assert found
    for one in found:
        path = ROOT / one.replace("/my/", "/example/")
        assert path.is_file() or (path / KUSTOMIZATION).is_file(), one


def test_a_new_version_with_compose() -> None:
    """One chain, of which nothing goes on after a failure, in the order of operations.md: it names
    every service that lasts, and waits until each answers."""
    (chain,) = re.findall(
        r"^ +docker compose run [^`]*?&&$[^`]*?up --detach$", COMPOSE, re.MULTILINE
    )
    steps = [line.strip() for line in chain.splitlines()]
    assert all(step.endswith(" &&") for step in steps[:-1])
    words = [step.removesuffix(" &&").removeprefix("docker compose ").split() for step in steps]
    assert words[0] == ["run", "--rm", "--no-deps", "prepare"]
    assert words[1] == ["stop", "relay"]
    started = [set(line) - {"up", "--detach", "--wait", "--no-deps"} for line in words[2:]]
    assert all("--wait" in line for line in words[2:-1])
    services = resolved(profiles=())["services"]
    own = {name for name, one in services.items() if one["image"].startswith("slotstream")}
    workers = {name for name in own if name.startswith("worker-")}
    assert started == [workers | {"subscriber"}, {"relay"}, {"gateway"}, set()]
    assert own - set().union(*started) == {"administrator", "prepare", "redis-users"}


def test_what_is_backed_up_comes_back() -> None:
    """A backup has every volume that cannot be made anew, and what brings it back fills the same;
    before that, nothing runs and the volumes are empty."""
    part = COMPOSE.partition("**Back up**")[2].partition("**A tenant's archive**")[0]
    taking, bringing = part.split("**Bring it back**")
    volumes = set(resolved()["volumes"]) - {"redis-users", "prometheus", "grafana"}
    for text in (taking, bringing):
        assert set(re.findall(r"-v slotstream_([a-z-]+):", text)) == volumes
    (packed,) = re.findall(r"-cz ([a-z ]+) > volumes.tar.gz$", taking, re.MULTILINE)
    (emptied,) = re.findall(r"docker volume rm --force ([a-z_ ]+) &&", bringing)
    assert set(packed.split()) == {one.removeprefix("slotstream_") for one in emptied.split()}
    assert set(packed.split()) == volumes
    done = ("tar -t", "compose down", "volume rm", "compose create", "-xzp <", "compose up")
    steps = [bringing.index(one) for one in done]
    assert steps == sorted(steps)


def test_a_new_version_on_kubernetes() -> None:
    """What is typed keeps the order of operations.md: `prepare`; the relay stops; handlers, then
    subscribers; the new relay; the gateway with all the rest."""
    typed = KUBERNETES.partition("**A new version**")[2].partition("**New signing keys.**")[0]
    places = [
        typed.index(one)
        for one in (
            "my/ground\n",
            "condition=complete job/prepare",
            "deployment/relay --replicas=0",
            "delete pod --selector=app.kubernetes.io/name=relay",
            "my/processes --selector=slotstream/tier=worker",
            "rollout status deployment/worker-$name",
            "my/processes --selector=slotstream/tier=subscriber",
            "rollout status deployment/subscriber",
            "my/processes --selector=slotstream/tier=relay",
            "rollout status deployment/relay",
            "my/processes\n",
        )
    ]
    assert places == sorted(places)
    tiers = {one["metadata"]["labels"]["slotstream/tier"] for one in of_kind("Deployment").values()}
    assert tiers == {"worker", "subscriber", "relay", "gateway", "mirror"}
    (workers,) = re.findall(r"for name in ([a-z ]+); do\n +kubectl .* rollout", typed)
    deployed = {name for name in of_kind("Deployment") if name.startswith("worker-")}
    assert {f"worker-{name}" for name in workers.split()} == deployed


def test_every_secret_is_listed() -> None:
    """The table of secrets has those that pods read, with all their keys."""
    rows = re.findall(r"^\| `(slotstream-[a-z-]+)` \| (.*) \|$", KUBERNETES, re.MULTILINE)
    listed = {name: set(re.findall(r"`([A-Za-z_.]+)`", text)) for name, text in rows}
    read: dict[str, set[str]] = {}
    for name, key in _keys_read():
        read.setdefault(name, set()).add(key)
    for _, container in containers():
        for source in container["envFrom"]:
            if "secretRef" in source:
                read.setdefault(source["secretRef"]["name"], set())
    assert set(listed) == set(read)
    for name, keys in read.items():
        assert keys <= listed[name], name


def test_publishers_reach_those_who_read_them() -> None:
    """The settings that the text puts INGRESS_PUBLISHERS into are those of every pod."""
    (place,) = re.findall(r"`INGRESS_PUBLISHERS` belongs into the ConfigMap `([a-z-]+)`", TEXT)
    for name, container in containers():
        maps = {one.get("configMapRef", {}).get("name") for one in container["envFrom"]}
        assert place in maps, name


def _keys_read() -> list[tuple[str, str]]:
    found = []
    for pod in pods().values():
        spec: Manifest = pod["spec"]
        for container in spec["containers"]:
            references = [one.get("valueFrom", {}) for one in container["env"]]
            keys = [one["secretKeyRef"] for one in references if "secretKeyRef" in one]
            found += [(one["name"], one["key"]) for one in keys]
        for volume in spec["volumes"]:
            if "secret" in volume:
                items = volume["secret"]["items"]
                found += [(volume["secret"]["secretName"], one["key"]) for one in items]
    return found
