"""What the doctor finds about the machine, the settings and what stands outside."""

import os
import shutil
import socket
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from ops.doctor import given, machine, outside
from ops.doctor.clocks import Reading, differences
from ops.doctor.finding import Finding
from ops.settings import Settings
from tests.installation import free_port

STRONG = "3f1c9a0d5b7e42688c1f"


def states(findings: Iterable[Finding]) -> list[str]:
    return [one.state for one in findings]


def test_python() -> None:
    """One that is too old fails; this one runs the tests."""
    assert states(machine.python()) == ["ok"]
    (found,) = machine.python((3, 10, 4))
    assert (found.state, found.advice) == ("fail", "Install 3.11 or newer.")


def test_packages(tmp_path: Path) -> None:
    """What differs from the lock is named with both versions; what is missing fails."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("Redis==0.0.1 \\\n    --hash=sha256:00\nnot-of-ours==1.0\n", encoding="ascii")
    (found,) = machine.packages(lock)
    assert found.state == "warn"
    assert "redis" in found.said
    assert "instead of 0.0.1" in found.said
    assert "not-of-ours" not in found.said


def test_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the project's own files are not, there is nothing to compare with; and an image that is
    given its servers lacks the wheels of the embedded ones."""
    none = tmp_path / "none"
    assert states(machine.python(project=none)) == ["skip"]
    assert states(machine.packages(project=none)) == ["skip"]
    assert states(machine.packages(none)) == ["skip"]
    there = machine._version_of
    monkeypatch.setattr(
        machine, "_version_of", lambda name: None if name in machine.SERVERS else there(name)
    )
    assert states(machine.packages(brings_servers=False)) == ["ok"]
    assert states(machine.packages()) == ["fail"]


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that only another package needs."""
    monkeypatch.setattr(machine, "_version_of", lambda name: None if name == "mako" else "1")
    found = next(one for one in machine.packages() if one.state == "fail")
    assert found.said == "not installed: mako"


def test_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that will be made is well; a file, open secrets and a full disk are not."""
    usage = SimpleNamespace(free=4000 * machine.MEBI)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert states(machine.data_folder(tmp_path / "new" / "data")) == ["ok", "ok"]
    (tmp_path / "file").touch()
    assert states(machine.data_folder(tmp_path / "file")) == ["fail"]
    secret = tmp_path / "secrets" / "secret_key"
    secret.parent.mkdir(mode=0o700)
    secret.touch(mode=0o600)
    assert states(machine.data_folder(tmp_path)) == ["ok", "ok"]
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o750)
    (keys / "jwks.json").touch(mode=0o644)
    assert states(machine.data_folder(tmp_path)) == ["ok", "ok"]
    secret.chmod(0o640)
    assert f"others may read {secret}" in next(machine.data_folder(tmp_path)).said
    usage.free = 100 * machine.MEBI
    assert states(machine.data_folder(tmp_path)) == ["fail", "fail"]
    usage.free = 1000 * machine.MEBI
    assert states(machine.data_folder(tmp_path)) == ["fail", "warn"]


def test_a_folder_that_holds_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the servers are elsewhere, as in a container, the folder needs no room for them."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=machine.MEBI))
    assert states(machine.data_folder(tmp_path, brings_servers=False)) == ["ok"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_closed(tmp_path: Path) -> None:
    """Who may not write there is told so."""
    tmp_path.chmod(0o500)
    assert states(machine.data_folder(tmp_path))[0] == "fail"


def test_port(tmp_path: Path) -> None:
    """A free port is well, and so is one on which a gateway of ours answers; another's is not."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings.read({"GATEWAY_PORT": str(other.getsockname()[1])})
        assert states(machine.port(settings, None, tmp_path, serves=False)) == ["fail"]
        assert states(machine.port(settings, None, tmp_path, serves=True)) == ["ok"]
    assert states(machine.port(settings, None, tmp_path, serves=False)) == ["ok"]


def test_every_mistake_in_the_settings() -> None:
    """All values that cannot be used are said, without the value, and not only the first."""
    settings, findings = given.read(
        {"GATEWAY_PORT": "canary", "SMTP_URL": "canary://", "WORKERS": "0"}
    )
    assert settings is None
    assert sorted(one.said.split()[0] for one in findings) == [
        "GATEWAY_PORT",
        "SMTP_URL",
        "WORKERS",
    ]
    assert "canary" not in str(findings)


def test_all_that_production_refuses() -> None:
    """Every objection and every misfit of Kafka's settings is a line that fails."""
    said = {
        "ENVIRONMENT": "production",
        "SECRET_KEY": "canary",
        "RATE_LIMIT_ENABLED": "false",
        "SMS_URL": "http://sms.example",
        "KAFKA_BOOTSTRAP_SERVERS": "kafka.example:9092",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    }
    settings, findings = given.read(said)
    assert settings is not None
    assert set(states(findings)) == {"fail"}
    text = " ".join(one.said for one in findings)
    for name in ("RATE_LIMIT_ENABLED", "PLATFORM_ADMIN_PASSWORD", "SECRET_KEY", "SMS_FROM"):
        assert name in text
    assert "SMS_URL is not https://" in text
    assert "KAFKA_SASL_USERNAME" in text
    assert "canary" not in text


def test_settings_of_production() -> None:
    """What production accepts is well, with a word about what it leaves open."""
    strong = {"ENVIRONMENT": "production", "PLATFORM_ADMIN_PASSWORD": STRONG}
    _, findings = given.read({**strong, "ALLOWED_HOSTS": "book.example, *"})
    assert states(findings) == ["ok", "warn", "warn"]
    assert findings[1].said == "any Host is answered"
    assert states(given.read({**strong, "ALLOWED_HOSTS": "*.book.example"})[1]) == ["ok", "warn"]
    assert states(given.read({})[1]) == ["ok"]


def test_hosts_of_production() -> None:
    """Where no host is named no gateway starts: it fails, or is a warning where this may be the
    machine of other processes."""
    strong = {"ENVIRONMENT": "production", "PLATFORM_ADMIN_PASSWORD": STRONG}
    _, (found, *_) = given.read(strong)
    assert (found.state, "ALLOWED_HOSTS is not set" in found.said) == ("fail", True)
    apart = {"ENVIRONMENT": "production", "REDIS_URL": "redis://r:6379/0"}
    found = next(one for one in given.read(apart)[1] if "ALLOWED_HOSTS" in one.said)
    assert (found.state, "other processes do not" in found.advice) == ("warn", True)


def test_who_need_not_know_the_administrator() -> None:
    """Where servers are given, a password that was not is a warning; one that is weak fails."""
    said = {"ENVIRONMENT": "production", "REDIS_URL": "redis://r:6379/0", "ALLOWED_HOSTS": "*"}
    _, findings = given.read(said)
    assert (findings[0].state, "single processes do not" in findings[0].advice) == ("warn", True)
    weak = {**said, "PLATFORM_ADMIN_PASSWORD": "password-1234"}
    assert given.read(weak)[1][0].state == "fail"


def test_a_slip_in_the_file(tmp_path: Path) -> None:
    """A name in .env that nothing reads is warned of; a secret's file is no such name."""
    file = tmp_path / "settings"
    file.write_text("GATEWAY_PROT=80\nSECRET_KEY_FILE=x\nWORKERS=2\n", encoding="ascii")
    (found,) = given.file({"ENV_FILE": str(file)})
    assert found.state == "warn"
    assert "sets GATEWAY_PROT, which nothing reads" in found.said
    assert list(given.file({"ENV_FILE": ""})) == []


@pytest.mark.parametrize(
    ("there", "state"), [(100.2, "ok"), (102.5, "warn"), (97.5, "warn"), (140.0, "fail")]
)
def test_clocks(there: float, state: str) -> None:
    """What the question's way takes is not counted as a difference."""
    assert states(differences([Reading("Redis", 100.0, there, 100.5)])) == [state]


def test_mail() -> None:
    """A server that greets us is well; one that does not listen, or is not named, is said so."""
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        plain = {"SMTP_URL": f"smtp+plain://127.0.0.1:{controller.port}"}
        assert states(outside.mail(Settings.read(plain))) == ["ok"]
        tls = {"SMTP_URL": f"smtps://user:canary@127.0.0.1:{controller.port}"}
        (found,) = outside.mail(Settings.read(tls))
    finally:
        controller.stop()
    assert found.state == "fail"
    assert "canary" not in str(found)
    assert states(outside.mail(Settings.read({}))) == ["skip"]


def test_sms() -> None:
    """Where nobody listens it fails; without a provider there is nothing to look at."""
    url = f"https://127.0.0.1:{free_port()}/messages"
    assert states(outside.sms(Settings.read({"SMS_URL": url, "SMS_FROM": "x"}))) == ["fail"]
    assert states(outside.sms(Settings.read({}))) == ["skip"]


def test_kafka() -> None:
    """One of the servers is enough; where none is reached it fails."""
    away = f"127.0.0.1:{free_port()}"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        servers = f"127.0.0.1:{other.getsockname()[1]},{away}"
        assert states(outside.kafka(Settings.read({"KAFKA_BOOTSTRAP_SERVERS": servers}))) == [
            "ok",
            "warn",
        ]
    assert states(outside.kafka(Settings.read({"KAFKA_BOOTSTRAP_SERVERS": away}))) == ["fail"]
    assert states(outside.kafka(Settings.read({}))) == ["skip"]
