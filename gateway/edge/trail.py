"""The gateway's notes for the audit trail: nobody waits for them, and nobody fills it by them."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.wire.envelope import HTTP, Actor
from contracts.wire.identity import new_id
from contracts.wire.noticing import Noticed, Tallies, notice_of
from contracts.wire.sealing import Keyring
from contracts.wire.strict import Message, rfc3339
from gateway.edge.client_address import sealed_address
from gateway.edge.sign_in import Caller
from gateway.edge.stream_client import NoReply, StreamClient, ended
from gateway.edge.tokens import Identity
from gateway.edge.visit import Visit

LOOK_EVERY = 1.0
STOPS_WITHIN = 1.0


class Trail:
    """What was noticed becomes `audit.record`; without Redis it is lost, as the request is."""

    def __init__(self, streams: StreamClient, keyring: Keyring, instance: str) -> None:
        self._streams = streams
        self._keyring = keyring
        self._source = f"gateway/{instance}"
        self._tally = Tallies()
        self._sending: set[asyncio.Task[Any]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.get_running_loop().create_task(self._run())]

    async def stop(self) -> None:
        """What was counted is written down, where Redis is there to take it."""
        await ended(self._tasks)
        self._write(self._tally.rest())
        if self._sending:
            await asyncio.wait(self._sending, timeout=STOPS_WITHIN)

    def refused(
        self,
        visit: Visit,
        message: type[Message],
        actor: Actor,
        tenant_id: UUID | None,
        ids: Mapping[str, str],
    ) -> None:
        """Somebody asked for what their permissions do not admit them to."""
        self.notice(
            self.noticed(
                visit,
                "permission.refused",
                actor,
                tenant_id,
                operation=message.type,
                subject=subject_in(message, ids),
                reason="forbidden",
            )
        )

    def looked(
        self, visit: Visit, message: type[Message], caller: Caller, ids: Mapping[str, str]
    ) -> None:
        """Somebody of the platform asks for something of a tenant: its own people see that."""
        more = {"operation": message.type, "subject": subject_in(message, ids)}
        kind, actor = "platform.read", caller.actor
        self.notice(self.noticed(visit, kind, actor, caller.tenant_id, outcome="succeeded", **more))

    def key_refused(self, visit: Visit, identity: Identity, reason: str) -> None:
        """A key that is known was used where, or when, it is good for nothing."""
        subject = f"apikey/{identity.actor.id}"
        more = {"subject": subject, "operation": "apikey.verify", "reason": reason}
        kind, tenant_id = "apikey.use_refused", identity.tenant_id
        self.notice(self.noticed(visit, kind, identity.actor, tenant_id, **more))

    def noticed(
        self, visit: Visit, event_type: str, actor: Actor, tenant_id: UUID | None, **more: Any
    ) -> Noticed:
        """What was seen of a request just now."""
        return Noticed(
            event_type=event_type,
            tenant_id=tenant_id,
            actor=actor,
            at=rfc3339(datetime.fromtimestamp(time.time(), UTC)),
            channel=HTTP,
            address=sealed_address(visit.address, self._keyring),
            correlation_id=visit.request_id,
            traceparent=visit.traceparent,
            **more,
        )

    def notice(self, noticed: Noticed) -> None:
        """It is written down, or counted with others of its kind; nobody waits."""
        self._write(self._tally.add(noticed, time.monotonic()))

    async def told(self, noticed: Noticed) -> bool:
        """Whether it is on its way to the trail, for what may not happen without a record."""
        found = self._tally.add(noticed, time.monotonic())
        return all([await self._told(one) is NoReply.LATE for one in found])

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._write(self._tally.over(time.monotonic()))

    def _write(self, found: Iterable[Noticed]) -> None:
        for one in found:
            task = asyncio.get_running_loop().create_task(self._told(one))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _told(self, noticed: Noticed) -> Coroutine[Any, Any, Any]:
        notice = notice_of(noticed, new_id(), self._source)
        return self._streams.tell("audit", notice, 0.0, kept=False)


def subject_in(message: type[Message], ids: Mapping[str, str]) -> str:
    """What a path is about: the object of the message's kind, else the first that it names."""
    kind = message.type.partition(".")[0]
    named = {name.removesuffix("_id"): text for name, text in ids.items() if _is_id(text)}
    found = kind if kind in named else next(iter(named), "")
    return f"{found}/{named[found]}" if found else ""


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
