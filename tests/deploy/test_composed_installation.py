"""compose.yaml, but for the containers: its words and settings are enough."""

import os
from pathlib import Path

import httpx
import pytest

from ops.settings import CONTEXTS
from tests.deploy.composed_installation import SECRETS, ComposedInstallation
from tests.e2e.house import House


def test_every_part_answers(composed: ComposedInstallation) -> None:
    """The gateway, which was told nothing of databases, finds every context at work on its own."""
    answer = httpx.get(f"http://127.0.0.1:{composed.gateway_port}/ready")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()["parts"].values()) == {"ok"}


def test_it_runs_in_production(composed: ComposedInstallation) -> None:
    """Every answer keeps browsers to HTTPS, as production does."""
    answer = httpx.get(f"http://127.0.0.1:{composed.gateway_port}/health")
    assert answer.headers["strict-transport-security"]


def test_the_administrators_password_is_in_no_process(composed: ComposedInstallation) -> None:
    """No process that lasts holds the password of PostgreSQL's administrator, or of the platform's,
    in its environment."""
    for name, process in composed.processes.items():
        environment = Path(f"/proc/{process.pid}/environ").read_bytes().decode()
        for secret in ("POSTGRES_PASSWORD", "PLATFORM_ADMIN_PASSWORD"):
            assert SECRETS[secret] not in environment, name


def test_the_private_key_is_its_owners(composed: ComposedInstallation) -> None:
    """Another user of the group may read the public keys, and not the private one."""
    keys = composed.folder / "data" / "keys"
    assert (keys / "jwt_private_key.pem").stat().st_mode & 0o077 == 0
    assert (keys / "jwks.json").stat().st_mode & 0o044 == 0o044
    assert (keys / "jwt_private_key.pem").stat().st_uid == os.getuid()


def test_the_doctor_finds_it_well(composed: ComposedInstallation) -> None:
    """Told what the others are, and where the gateway is, it finds nothing that fails, and says of
    Redis, the databases, the gateway and all who read that they are well."""
    lines = composed.run("doctor").splitlines()
    assert not [line for line in lines if line.startswith("fail")]
    well = {" ".join(line[6:26].split()) for line in lines if line.startswith("ok")}
    databases = {f"database {name}" for name in CONTEXTS}
    assert well >= {"settings", "signing keys", "redis", "gateway", "readers", "relay", *databases}


def test_a_tenants_archive(composed: ComposedInstallation, house: House, tmp_path: Path) -> None:
    """The container of a worker, which knows no administrator, writes a tenant into a file, and
    finds it there when it is to bring it in."""
    file, passphrase = tmp_path / "house.tenant", tmp_path / "passphrase"
    passphrase.write_text("a phrase of the archive", encoding="utf-8")
    words = ("--passphrase-file", str(passphrase))
    said = composed.tool("worker-user", "tenant", "export", house.slug, "--to", str(file), *words)
    assert f"rows in {file}" in said
    with pytest.raises(AssertionError, match="here already"):
        composed.tool("worker-user", "tenant", "import", str(file), *words)


def test_one_ends_in_its_time(composed: ComposedInstallation) -> None:
    """Asked to stop, a process ends well within the time that its container has."""
    assert composed.stop("worker-ingress") == 0
