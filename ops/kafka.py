"""What of Kafka's settings does not fit together, said before anything is started."""

from collections.abc import Iterator

from ops.errors import StartupError
from ops.settings import Settings


def refuse_incomplete(settings: Settings) -> None:
    """Return when a mirror could sign in as it is told to, or there is none; else raise why not."""
    for misfit in misfits(settings):
        raise StartupError(misfit)


def misfits(settings: Settings) -> Iterator[str]:
    """All that keeps a mirror from signing in as it is told to; nothing where there is none."""
    if settings.kafka_bootstrap_servers is None:
        return
    protocol = settings.kafka_security_protocol
    given = (settings.kafka_sasl_username, settings.kafka_sasl_password)
    if protocol.startswith("SASL") and None in given:
        yield (
            f"KAFKA_SECURITY_PROTOCOL is {protocol}: "
            "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are needed."
        )
    if not protocol.startswith("SASL") and given != (None, None):
        yield (
            f"KAFKA_SECURITY_PROTOCOL is {protocol}, with which nobody signs in: "
            "choose SASL_SSL, or leave out KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD."
        )
    if settings.kafka_ssl_ca_file is not None and not settings.kafka_ssl_ca_file.is_file():
        yield f"KAFKA_SSL_CA_FILE names {settings.kafka_ssl_ca_file}, which is not a file."
    in_the_open = protocol == "SASL_PLAINTEXT" and settings.kafka_sasl_mechanism == "PLAIN"
    if settings.is_production and in_the_open:
        yield (
            "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT with PLAIN sends the password in the open: "
            "production does not start with it."
        )
