"""The parts that every route shares, built once from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from litestar import Litestar

from contracts.wire.identity import derived_key
from contracts.wire.sealing import Keyring
from gateway.edge.api_keys import ApiKeys
from gateway.edge.client_address import ClientAddresses
from gateway.edge.doorway import Drain
from gateway.edge.limits import InFlight
from gateway.edge.live.events import LiveEvents
from gateway.edge.live.seats import Seats
from gateway.edge.metrics import GatewayMetrics
from gateway.edge.rate_limits import RateLimits
from gateway.edge.settings import GatewaySettings
from gateway.edge.sign_in import Proofs
from gateway.edge.stream_client import StreamClient
from gateway.edge.throttle import Throttle
from gateway.edge.tokens import KeyFile, Verifier
from gateway.edge.trail import Trail
from gateway.edge.visit import HttpRequest


@dataclass(frozen=True, slots=True)
class Parts:
    """What a route needs besides the request."""

    instance: str
    timeout_seconds: float
    fingerprint_key: bytes
    keyring: Keyring
    proofs: Proofs
    streams: StreamClient
    in_flight: InFlight
    rate_limits: RateLimits
    throttle: Throttle
    addresses: ClientAddresses
    drain: Drain
    live: LiveEvents
    trail: Trail
    metrics: GatewayMetrics

    @asynccontextmanager
    async def running(self, _: Litestar) -> AsyncIterator[None]:
        """Reading replies and feeling the pulse, as long as the application lives."""
        await self.streams.start()
        self.live.start()
        self.trail.start()
        try:
            yield
        finally:
            await self.live.stop()
            await self.trail.stop()
            await self.streams.stop()


def build_parts(settings: GatewaySettings) -> Parts:
    secret = settings.secret_key.get_secret_value()
    keyring = Keyring.of(secret, settings.secret_key_previous.get_secret_value())
    limits_key = derived_key(secret, "limits")
    keys = KeyFile(settings.jwt_jwks_file)
    streams = StreamClient(settings.redis_url, settings.instance_name, keyring)
    trail = Trail(streams, keyring, settings.instance_name)
    parts = Parts(
        instance=settings.instance_name,
        timeout_seconds=settings.request_timeout_seconds,
        fingerprint_key=derived_key(secret, "fingerprint"),
        keyring=keyring,
        proofs=Proofs(
            Verifier(keys, settings.jwt_issuer, settings.jwt_audience),
            ApiKeys(
                streams,
                keyring,
                settings.instance_name,
                settings.request_timeout_seconds,
                refused_use=trail.key_refused,
            ),
        ),
        streams=streams,
        in_flight=InFlight(settings.tenant_in_flight_max),
        rate_limits=RateLimits(streams, settings.quotas, limits_key),
        throttle=Throttle(
            streams, settings.guess_quotas, limits_key, settings.request_timeout_seconds
        ),
        addresses=ClientAddresses(settings.proxies),
        drain=Drain(),
        live=LiveEvents(
            settings.redis_url,
            Seats(streams, settings.tenant_followers_max, settings.caller_followers_max),
        ),
        trail=trail,
        metrics=GatewayMetrics(),
    )
    watch(parts)
    return parts


def watch(parts: Parts) -> None:
    """What the parts know of themselves stands on the page of metrics."""
    metrics = parts.metrics
    metrics.caches |= {"tokens": parts.proofs.tokens, "api_keys": parts.proofs.keys}
    metrics.look_at("redis_up", "1 where Redis answers this process.", lambda: parts.streams.alive)
    metrics.look_at(
        "event_followers", "Connections that follow events.", lambda: parts.live.dealer.followers
    )


def parts_of(request: HttpRequest) -> Parts:
    state: Any = request.app.state
    parts: Parts = state.parts
    return parts
