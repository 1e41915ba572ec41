"""What KEDA looks at: the streams and groups that the workers really read."""

from typing import Any

import pytest
from pydantic import SecretStr

from contracts.wire.streams import CONTEXTS, commands_of, queries_of
from handlers.app.handling import handler_process
from handlers.delivery.settings import ProcessSettings
from ops.keys import signing_keys
from tests.deploy.manifests import Manifest, everything, of_kind


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ProcessSettings:
    """Of a worker that never starts."""
    databases: Any = {f"database_url_{name}": "postgresql://nowhere/x" for name in CONTEXTS}
    return ProcessSettings(
        redis_url="redis://nowhere",
        secret_key=SecretStr("x" * 32),
        jwt_private_key_file=str(
            signing_keys(None, None, tmp_path_factory.mktemp("keys")).private_key_file
        ),
        **databases,
    )


def scaled(context: str) -> Manifest:
    found: Manifest = of_kind("ScaledObject")[f"worker-{context}"]["spec"]
    return found


def pairs(context: str, count: str) -> list[tuple[str, str]]:
    """Stream and group of each trigger that counts so."""
    found = [one["metadata"] for one in scaled(context)["triggers"]]
    return [(one["stream"], one["consumerGroup"]) for one in found if count in one]


@pytest.mark.parametrize("context", CONTEXTS)
def test_streams_and_groups(context: str, settings: ProcessSettings) -> None:
    """What waits is counted on every stream that a worker of the context reads, by the group that
    reads there, and on no other."""
    process = handler_process(settings, (context,))
    lag = pairs(context, "lagCount")
    assert sorted(lag) == sorted(process._groups)
    assert {(commands_of(context), context), (queries_of(context), context)} <= set(lag)
    assert pairs(context, "pendingEntriesCount") == [(commands_of(context), context)]


@pytest.mark.parametrize("context", CONTEXTS)
def test_scaler(context: str) -> None:
    """It is a scaler of Redis Streams with one threshold, which signs in, and never goes below two
    or without end."""
    spec = scaled(context)
    assert 2 == spec["minReplicaCount"] < spec["maxReplicaCount"] <= 20
    assert 2 <= spec["fallback"]["replicas"] <= spec["maxReplicaCount"]
    for trigger in spec["triggers"]:
        assert trigger["type"] == "redis-streams"
        assert trigger["authenticationRef"] == {"name": "redis"}
        told = trigger["metadata"]
        assert all(isinstance(value, str) for value in told.values()), "KEDA takes text alone"
        (counted,) = set(told) & {"lagCount", "pendingEntriesCount", "streamLength"}
        assert int(told[counted]) > 0
        # KEDA before 2.17 refuses the whole scaler where this is missing, or 0.
        assert told.get("activationLagCount") == ("1" if counted == "lagCount" else None)


def test_sign_in() -> None:
    """Address, user and password come from the secret that holds the URL too."""
    (found,) = [one for one in everything() if one["kind"] == "TriggerAuthentication"]
    rows = {one["parameter"]: (one["name"], one["key"]) for one in found["spec"]["secretTargetRef"]}
    assert rows == {
        name: ("slotstream-redis", name) for name in ("address", "username", "password")
    }
