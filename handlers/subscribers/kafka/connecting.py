"""A producer as FastStream makes one: acknowledged by all replicas, idempotent, never left open."""

import logging
import ssl
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.kafka.publisher.producer import AioKafkaFastProducerImpl
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from handlers.delivery.broker import LOG
from handlers.delivery.settings import ProcessSettings

# Milliseconds; what Kafka has not acknowledged by then is given up, and published again.
REQUEST_TIMEOUT = 5_000
_SASL = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


class ClosedProducer(AioKafkaFastProducerImpl):
    """Closes what could not be started; FastStream loses it, with its connections and tasks."""

    __slots__ = ()

    async def connect(self, producer: Any, *given: Any, **named: Any) -> None:
        try:
            await super().connect(producer, *given, **named)
        except BaseException:
            await producer.stop()
            raise


def make_kafka_broker(settings: ProcessSettings) -> KafkaBroker:
    """A broker for publishing alone, not connected yet."""
    broker = KafkaBroker(
        [server.strip() for server in settings.kafka_bootstrap_servers.split(",")],
        client_id=f"slotstream-{settings.consumer_name}",
        acks="all",
        enable_idempotence=True,
        request_timeout_ms=REQUEST_TIMEOUT,
        security=security_of(settings),
        logger=LOG,
        log_level=logging.DEBUG,
    )
    broker.config.broker_config.producer = ClosedProducer(parser=None, decoder=None)
    return broker


def security_of(settings: ProcessSettings) -> BaseSecurity | None:
    """TLS and sign-in as the settings say. With TLS the host's name is verified, always."""
    protocol = settings.kafka_security_protocol
    context = (
        ssl.create_default_context(cafile=settings.kafka_ssl_ca_file or None)
        if protocol in ("SSL", "SASL_SSL")
        else None
    )
    if not protocol.startswith("SASL"):
        return None if context is None else BaseSecurity(ssl_context=context)
    return _SASL[settings.kafka_sasl_mechanism](
        settings.kafka_sasl_username,
        settings.kafka_sasl_password.get_secret_value(),
        ssl_context=context,
    )
