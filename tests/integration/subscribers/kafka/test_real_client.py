"""The real client of Kafka, where there is none: what it does without a server can be proved."""

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from faststream.kafka.security import parse_security
from pydantic import SecretStr

from contracts.wire.identity import new_id
from handlers.app.subscribing import mirror as run_mirror
from handlers.delivery.settings import ProcessSettings
from handlers.subscribers.kafka import publishing
from handlers.subscribers.kafka.binding import record_of
from handlers.subscribers.kafka.connecting import make_kafka_broker, security_of
from handlers.subscribers.kafka.publishing import Kafka, KafkaAway
from ops.embedded.ports import free_port
from tests.integration.subscribers.kafka.conftest import (
    START_SECONDS,
    Mirror,
    Streams,
    ended,
    event,
)
from tests.waiting import eventually


@pytest_asyncio.fixture
async def silent() -> AsyncIterator[str]:
    """An address that takes connections and says nothing."""
    leave = asyncio.Event()

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await leave.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    leave.set()
    server.close()
    await server.wait_closed()


def settings(**more: Any) -> ProcessSettings:
    return ProcessSettings(
        _env_file=None, redis_url="redis://nowhere", secret_key=SecretStr("x" * 32), **more
    )


@pytest.mark.parametrize("kind", ["closed", "silent"])
async def test_nobody_there_is_an_outage(
    kind: str, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused or without an answer: KafkaAway within the limit, not well, no answer, and nothing
    is left open (an unclosed producer would be a warning, which is an error here)."""
    for name in ("PUBLISH_SECONDS", "CONNECT_SECONDS"):
        monkeypatch.setattr(publishing, name, 0.5)
    servers = silent if kind == "silent" else f"127.0.0.1:{free_port()}"
    kafka = Kafka(lambda: make_kafka_broker(settings(kafka_bootstrap_servers=servers)))
    with pytest.raises(KafkaAway):
        await kafka.publish(record_of(event(new_id()), "slotstream.reservation.events"))
    assert not kafka.is_well
    assert not await kafka.answers()
    await kafka.close()
    gc.collect()


async def test_restarts_while_it_is_away_are_no_deliveries(
    mirror: Mirror, streams: Streams
) -> None:
    """The real process with the real client: it stays, ends at a signal with 0, and what it had
    read is as it was, however often it is started."""
    await streams.publish(event(new_id()), event(new_id()))
    for start in range(1, 4):
        said = "no Kafka" if start > 1 else "a dependency is away"
        told = mirror.log().count(said)
        with mirror.running(servers=f"127.0.0.1:{free_port()}") as process:
            await eventually(lambda: mirror.log().count(said) > told, START_SECONDS)  # noqa: B023 - this turn's
            assert process.poll() is None
            if start > 1:
                process.terminate()
                assert await ended(process) == 0
            else:
                process.kill()
        assert [one["times_delivered"] for one in await streams.pending()] == [1, 1]


async def test_without_servers_there_is_no_mirror() -> None:
    """It says so and ends."""
    assert await run_mirror(settings()) == 2


def test_security_is_what_the_settings_say(tmp_path: Path) -> None:
    """What the client is given for each protocol: with TLS certificate and host name are verified,
    against the given authorities if there are some."""
    assert security_of(settings()) is None
    tls = parse_security(security_of(settings(kafka_security_protocol="SSL")))
    assert tls["security_protocol"] == "SSL"
    assert tls["ssl_context"].check_hostname
    assert tls["ssl_context"].verify_mode == ssl.CERT_REQUIRED
    for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        signed_in = parse_security(
            security_of(
                settings(
                    kafka_security_protocol="SASL_SSL",
                    kafka_sasl_mechanism=mechanism,
                    kafka_sasl_username="slotstream",
                    kafka_sasl_password="canary",
                )
            )
        )
        assert signed_in.pop("ssl_context").check_hostname
        assert signed_in == {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": mechanism,
            "sasl_plain_username": "slotstream",
            "sasl_plain_password": "canary",
        }
    plain = parse_security(security_of(settings(kafka_security_protocol="SASL_PLAINTEXT")))
    assert (plain["security_protocol"], plain["ssl_context"]) == ("SASL_PLAINTEXT", None)
    missing = settings(kafka_security_protocol="SSL", kafka_ssl_ca_file=str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError):
        security_of(missing)


async def test_each_record_is_acknowledged_by_all_and_sent_once_by_its_producer() -> None:
    """acks=all and an idempotent producer: what it sends again by itself is not there twice, and
    never in another order."""
    broker = make_kafka_broker(settings(kafka_bootstrap_servers="a.example:9092, b.example:9092"))
    told = broker._connection_kwargs
    assert told["bootstrap_servers"] == ["a.example:9092", "b.example:9092"]
    assert (told["acks"], told["enable_idempotence"]) == ("all", True)
