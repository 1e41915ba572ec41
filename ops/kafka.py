"""What of Kafka's settings does not fit together, said before anything is started."""

from ops.errors import StartupError
from ops.settings import Settings


def refuse_incomplete(settings: Settings) -> None:
    """Return when a mirror could sign in as it is told to, or there is none; else raise why not."""
    if settings.kafka_bootstrap_servers is None:
        return
    protocol = settings.kafka_security_protocol
    given = (settings.kafka_sasl_username, settings.kafka_sasl_password)
    if protocol.startswith("SASL") and None in given:
        raise StartupError(
            f"KAFKA_SECURITY_PROTOCOL is {protocol}: "
            "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are needed."
        )
    if not protocol.startswith("SASL") and given != (None, None):
        raise StartupError(
            f"KAFKA_SECURITY_PROTOCOL is {protocol}, with which nobody signs in: "
            "choose SASL_SSL, or leave out KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD."
        )
    if settings.kafka_ssl_ca_file is not None and not settings.kafka_ssl_ca_file.is_file():
        raise StartupError(
            f"KAFKA_SSL_CA_FILE names {settings.kafka_ssl_ca_file}, which is not a file."
        )
    in_the_open = protocol == "SASL_PLAINTEXT" and settings.kafka_sasl_mechanism == "PLAIN"
    if settings.is_production and in_the_open:
        raise StartupError(
            "KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT with PLAIN sends the password in the open: "
            "production does not start with it."
        )
