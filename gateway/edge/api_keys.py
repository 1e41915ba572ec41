"""Keys of machines (`X-API-Key`): whose they are is asked of the user context, and remembered for
two seconds, so that a revocation takes effect within seconds.

What is no key costs nothing here; an unknown one costs one question and is then remembered, too, as
unknown. Strangers' questions under way are counted, so that guessing keys is not a way to load the
user context, and never keeps a key that was good a moment ago from being asked about.
"""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar
from uuid import UUID, uuid5

from contracts.catalogue import COMMANDS, QUERIES
from contracts.wire.envelope import HTTP, KEY_ROLE, SYSTEM, Actor, Envelope, dataschema_of
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from contracts.wire.sealing import Keyring, seal_fields
from contracts.wire.strict import Message, rfc3339
from contracts.wire.tracing import next_traceparent
from gateway.edge.client_address import UNKNOWN, Network, sealed_address
from gateway.edge.problems import Refused, refused
from gateway.edge.stream_client import NoReply, StreamClient
from gateway.edge.tokens import Identity
from gateway.edge.visit import Visit

KEY = re.compile(r"^sk_[A-Za-z0-9_-]{86}$")
BELIEVED_SECONDS = 2.0
UNKNOWN_SECONDS = 5.0
KEPT = 4_096
MOST_STRANGERS = 64
ANSWER_WITHIN = 3.0
_NEVER = 2**62
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What the user context said of a key, and until when that is believed."""

    identity: Identity
    networks: tuple[Network, ...]
    marks_use: bool
    until: float


# What a question can end in: a key, None for one that is not known, or the code of a refusal.
Found = KnownKey | None | str


class ApiKeys:
    """Keys by the digest of what was sent: the key itself is kept nowhere."""

    def __init__(
        self,
        streams: StreamClient,
        keyring: Keyring,
        instance: str,
        within_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        refused_use: Callable[[Visit, Identity, str], None] = lambda _visit, _key, _why: None,
    ) -> None:
        self._streams = streams
        self._keyring = keyring
        self._instance = instance
        self._within = min(within_seconds, ANSWER_WITHIN)
        self._clock = clock
        self._refused_use = refused_use
        self._good: OrderedDict[bytes, KnownKey] = OrderedDict()
        self._unknown: OrderedDict[bytes, float] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Found]] = {}
        self._strangers = 0
        self.hits = self.misses = 0
        self._marked: OrderedDict[UUID, int] = OrderedDict()
        self._marking: set[asyncio.Task[Any]] = set()

    async def identity(self, visit: Visit) -> Identity:
        """Whom the key names. Raises Refused: the same 401 for whatever is wrong with it, 503 where
        nobody can say."""
        text = visit.header(b"x-api-key")
        if not KEY.match(text):
            raise _not_known()
        found = await self._found(text, visit)
        if isinstance(found, str):
            raise refused(found, "Whose key this is cannot be found out now.")
        if found is None:
            raise _not_known()
        if found.identity.expires_at <= time.time():
            self._refused_use(visit, found.identity, "expired")
            raise _not_known()
        if found.networks and not _is_within(visit.address, found.networks):
            self._refused_use(visit, found.identity, "address_not_allowed")
            raise _not_known()
        if found.marks_use:
            self._mark(found.identity, visit)
        return found.identity

    async def _found(self, text: str, visit: Visit) -> Found:
        digest = sha256(text.encode()).digest()
        known, now = self._good.get(digest), self._clock()
        if known is not None and known.until > now:
            self.hits += 1
            return known
        if self._unknown.get(digest, now) > now:
            self.hits += 1
            return None
        self.misses += 1
        task = self._asking.get(digest)
        if task is None:
            if known is None and self._strangers >= MOST_STRANGERS:
                return "overloaded"
            asking = self._ask(digest, text, visit, stranger=known is None)
            task = asyncio.get_running_loop().create_task(asking)
            self._asking[digest] = task
        # Who gives up waiting takes the answer from nobody else.
        return await asyncio.shield(task)

    async def _ask(self, digest: bytes, text: str, visit: Visit, *, stranger: bool) -> Found:
        self._strangers += stranger
        try:
            question = QUERIES["apikey.verify"].model_validate({"key": text})
            asked = self._envelope(question, new_id(), None, visit, reply_to=self._instance)
            reply = await self._streams.ask(question.context, asked, self._within)
            return self._remembered(digest, reply)
        finally:
            self._strangers -= stranger
            del self._asking[digest]

    def _remembered(self, digest: bytes, reply: Reply | NoReply) -> Found:
        if not isinstance(reply, Reply):
            return "timeout" if reply is NoReply.LATE else "unavailable"
        if reply.status == 200:
            known = _read(reply.body, self._clock() + BELIEVED_SECONDS)
            _keep(self._good, digest, known)
            return known
        if reply.status == 401:
            self._good.pop(digest, None)
            _keep(self._unknown, digest, self._clock() + UNKNOWN_SECONDS)
            return None
        return "unavailable"

    def _mark(self, identity: Identity, visit: Visit) -> None:
        """Has the use written down, and nobody waits for it. Gateways that do so in the same minute
        send the same command."""
        key_id, minute = UUID(identity.actor.id), int(time.time() // 60)
        if self._marked.get(key_id) == minute:
            return
        _keep(self._marked, key_id, minute)
        command = COMMANDS["apikey.mark_used"].model_validate({"apikey_id": key_id})
        said = self._envelope(command, uuid5(key_id, f"used/{minute}"), identity.tenant_id, visit)
        telling = self._streams.tell(command.context, said, 0.0, kept=False)
        task = asyncio.get_running_loop().create_task(telling)
        self._marking.add(task)
        task.add_done_callback(self._marking.discard)

    def _envelope(
        self,
        message: Message,
        message_id: UUID,
        tenant_id: UUID | None,
        visit: Visit,
        reply_to: str = "",
    ) -> Envelope:
        data = message.model_dump_json(exclude_unset=True, by_alias=True).encode()
        return Envelope(
            id=message_id,
            type=message.type,
            source=f"gateway/{self._instance}",
            data=seal_fields(data, message.secret_fields, self._keyring),
            time=rfc3339(datetime.fromtimestamp(time.time(), UTC)),
            tenant_id=tenant_id,
            actor=SYSTEM,
            correlation_id=visit.request_id,
            traceparent=next_traceparent(visit.traceparent),
            dataschema=dataschema_of(message.type),
            ttl_ms=int(self._within * 1000) if reply_to else 60_000,
            reply_to=reply_to,
            channel=HTTP,
            address=sealed_address(visit.address, self._keyring),
        )


def _not_known() -> Refused:
    return refused("invalid_token", "This API key is not known.")


def _read(body: Any, until: float) -> KnownKey:
    """The answer to `apikey.verify`. A key is no person, and holds its scopes alone."""
    ends = body["expires_at"]
    actor = Actor(
        kind="service",
        id=str(UUID(body["apikey_id"])),
        roles=(KEY_ROLE,),
        permissions=frozenset(body["scopes"]) - {"*"},
    )
    return KnownKey(
        identity=Identity(
            actor=actor,
            tenant_id=UUID(body["tenant_id"]),
            expires_at=_NEVER if ends is None else int(datetime.fromisoformat(ends).timestamp()),
        ),
        networks=tuple(ip_network(network) for network in body["cidrs"]),
        marks_use=body["marks_use"],
        until=until,
    )


def _is_within(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether the client's address, as it is seen past trusted proxies, is in one of these."""
    if address == UNKNOWN:
        return False
    found = ip_address(address)
    return any(found in network for network in networks)


def _keep(known: OrderedDict[K, V], key: K, value: V) -> None:
    """The newest entries, and no more than are worth the memory."""
    known[key] = value
    known.move_to_end(key)
    while len(known) > KEPT:
        known.popitem(last=False)
