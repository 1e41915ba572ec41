"""What is worth a record in the audit trail and is no event: refusals, sign-ins, data given out.

Whoever repeats themselves writes few records: the first of a kind at once, the others of the same
window as one, with their number, when it is over.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson

from contracts.wire.envelope import SYSTEM, Actor, Envelope, dataschema_of
from contracts.wire.requester import Requester
from contracts.wire.tracing import next_traceparent

NOTICE = "audit.record"
WINDOW_SECONDS = 60.0
# Kinds that one caller has records of their own for in a window; the rest are one more.
MOST_KINDS = 20
# What strangers can bring about by guessing: in windows as those that throttle it (record 0020).
GUESSES = frozenset(
    {
        *("auth.sign_in_failed", "auth.password_change_failed", "auth.email_change_failed"),
        "apikey.use_refused",
    }
)
GUESS_SECONDS = 900.0
MOST_GUESSES = 50
# Kinds that are remembered of all callers; beyond, the oldest windows are over before their time.
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Noticed:
    """Who was seen at what, in the trail of `tenant_id`, None for the platform's. `operation` is
    the message that was refused, `reason` the error's code. `at` and `until` are RFC 3339. `whose`
    tells apart callers whom nobody knows by anything that may be written down."""

    event_type: str
    tenant_id: UUID | None
    actor: Actor
    at: str
    outcome: str = "refused"
    subject: str = ""
    operation: str = ""
    reason: str = ""
    channel: str = ""
    address: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    traceparent: str = ""
    whose: str = ""
    times: int = 1
    until: str = ""

    @property
    def caller(self) -> tuple[UUID | None, str]:
        """Whose share of records it takes; strangers of a tenant have one share."""
        return self.tenant_id, self.actor.label

    @property
    def kind(self) -> tuple[Any, ...]:
        """What is told apart."""
        told = (self.event_type, self.operation, self.subject, self.reason, self.whose)
        return (*self.caller, *told)

    @property
    def rest(self) -> "Noticed":
        """As one of those of its caller that have no record of their own."""
        return replace(self, operation="", subject="", reason="", whose="")


def noticed_of(
    asked: Envelope, event_type: str, at: str, tenant_id: UUID | None, **more: Any
) -> Noticed:
    """What was noticed of a message: by whom and from where it was sent."""
    return Noticed(
        **{
            "event_type": event_type,
            "tenant_id": tenant_id,
            "actor": asked.actor,
            "at": at,
            "channel": asked.channel,
            "address": asked.address,
            "correlation_id": asked.correlation_id,
            "causation_id": str(asked.id),
            "traceparent": asked.traceparent,
            **more,
        }
    )


def notice_document(noticed: Noticed) -> dict[str, Any]:
    """The body of `audit.record`: what the envelope does not say."""
    said: dict[str, Any] = {
        "event_type": noticed.event_type,
        "outcome": noticed.outcome,
        "requested_by": Requester.of(noticed.actor).model_dump(mode="json"),
        "subject": noticed.subject,
        "operation": noticed.operation,
        "reason": noticed.reason,
    }
    return said | ({"times": noticed.times, "until": noticed.until} if noticed.until else {})


def notice_of(noticed: Noticed, identity: UUID, source: str) -> Envelope:
    """The command that has it written down; its id is the record's."""
    return Envelope(
        id=identity,
        type=NOTICE,
        source=source,
        data=orjson.dumps(notice_document(noticed)),
        time=noticed.at,
        tenant_id=noticed.tenant_id,
        actor=SYSTEM,
        correlation_id=noticed.correlation_id,
        causation_id=noticed.causation_id,
        traceparent=next_traceparent(noticed.traceparent),
        dataschema=dataschema_of(NOTICE),
        channel=noticed.channel,
        address=noticed.address,
    )


@dataclass(slots=True)
class _Window:
    """One kind since `began`: `counted` stands for all that were not written at once."""

    began: float
    caller: tuple[UUID | None, str]
    counted: Noticed | None = None


class Tally:
    """What was noticed of late, by kind. `now` is a clock that does not go back, in seconds."""

    def __init__(
        self,
        seconds: float = WINDOW_SECONDS,
        kinds: int = MOST_KINDS,
        remembered: int = MOST_REMEMBERED,
    ) -> None:
        self._seconds = seconds
        self._kinds = kinds
        self._remembered = remembered
        # All are of one length, so the first is always the next to be over.
        self._windows: OrderedDict[tuple[Any, ...], _Window] = OrderedDict()
        self._open: dict[tuple[UUID | None, str], int] = {}

    def add(self, noticed: Noticed, now: float) -> list[Noticed]:
        """What is to be written down at once."""
        told = list(self.over(now))
        window = self._windows.get(noticed.kind)
        if window is None and self._open.get(noticed.caller, 0) >= self._kinds:
            noticed = noticed.rest
            window = self._windows.get(noticed.kind)
        if window is None:
            while len(self._windows) >= self._remembered:
                told += self._closed()
            self._windows[noticed.kind] = _Window(now, noticed.caller)
            self._open[noticed.caller] = self._open.get(noticed.caller, 0) + 1
            return [*told, noticed]
        window.counted = _one_more(window.counted, noticed)
        return told

    def over(self, now: float) -> Iterator[Noticed]:
        """The sums of windows that are over; each is told once."""
        while self._windows:
            first = next(iter(self._windows.values()))
            if now - first.began < self._seconds:
                return
            yield from self._closed()

    def rest(self) -> Iterator[Noticed]:
        """All sums, for whoever is about to stop."""
        while self._windows:
            yield from self._closed()

    def _closed(self) -> list[Noticed]:
        _, window = self._windows.popitem(last=False)
        left = self._open[window.caller] - 1
        if left:
            self._open[window.caller] = left
        else:
            del self._open[window.caller]
        return [] if window.counted is None else [window.counted]


class Tallies:
    """What was noticed of late: guesses by their own measure, and the rest."""

    def __init__(self) -> None:
        self._guesses = Tally(GUESS_SECONDS, MOST_GUESSES)
        self._others = Tally()

    def add(self, noticed: Noticed, now: float) -> list[Noticed]:
        """What is to be written down at once."""
        guessed = noticed.event_type in GUESSES
        return (self._guesses if guessed else self._others).add(noticed, now)

    def over(self, now: float) -> Iterator[Noticed]:
        """The sums of windows that are over; each is told once."""
        yield from self._guesses.over(now)
        yield from self._others.over(now)

    def rest(self) -> Iterator[Noticed]:
        """All sums, for whoever is about to stop."""
        yield from self._guesses.rest()
        yield from self._others.rest()


def _one_more(counted: Noticed | None, noticed: Noticed) -> Noticed:
    """The same kind once more: the record begins with the first, and is from the last's address."""
    if counted is None:
        return replace(noticed, until=noticed.at)
    return replace(noticed, at=counted.at, until=noticed.at, times=counted.times + noticed.times)
