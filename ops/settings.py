"""The settings of a run: what the environment and `.env` say, checked once and passed on as values.

Field names are the names of the environment variables. A variable `<NAME>_FILE` names a file that
holds the value of a secret instead of the value itself. A plain model and not pydantic-settings:
the supervisor needs the merged mapping as well, since its parts get all of it.
"""

import json
import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from ops.errors import StartupError

CONTEXTS = ("tenant", "resource", "user", "reservation", "subscriber")
DEFAULT_ADMIN_EMAIL = "admin@slotstream.example"
DEFAULT_ADMIN_PASSWORD = "slotstream-development"  # noqa: S105 - known to all; production refuses it
POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
REDIS_SCHEMES = ("redis", "rediss", "unix")
SMTP_SCHEMES = ("smtps", "smtp", "smtp+plain")
PUBLISHER_NAME = r"^[a-z0-9][a-z0-9-]{0,40}$"
# So many in so many seconds.
Limit = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}/[1-9][0-9]{0,5}$")]
# host:port, separated by commas.
Servers = Annotated[
    str,
    StringConstraints(
        pattern=r"^\s*[A-Za-z0-9._-]+:[0-9]{1,5}(\s*,\s*[A-Za-z0-9._-]+:[0-9]{1,5})*\s*$"
    ),
]
SECRETS_BY_FILE = (
    "database_url",
    *(f"database_url_{context}" for context in CONTEXTS),
    "redis_url",
    "secret_key",
    "secret_key_previous",
    "platform_admin_password",
    "smtp_url",
    "sms_token",
    "kafka_sasl_password",
    "otel_exporter_otlp_headers",
)


class Publisher(BaseModel):
    """An internal system that may write to `ingress.{name}`, and what it may send: `*` is all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=PUBLISHER_NAME)
    tenants: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


DEMO_PUBLISHER = Publisher(name="demo", tenants=("*",), types=("*",))


class Settings(BaseModel):
    """Everything that `make run` can be told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    environment: Literal["development", "production"] = "development"
    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(default=8000, ge=1, le=65535)
    gateways: int = Field(default=1, ge=1, le=64)
    workers: int = Field(default=1, ge=1, le=64)
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    process_per_context: bool = False
    data_dir: Path = Path(".data")
    state_dir: Path = Path("/var/lib/slotstream")
    start_timeout_seconds: float = Field(default=60, ge=1, le=3600)
    demo_tenant: bool = True
    embedded_fsync: bool = True

    database_url: SecretStr | None = None
    database_url_tenant: SecretStr | None = None
    database_url_resource: SecretStr | None = None
    database_url_user: SecretStr | None = None
    database_url_reservation: SecretStr | None = None
    database_url_subscriber: SecretStr | None = None
    redis_url: SecretStr | None = None

    secret_key: SecretStr | None = None
    secret_key_previous: SecretStr | None = None
    jwt_private_key_file: Path | None = None
    jwt_jwks_file: Path | None = None
    platform_admin_email: str = DEFAULT_ADMIN_EMAIL
    platform_admin_password: SecretStr = SecretStr(DEFAULT_ADMIN_PASSWORD)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] | None = None

    # Checked here, so that a wrong one is one sentence and not a part that keeps dying; what is not
    # given is left to the default of the part that uses it.
    request_timeout_seconds: float | None = Field(default=None, gt=0, le=60)
    worker_concurrency: int | None = Field(default=None, ge=1, le=256)
    tenant_in_flight_max: int | None = Field(default=None, ge=1)
    cache_ttl_seconds: int | None = Field(default=None, ge=1)
    event_retention_days: int | None = Field(default=None, ge=1, le=3650)
    event_archive_days: int | None = Field(default=None, ge=1, le=36_500)
    deleted_retention_days: int | None = Field(default=None, ge=1, le=36_500)
    audit_address_retention_days: int | None = Field(default=None, ge=1, le=36_500)
    rate_limit_enabled: bool = True
    rate_limit_address: Limit | None = None
    rate_limit_tenant: Limit | None = None
    rate_limit_user: Limit | None = None
    rate_limit_mail: Limit | None = None
    rate_limit_sign_in: Limit | None = None
    rate_limit_sign_in_address: Limit | None = None
    rate_limit_sign_in_account: Limit | None = None
    rate_limit_sign_in_tenant: Limit | None = None
    trusted_proxies: str | None = None
    cors_origins: str | None = None
    allowed_hosts: str | None = None
    ingress_publishers: tuple[Publisher, ...] | None = None
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    sms_url: str | None = Field(default=None, pattern=r"^https?://[^/\s@]+(/\S*)?$")
    sms_token: SecretStr | None = None
    sms_from: str | None = Field(default=None, min_length=1, max_length=20)
    webhook_allow_private: bool = False
    kafka_bootstrap_servers: Servers | None = None
    kafka_topic_prefix: str = Field(default="slotstream.", pattern=r"^[A-Za-z0-9._-]{1,100}$")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_ca_file: Path | None = None
    otel_exporter_otlp_endpoint: str | None = Field(
        default=None, pattern=r"^https?://[^/\s@]+(/\S*)?$"
    )
    otel_exporter_otlp_headers: SecretStr | None = None
    otel_service_name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]{1,100}$")
    otel_traces_sampler_arg: float | None = Field(default=None, ge=0, le=1)
    fail_point: str | None = Field(default=None, pattern=r"^[a-z_]+(:[1-9][0-9]{0,5})?(@[a-z]+)?$")

    @field_validator("redis_url", "database_url", *(f"database_url_{name}" for name in CONTEXTS))
    @classmethod
    def _is_url(cls, value: SecretStr | None, about: ValidationInfo) -> SecretStr | None:
        if value is None:
            return None
        parts = urlsplit(value.get_secret_value())
        schemes = REDIS_SCHEMES if about.field_name == "redis_url" else POSTGRES_SCHEMES
        if parts.scheme not in schemes:
            raise ValueError(f"it must begin with {' or '.join(f'{s}://' for s in schemes[:3])}")
        # Raises ValueError for a port that is none.
        _ = parts.port
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        parts = urlsplit(value.get_secret_value())
        if parts.scheme not in SMTP_SCHEMES or not parts.hostname:
            raise ValueError(f"it must begin with {' or '.join(f'{s}://' for s in SMTP_SCHEMES)}")
        _ = parts.port
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str | None) -> str | None:
        for name in filter(None, (part.strip(" \t\"'[]") for part in (value or "").split(","))):
            ip_network(name, strict=False)
        return value

    @field_validator("platform_admin_email", "mail_from")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        name, _, host = value.strip().rpartition("@")
        if not name or "." not in host or any(mark.isspace() for mark in value.strip()):
            raise ValueError("is no e-mail address")
        return value.strip()

    @field_validator("platform_admin_password")
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        # The user context's own rule, said before anything is started.
        if not 12 <= len(value.get_secret_value()) <= 128:
            raise ValueError("needs 12 to 128 characters")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("ingress_publishers", mode="before")
    @classmethod
    def _publishers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            found = json.loads(value)
        except json.JSONDecodeError as wrong:
            raise ValueError(f"is not JSON ({wrong.msg} at character {wrong.pos})") from wrong
        return [found] if isinstance(found, dict) else found

    @field_validator("ingress_publishers")
    @classmethod
    def _one_of_each_name(cls, value: tuple[Publisher, ...] | None) -> tuple[Publisher, ...] | None:
        names = [publisher.name for publisher in value or ()]
        if len(set(names)) != len(names):
            raise ValueError("names the same publisher twice")
        return value

    @classmethod
    def read(cls, environment: dict[str, str]) -> Self:
        """The settings that this environment (see `environment_of`) gives.

        Raises StartupError with one sentence that names the first wrong variable.
        """
        given = {name.lower(): value for name, value in environment.items() if value != ""}
        for secret in SECRETS_BY_FILE:
            path = given.get(f"{secret}_file")
            if path is not None and secret not in given:
                given[secret] = _content_of(f"{secret}_file".upper(), Path(path))
        known: dict[str, Any] = {name: given[name] for name in cls.model_fields if name in given}
        try:
            return cls(**known)
        except ValidationError as wrong:
            raise StartupError(sentences(wrong)[0]) from wrong

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def format_of_logs(self) -> Literal["text", "json"]:
        """JSON for machines in production, one prefixed line for people otherwise."""
        return self.log_format or ("json" if self.is_production else "text")

    @property
    def publishers(self) -> tuple[Publisher, ...]:
        """In development there is also `demo`, which may send everything for every tenant."""
        given = self.ingress_publishers or ()
        has_demo = any(publisher.name == DEMO_PUBLISHER.name for publisher in given)
        return given if self.is_production or has_demo else (*given, DEMO_PUBLISHER)

    def administrator_url_of(self, context: str) -> str | None:
        """The URL given for one context's database, or for the server of all; None is embedded."""
        own: SecretStr | None = getattr(self, f"database_url_{context}")
        chosen = own or self.database_url
        return chosen.get_secret_value() if chosen else None

    def has_own_database_url(self, context: str) -> bool:
        return getattr(self, f"database_url_{context}") is not None

    @property
    def needs_embedded_postgres(self) -> bool:
        return any(self.administrator_url_of(context) is None for context in CONTEXTS)


def environment_of(process: dict[str, str]) -> dict[str, str]:
    """The process's environment over what the file `ENV_FILE` (default `.env`) says."""
    path = Path(process.get("ENV_FILE", ".env") or os.devnull)
    said = dotenv_values(path) if path.is_file() else {}
    return {name: value for name, value in said.items() if value is not None} | process


def _content_of(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as wrong:
        raise StartupError(
            f"{variable} names {path}, which cannot be read: {wrong.strerror}."
        ) from wrong


def sentences(wrong: ValidationError) -> list[str]:
    """Each mistake, by the name of its variable and without its value: it may be a secret."""
    return [_sentence(one) for one in wrong.errors(include_input=False, include_url=False)]


def _sentence(mistake: ErrorDetails) -> str:
    variable, *inside = (str(part) for part in mistake["loc"])
    where = f" ({'.'.join(inside)})" if inside else ""
    message = mistake["msg"].removeprefix("Value error, ")
    return f"{variable.upper()}{where} cannot be used: {message[:1].lower()}{message[1:]}."
