"""From where a request came: with all that follows of it, and with nothing that customers get."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.catalogue import COMMANDS
from contracts.wire.codec import decode
from contracts.wire.envelope import HTTP, SYSTEM, Actor, Envelope
from contracts.wire.identity import new_id
from contracts.wire.sealing import Keyring
from gateway.edge.live.stream import Happening
from handlers.delivery.outgoing import Outgoing
from handlers.delivery.work import Done, Happened, Send
from handlers.subscribers.webhooks.hearing import payload_of

HOME = "203.0.113.7"
KEYRING = Keyring("a secret of this test")
TENANT, NOTE = new_id(), new_id()
ANA = Actor("user", str(new_id()), ("staff",))


def cause(**fields: Any) -> Envelope:
    sealed = KEYRING.seal(HOME.encode())
    made = {"channel": HTTP, "address": sealed, "tenant_id": TENANT, "actor": ANA, **fields}
    return Envelope(new_id(), "note.add", "gateway/g", b"{}", **made)


def left(asked: Envelope, *events: Happened, sends: tuple[Send, ...] = ()) -> list[Envelope]:
    """What leaves with the outcome of the command, as it stands on the streams."""
    outgoing = Outgoing("note", KEYRING)
    rows = outgoing.rows(asked, Done(200, events=events, sends=sends), datetime.now(UTC))
    return [decode({name: text.encode() for name, text in row.fields.items()}) for row in rows]


def happened(actor: Actor | None = None) -> Happened:
    return Happened("note.added", "note", NOTE, 1, {"user_id": ANA.id}, actor=actor)


def send() -> Send:
    command = COMMANDS["booking.expire"].model_validate({"booking_id": UUID(int=1)})
    return Send(command, TENANT)


def test_it_goes_on_with_events_and_commands() -> None:
    """The event and the command that a request leads to say from where it came."""
    asked = cause()
    for found in left(asked, happened(), sends=(send(),)):
        assert (found.channel, found.address) == (HTTP, asked.address)


def test_events_of_another_persons_doing_have_it_too() -> None:
    """What was asked for in one context and done in another is from where it was asked for."""
    (found,) = left(cause(actor=SYSTEM), happened(ANA))
    assert (found.actor.id, found.channel) == (ANA.id, HTTP)


def test_what_time_does_comes_from_nowhere() -> None:
    """A hold that somebody's request found run out was not ended from their address."""
    (found,) = left(cause(), happened(Actor("system", "clock")))
    assert (found.channel, found.address) == ("", "")


@pytest.mark.parametrize("shown", [payload_of, lambda one: Happening(1, "", "", one.data).frame])
def test_customers_are_never_told(shown: Any) -> None:
    """Neither a web hook nor the live stream says an address, sealed or not, or who holds it."""
    (event,) = left(cause(), happened())
    text = shown(event)
    text = text.decode() if isinstance(text, bytes) else text
    assert event.address
    assert event.address not in text
    assert HOME not in text
    assert "clientaddress" not in text
    assert orjson.loads(event.data)["user_id"] in text
