"""The parts of our own: which program each is and what of the settings it is told."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from pydantic import SecretStr

from contracts.wire.streams import HANDLED, SUBSCRIBERS
from ops.database import APP, RELAY, TIMER, ContextDatabase, role_urls
from ops.keys import SigningKeys
from ops.part import Part
from ops.production import hosts_of
from ops.settings import SECRETS_BY_FILE, Settings

ROOT = Path(__file__).resolve().parent.parent
LASTING = ("gateway", "handler", "relay", "subscriber", "mirror")
# What our Python is to run, by role.
PROGRAMS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "migrate": ("-m", "ops.migrations"),
    "prepare": ("-m", "handlers", "prepare"),
    "admin": ("-m", "handlers", "admin"),
    "handler": ("-m", "handlers", "handler"),
    "relay": ("-m", "handlers", "relay"),
    "subscriber": ("-m", "handlers", "subscriber"),
    "mirror": ("-m", "handlers", "mirror"),
    "rebuild": ("-m", "handlers", "rebuild"),
    "gateway": ("-m", "gateway"),
    "demo": ("-m", "ops.demo"),
})  # fmt: skip
# What only the supervisor may know, or says itself to whom it concerns.
WITHHELD = frozenset(
    name.upper()
    for name in (
        *SECRETS_BY_FILE,
        *(f"{secret}_file" for secret in SECRETS_BY_FILE),
        "platform_admin_email",
        "jwt_private_key_file",
        "jwt_jwks_file",
        "fail_point",
        "env_file",
    )
)


@dataclass(frozen=True, slots=True)
class Lineup:
    """Every part of one run, from what they have in common."""

    settings: Settings
    environment: Mapping[str, str]
    secret_key: str
    keys: SigningKeys
    redis_url: str
    databases: tuple[ContextDatabase, ...]
    programs: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: PROGRAMS)
    # By name, where several processes share a host; else each has METRICS_PORT.
    metrics_ports: Mapping[str, int] = field(default_factory=dict)

    def migrate(self, words: tuple[str, ...]) -> Part:
        urls = {database.context: database.url for database in self.databases}
        return migration_part(urls, self.environment, (*self.programs["migrate"], *words))

    def prepare_streams(self) -> Part:
        return self._part("prepare", "prepare", {})

    def ensure_administrator(self) -> Part:
        return self._part("admin", "admin", {**self._administrator(), **_named("admin")})

    def demonstration(self) -> Part:
        url = {"DEMO_GATEWAY_URL": gateway_url(self.settings)}
        return self._part("demo", "demo", {**self._administrator(), **url})

    def gateways(self) -> list[Part]:
        return [self.gateway(name) for name in _names("gateway", self.settings.gateways)]

    def gateway(self, name: str) -> Part:
        told = {
            "GATEWAY_HOST": self.settings.gateway_host,
            "GATEWAY_PORT": str(self.settings.gateway_port),
            "JWT_JWKS_FILE": str(self.keys.jwks_file),
        }
        return self._part(name, "gateway", {**told, "INSTANCE_NAME": name})

    def handlers(self) -> list[Part]:
        apart = [(one,) for one in HANDLED] if self.settings.process_per_context else [()]
        return [
            self.handler(name, only)
            for only in apart
            for name in _names(_joined("handler", only), self.settings.workers)
        ]

    def handler(self, name: str, only: tuple[str, ...] = ()) -> Part:
        """It has all contexts, or `only` some, and is told nothing of the others."""
        own = [one for one in self.databases if not only or one.context in only]
        keys = {
            "JWT_PRIVATE_KEY_FILE": str(self.keys.private_key_file),
            "JWT_JWKS_FILE": str(self.keys.jwks_file),
        }
        told = {
            **role_urls(own, APP, self.secret_key),
            **(keys if not only or "user" in only else {}),
        }
        return self._consumer(name, "handler", told, _options("--context", only))

    def relay(self, name: str = "relay-1") -> Part:
        told = {
            **role_urls(self.databases, RELAY, self.secret_key),
            **role_urls(self.databases, TIMER, self.secret_key, prefix="TIMER_"),
        }
        return self._consumer(name, "relay", told)

    def subscribers(self) -> list[Part]:
        """One of each, or one that has all: its timers send for everybody."""
        if not self.settings.process_per_context:
            return [self.subscriber("subscriber-1")]
        return [self.subscriber(_joined("subscriber", (one,)), (one,)) for one in SUBSCRIBERS]

    def subscriber(self, name: str, only: tuple[str, ...] = ()) -> Part:
        own = tuple(one for one in self.databases if one.context == "subscriber")
        told = {
            **role_urls(own, APP, self.secret_key),
            # Mails are sent for all tenants.
            **role_urls(own, TIMER, self.secret_key, prefix="TIMER_"),
            **(self._postmans() if not only or "notification" in only else {}),
        }
        return self._consumer(name, "subscriber", told, _options("--only", only))

    def _postmans(self) -> Mapping[str, str]:
        settings = self.settings
        return {
            "SMTP_URL": settings.smtp_url.get_secret_value() if settings.smtp_url else "",
            **({"MAIL_FROM": settings.mail_from} if settings.mail_from else {}),
            "SMS_URL": settings.sms_url or "",
            "SMS_TOKEN": settings.sms_token.get_secret_value() if settings.sms_token else "",
            **({"SMS_FROM": settings.sms_from} if settings.sms_from else {}),
        }

    def rebuild(self, words: tuple[str, ...]) -> Part:
        """`words` say which subscribers, and whether also from less than all."""
        own = tuple(one for one in self.databases if one.context == "subscriber")
        told = {
            **role_urls(own, APP, self.secret_key),
            **role_urls(self.databases, TIMER, self.secret_key, prefix="TIMER_"),
        }
        return self._part("rebuild", "rebuild", told, words)

    def mirrors(self) -> list[Part]:
        """One, so that one booking's events stay in order; none without Kafka."""
        return [] if self.settings.kafka_bootstrap_servers is None else [self.mirror("mirror-1")]

    def mirror(self, name: str) -> Part:
        own = tuple(one for one in self.databases if one.context == "subscriber")
        told = {
            **role_urls(own, APP, self.secret_key),
            "KAFKA_SASL_PASSWORD": _said(self.settings.kafka_sasl_password),
        }
        return self._consumer(name, "mirror", told)

    def _collector(self, role: str) -> Mapping[str, str]:
        """Where spans go and what that is signed in to with, for those who have any to tell."""
        if role not in LASTING:
            return {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}
        return {"OTEL_EXPORTER_OTLP_HEADERS": _said(self.settings.otel_exporter_otlp_headers)}

    def _administrator(self) -> Mapping[str, str]:
        return {
            "PLATFORM_ADMIN_EMAIL": self.settings.platform_admin_email,
            "PLATFORM_ADMIN_PASSWORD": self.settings.platform_admin_password.get_secret_value(),
        }

    def _consumer(
        self, name: str, role: str, told: Mapping[str, str], words: tuple[str, ...] = ()
    ) -> Part:
        return self._part(name, role, {**told, **_named(name)}, words)

    def _part(
        self, name: str, role: str, told: Mapping[str, str], words: tuple[str, ...] = ()
    ) -> Part:
        settings = self.settings
        common = {
            "ENVIRONMENT": settings.environment,
            "LOG_LEVEL": settings.log_level,
            "LOG_FORMAT": settings.format_of_logs,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": self.secret_key,
            "SECRET_KEY_PREVIOUS": _said(settings.secret_key_previous),
            # Empty also where a part reads `.env` by itself: what was withheld stays withheld.
            "FAIL_POINT": "",
            "METRICS_HOST": settings.metrics_host,
            "METRICS_PORT": str(self.metrics_ports.get(name, settings.metrics_port)),
            "INGRESS_PUBLISHERS": json.dumps([p.model_dump() for p in settings.publishers]),
        }
        return Part(
            name=name,
            role=role,
            argv=(sys.executable, *self.programs[role], *words),
            environment={**inherited(self.environment), **common, **self._collector(role), **told},
            folder=ROOT,
            # A restarted part has no fail point: the crash that was asked for happens once.
            first_environment={"FAIL_POINT": settings.fail_point or ""} if role in LASTING else {},
        )


def migration_part(
    urls: Mapping[str, str], environment: Mapping[str, str], words: tuple[str, ...]
) -> Part:
    """The migrations with the administrator's URL of each context's database."""
    told = {f"MIGRATION_URL_{context.upper()}": url for context, url in urls.items()}
    return Part(
        name="migrate",
        role="migrate",
        argv=(sys.executable, *words),
        environment={**inherited(environment), **told},
        folder=ROOT,
    )


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without what is not meant for every part."""
    kept = {name: value for name, value in environment.items() if name.upper() not in WITHHELD}
    # ENV_FILE: the file was read once, here.
    return {**kept, "PYTHONUNBUFFERED": "1", "ENV_FILE": ""}


def gateway_url(settings: Settings) -> str:
    """Where a client on this machine reaches the gateway."""
    return url_of(settings.gateway_host, settings.gateway_port)


def url_of(bound: str, port: int) -> str:
    """Where a client on this machine reaches what is bound there."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read here, not bound
    host = everywhere.get(bound, bound)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def host_header(settings: Settings) -> str:
    """A Host that the gateway accepts, also where ALLOWED_HOSTS leaves out the loopback."""
    plain = [name for name in hosts_of(settings) if "*" not in name]
    return plain[0] if plain else urlsplit(gateway_url(settings)).netloc


def _named(name: str) -> Mapping[str, str]:
    return {"CONSUMER_NAME": name, "INSTANCE_NAME": name}


def _said(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


def _joined(role: str, only: tuple[str, ...]) -> str:
    return "-".join((role, *only))


def _options(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for value in values for word in (option, value))


def _names(role: str, count: int) -> list[str]:
    return [f"{role}-{number}" for number in range(1, count + 1)]
