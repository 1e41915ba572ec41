"""How many requests an address, a tenant and a caller may make: counted before anything is done.

Before sign-in, and for what is refused at the door, an address counts; after it, the tenant and who
calls. The answer says what is left (draft-ietf-httpapi-ratelimit-headers-11).
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from contracts.wire.identity import NIL
from contracts.wire.problems import Problem
from gateway.edge.client_address import neighbourhood
from gateway.edge.problems import Refused, refused
from gateway.edge.sign_in import Caller
from gateway.edge.stream_client import StreamClient
from gateway.edge.visit import Visit
from gateway.edge.windows import Quota, Verdict, Window, admission, verdict_of


@dataclass(frozen=True, slots=True)
class Quotas:
    """What an installation grants; a caller is a user, a service or a platform administrator.
    `mail` is how many mails a client may have sent to others."""

    address: Quota
    tenant: Quota
    caller: Quota
    mail: Quota


class RateLimits:
    """Without quotas nothing is counted and nothing is refused."""

    def __init__(self, streams: StreamClient, quotas: Quotas | None, key: bytes) -> None:
        self._streams = streams
        self._quotas = quotas
        self._key = key

    async def admit(self, visit: Visit, caller: Caller, *, mails: bool = False) -> None:
        """Counts the request on its caller and their tenant, on its address where nobody has
        signed in; one that `mails` on its address besides. Raises Refused: 429, or 503 where Redis
        cannot be asked."""
        if self._quotas is None:
            return
        windows = self._windows(self._quotas, visit, caller)
        if mails:
            whose = address_digest(self._key, visit.address)
            windows += (Window("mail", self._quotas.mail, limit_key(NIL, "mail", whose)),)
        script, keys, words = admission(windows)
        told = await self._streams.run(script, keys, *words)
        if told is None:
            raise refused("unavailable", "The message broker does not answer.")
        verdict = verdict_of(windows, told)
        visit.adds.extend(fields_of(verdict))
        if not verdict.admitted:
            raise exceeded(verdict)

    def _windows(self, quotas: Quotas, visit: Visit, caller: Caller) -> tuple[Window, ...]:
        if caller.actor.kind == "anonymous":
            whose = address_digest(self._key, visit.address)
            return (Window("address", quotas.address, limit_key(NIL, "address", whose)),)
        actor = caller.actor
        if actor.kind == "platform" or caller.tenant_id is None:
            # Who operates the installation uses up no tenant's share.
            return (Window(actor.kind, quotas.caller, limit_key(NIL, actor.label)),)
        tenant_id = caller.tenant_id
        return (
            Window("tenant", quotas.tenant, limit_key(tenant_id, "tenant")),
            Window(actor.kind, quotas.caller, limit_key(tenant_id, actor.label)),
        )


def limit_key(tenant: UUID | str, *rest: str) -> str:
    """`limit:{tenant}:…`, the tenant first."""
    return ":".join(("limit", str(tenant), *rest))


def address_digest(key: bytes, address: str) -> str:
    """An address as it stands in keys: addresses are people's data."""
    return hmac.new(key, neighbourhood(address).encode(), sha256).hexdigest()[:32]


def exceeded(verdict: Verdict) -> Refused:
    limits = [left.window.policy for left in verdict.left if not left.count]
    detail = f"The limit of requests for this {' and '.join(limits)} is reached."
    return too_many(detail, verdict.retry_after, *limits)


def too_many(detail: str, seconds: int, *limits: str) -> Refused:
    """429, with the seconds after which to try again in header and body; `limits` are the names of
    those that were reached."""
    problem = Problem(code="rate_limited", detail=detail, extra={"retry_after": seconds})
    return Refused(problem, limits=limits)


def fields_of(verdict: Verdict) -> Sequence[tuple[bytes, bytes]]:
    """RateLimit-Policy and RateLimit: structured fields (RFC 9651), one item for each window."""
    policies, limits = [], []
    for left in verdict.left:
        name, quota = left.window.policy, left.window.quota
        policies.append(f'"{name}";q={quota.count};w={quota.seconds}')
        limits.append(f'"{name}";r={left.count};t={left.seconds}')
    return (
        (b"ratelimit-policy", ", ".join(policies).encode()),
        (b"ratelimit", ", ".join(limits).encode()),
    )
