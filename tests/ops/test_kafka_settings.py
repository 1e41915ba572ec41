"""A mirror is started where there is a Kafka, and told how to sign in; nobody else is."""

from pathlib import Path

import pytest

from ops.errors import StartupError
from ops.kafka import refuse_incomplete
from ops.keys import SigningKeys
from ops.lineup import Lineup
from ops.settings import Settings

SERVERS = {"KAFKA_BOOTSTRAP_SERVERS": "a.example:9092, b.example:9092"}
SIGNED_IN = {
    **SERVERS,
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_USERNAME": "slotstream",
    "KAFKA_SASL_PASSWORD": "canary",
}


def lineup(said: dict[str, str]) -> Lineup:
    keys = SigningKeys(Path("private"), Path("public"))
    return Lineup(Settings.read(said), said, "x" * 32, keys, "redis://nowhere", ())


def test_without_kafka_there_is_no_mirror() -> None:
    """Nor is anything of Kafka asked for."""
    refuse_incomplete(Settings.read({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}))
    assert lineup({}).mirrors() == []


def test_only_the_mirror_knows_the_password(tmp_path: Path) -> None:
    """By value or by file; the other parts are told neither."""
    path = tmp_path / "password"
    path.write_text("canary\n", encoding="ascii")
    by_file = {name: said for name, said in SIGNED_IN.items() if not name.endswith("PASSWORD")}
    by_file["KAFKA_SASL_PASSWORD_FILE"] = str(path)
    for said in (SIGNED_IN, by_file):
        refuse_incomplete(Settings.read(said))
        found = lineup(said)
        (mirror,) = found.mirrors()
        assert mirror.environment["KAFKA_SASL_PASSWORD"] == "canary"
        assert mirror.environment["KAFKA_BOOTSTRAP_SERVERS"] == SERVERS["KAFKA_BOOTSTRAP_SERVERS"]
        others = (*found.gateways(), *found.handlers(), found.relay(), *found.subscribers())
        assert not any("canary" in part.environment.values() for part in others)
        assert not any("KAFKA_SASL_PASSWORD_FILE" in part.environment for part in others)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "KAFKA_SASL_PASSWORD are needed"),
        ({"KAFKA_SASL_USERNAME": "slotstream"}, "nobody signs in"),
        ({"KAFKA_SSL_CA_FILE": "/nowhere"}, "KAFKA_SSL_CA_FILE names /nowhere"),
        (
            {
                **SIGNED_IN,
                "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
                "ENVIRONMENT": "production",
            },
            "sends the password in the open",
        ),
    ],
)
def test_what_does_not_fit_together(said: dict[str, str], sentence: str) -> None:
    """One sentence before anything is started, instead of a part that keeps dying."""
    with pytest.raises(StartupError, match=sentence):
        refuse_incomplete(Settings.read({**SERVERS, **said}))
