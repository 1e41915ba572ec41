"""Settings of a gateway process, read once from the environment."""

import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.wire.streams import INSTANCE
from gateway.edge.client_address import Network, networks
from gateway.edge.rate_limits import Quotas
from gateway.edge.throttle import GuessQuotas
from gateway.edge.windows import Quota
from journal.collector import Collector


class GatewaySettings(BaseSettings):
    """Field names are the environment's names, in lower case."""

    model_config = SettingsConfigDict(extra="ignore")

    redis_url: str
    secret_key: SecretStr
    # What was sealed before the key was changed is opened with the one before.
    secret_key_previous: SecretStr = SecretStr("")
    jwt_jwks_file: Path
    jwt_issuer: str = "slotstream"
    jwt_audience: str = "slotstream"
    instance_name: str = "gateway-1"
    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(default=8000, ge=0, le=65535)
    # Where metrics alone are served, of this process alone; 0: nowhere but on the common port.
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    environment: str = "development"
    log_level: str = "INFO"
    log_format: str = "text"
    # Unset: nothing is traced.
    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_headers: SecretStr = SecretStr("")
    otel_service_name: str = "slotstream"
    otel_traces_sampler_arg: float = Field(default=1.0, ge=0, le=1)
    request_timeout_seconds: float = Field(default=10, gt=0, le=60)
    tenant_in_flight_max: int = Field(default=500, ge=1)
    tenant_followers_max: int = Field(default=200, ge=1)
    caller_followers_max: int = Field(default=10, ge=1)
    cors_origins: str = ""
    allowed_hosts: str = ""
    trusted_proxies: str = ""
    rate_limit_enabled: bool = True
    rate_limit_address: str = "3000/60"
    rate_limit_tenant: str = "60000/60"
    rate_limit_user: str = "6000/60"
    rate_limit_mail: str = "60/3600"
    rate_limit_sign_in: str = "10/900"
    rate_limit_sign_in_address: str = "100/900"
    rate_limit_sign_in_account: str = "100/3600"
    rate_limit_sign_in_tenant: str = "1000/900"

    @field_validator("instance_name")
    @classmethod
    def _is_instance(cls, value: str) -> str:
        if not INSTANCE.match(value):
            raise ValueError("INSTANCE_NAME takes lower-case letters, digits, dots and hyphens")
        return value

    @field_validator(
        *(f"rate_limit_{what}" for what in ("address", "tenant", "user", "mail", "sign_in")),
        *(f"rate_limit_sign_in_{whose}" for whose in ("address", "account", "tenant")),
    )
    @classmethod
    def _is_quota(cls, value: str) -> str:
        Quota.read(value)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        networks(names(value))
        return value

    @property
    def collector(self) -> Collector:
        """Where spans go."""
        return Collector(
            self.otel_exporter_otlp_endpoint,
            self.otel_exporter_otlp_headers.get_secret_value(),
            self.otel_service_name,
            self.otel_traces_sampler_arg,
        )

    @property
    def proxies(self) -> tuple[Network, ...]:
        """Whose X-Forwarded-For is believed."""
        return networks(names(self.trusted_proxies))

    @property
    def quotas(self) -> Quotas | None:
        """None where limits are switched off."""
        if not self.rate_limit_enabled:
            return None
        return Quotas(
            Quota.read(self.rate_limit_address),
            Quota.read(self.rate_limit_tenant),
            Quota.read(self.rate_limit_user),
            Quota.read(self.rate_limit_mail),
        )

    @property
    def guess_quotas(self) -> GuessQuotas | None:
        """None where limits are switched off."""
        if not self.rate_limit_enabled:
            return None
        return GuessQuotas(
            account_at_address=Quota.read(self.rate_limit_sign_in),
            address=Quota.read(self.rate_limit_sign_in_address),
            account=Quota.read(self.rate_limit_sign_in_account),
            tenant=Quota.read(self.rate_limit_sign_in_tenant),
        )

    @property
    def origins(self) -> list[str]:
        """Who may call from a browser; in development anybody, where nobody was named."""
        named = names(self.cors_origins)
        return named or (["*"] if self.environment == "development" else [])


def names(text: str) -> list[str]:
    """A list written `a, b` or `["a", "b"]`."""
    stripped = (part.strip(" \t\"'") for part in text.strip().strip("[]").split(","))
    return [part for part in stripped if part]


def read_settings() -> GatewaySettings:
    """The environment, and beneath it the file that ENV_FILE names; empty names none."""
    return GatewaySettings(_env_file=os.environ.get("ENV_FILE", ".env") or None)
