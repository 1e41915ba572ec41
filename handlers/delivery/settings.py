"""Settings of a handler process, read once from the environment."""

import os
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.wire.sealing import Keyring
from journal.collector import Collector

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class ProcessSettings(BaseSettings):
    """Field names are the environment's names, in lower case."""

    # ENV_FILE names another file, or none when it is empty.
    model_config = SettingsConfigDict(
        env_file=os.environ.get("ENV_FILE", ".env") or None, extra="ignore"
    )

    redis_url: str
    secret_key: SecretStr
    # What was sealed before the key was changed is opened with the one before.
    secret_key_previous: SecretStr = SecretStr("")
    environment: str = "development"
    consumer_name: str = "handler-1"
    worker_concurrency: int = Field(default=16, ge=1, le=256)
    request_timeout_seconds: float = Field(default=10, gt=0, le=60)
    # Longer than an access token lives: see handlers.delivery.standing.
    cache_ttl_seconds: int = Field(default=900, ge=1)
    event_retention_days: int = Field(default=30, ge=1)
    # None: as long as there is the tenant that they are of.
    event_archive_days: int | None = Field(default=None, ge=1)
    deleted_retention_days: int = Field(default=90, ge=1)
    audit_address_retention_days: int = Field(default=180, ge=1)
    ingress_publishers: str = ""
    # Unset: the mailbox in development, and nowhere in production.
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = "no-reply@slotstream.example"
    # Unset: the mailbox in development, and no SMS in production.
    sms_url: str = ""
    sms_token: SecretStr = SecretStr("")
    sms_from: str = "Slotstream"
    # Receivers on this machine, for tests and development.
    webhook_allow_private: bool = False
    # Unset: there is no mirror.
    kafka_bootstrap_servers: str = ""
    kafka_topic_prefix: str = "slotstream."
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_mechanism: SaslMechanism = "PLAIN"
    kafka_sasl_username: str = ""
    kafka_sasl_password: SecretStr = SecretStr("")
    # Unset: the machine's own authorities.
    kafka_ssl_ca_file: str = ""
    fail_point: str = ""
    log_level: str = "INFO"
    # 0: no page of metrics.
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    log_format: str = "text"
    # Unset: nothing is traced.
    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_headers: SecretStr = SecretStr("")
    otel_service_name: str = "slotstream"
    otel_traces_sampler_arg: float = Field(default=1.0, ge=0, le=1)
    jwt_private_key_file: str = ""
    database_url_tenant: str = ""
    database_url_resource: str = ""
    database_url_user: str = ""
    database_url_reservation: str = ""
    database_url_subscriber: str = ""
    timer_database_url_tenant: str = ""
    timer_database_url_resource: str = ""
    timer_database_url_user: str = ""
    timer_database_url_reservation: str = ""
    timer_database_url_subscriber: str = ""
    platform_admin_email: str = ""
    platform_admin_password: SecretStr = SecretStr("")

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
    def keyring(self) -> Keyring:
        """What secrets and personal data are sealed with, and opened."""
        return Keyring.of(
            self.secret_key.get_secret_value(), self.secret_key_previous.get_secret_value()
        )

    @property
    def metrics_place(self) -> tuple[str, int]:
        """Where this process listens for whoever reads its metrics."""
        return self.metrics_host, self.metrics_port

    def database_url(self, context: str) -> str:
        """The URL of a context's database for this process's role."""
        return self._url(f"database_url_{context}")

    def timer_database_url(self, context: str) -> str:
        """The same for the role of the timers."""
        return self._url(f"timer_database_url_{context}")

    def _url(self, name: str) -> str:
        url: str = getattr(self, name)
        if not url:
            raise ValueError(f"{name.upper()} is not set")
        return url
