"""compose.yaml as Compose resolves it: what each is told, and what nobody else is."""

import json
import re

from pydantic_settings import BaseSettings

from gateway.edge.settings import GatewaySettings
from handlers.delivery.settings import ProcessSettings
from tests.deploy.composed import ASKED_FOR, OWN, ROOT, WITH_TLS, WORKERS, services, told

# Who is told a secret; nobody else is, not even as a part of a URL.
KNOW = {
    "POSTGRES_PASSWORD": {"postgres", "prepare"},
    "REDIS_ADMINISTRATOR_PASSWORD": {"redis-users"},
    "REDIS_PASSWORD": OWN | {"redis"},
    "SECRET_KEY": OWN - {"redis-users"},
    "PLATFORM_ADMIN_PASSWORD": {"administrator", "doctor"},
    "GRAFANA_PASSWORD": {"grafana"},
}


def test_secrets_stay_with_those_who_need_them() -> None:
    """Each secret is told to those who need it, and to nobody else."""
    found: dict[str, set[str]] = {secret: set() for secret in KNOW}
    for name, service in services().items():
        text = json.dumps(service)
        for secret in KNOW:
            if ASKED_FOR[secret] in text:
                found[secret].add(name)
    assert found == KNOW


def test_who_has_a_database() -> None:
    """Only `prepare` has the administrator's URL; who works on databases has the server's address,
    and the gateway has none."""
    for name in OWN:
        url = told(name).get("DATABASE_URL")
        if name == "prepare":
            assert url is not None
            assert url.startswith("postgresql://postgres:")
        elif name in WORKERS | {"relay", "subscriber", "mirror", "doctor"}:
            assert url == "postgresql://postgres:5432/"
        else:
            assert not [key for key in told(name) if "DATABASE" in key], name


def test_settings_are_passed_on_when_they_are_set() -> None:
    """A setting that is set reaches those who use it; one that is not is not even empty there."""
    more = (("RATE_LIMIT_TENANT", "10/60"), ("SMTP_URL", "smtps://mail.example"))
    found = services(more=more)
    assert found["gateway"]["environment"]["RATE_LIMIT_TENANT"] == "10/60"
    assert found["subscriber"]["environment"]["SMTP_URL"] == "smtps://mail.example"
    assert {name for name in OWN if "smtps" in json.dumps(found[name])} == {"subscriber", "doctor"}
    assert told("gateway")["RATE_LIMIT_USER"] is None


def test_the_doctor_is_told_what_the_others_are() -> None:
    """It judges what they have been given; where they listen is said in its words."""
    others = {"gateway", "subscriber", "mirror", "relay", "administrator", *WORKERS}
    everything = set().union(*(told(name) for name in others))
    assert everything - set(told("doctor")) == {"GATEWAY_HOST", "GATEWAY_PORT"}
    address = f"http://gateway:{told('gateway')['GATEWAY_PORT']}"
    assert services()["doctor"]["entrypoint"][-2:] == ["--gateway", address]


def test_no_setting_is_forgotten() -> None:
    """Every setting that a process reads reaches the containers of its kind, or is left out on
    purpose; and every name that a person is asked for stands in .env.example."""
    fixed = {"INSTANCE_NAME", "JWT_AUDIENCE", "JWT_ISSUER", "JWT_JWKS_FILE", "RATE_LIMIT_ENABLED"}
    assert _names(GatewaySettings) - set(told("gateway")) == fixed
    others = set().union(*(told(name) for name in OWN - {"gateway", "doctor"}))
    left = {name for name in _names(ProcessSettings) - others if "DATABASE_URL" not in name}
    assert left == {
        "CONSUMER_NAME", "FAIL_POINT", "JWT_PRIVATE_KEY_FILE", "KAFKA_SSL_CA_FILE",
        "WEBHOOK_ALLOW_PRIVATE",
    }  # fmt: skip
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in WITH_TLS)
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text)) - {"REVISION"}
    assert asked <= _example(), asked - _example()


def _names(settings: type[BaseSettings]) -> set[str]:
    return {name.upper() for name in settings.model_fields}


def _example() -> set[str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^#([A-Z_]+)=", text, re.MULTILINE))
