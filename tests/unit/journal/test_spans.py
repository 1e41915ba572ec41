"""What is recorded of messages, under which ids, and that nothing is where nobody records."""

from uuid import UUID

import pytest

from contracts.wire.envelope import Envelope
from contracts.wire.tracing import span_id_of, trace_id_of
from journal import bearings
from journal.messages import Working, publishing, sending, sent
from journal.spans import begun, here
from tests.spans import recording

MESSAGE = Envelope(
    id=UUID("0198a0b2-0000-7000-8000-00000000000a"),
    type="booking.create",
    source="test",
    data=b'{"notes": "canary"}',
    correlation_id="canary",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
UNSAMPLED = MESSAGE.with_fields(traceparent=MESSAGE.traceparent[:-1] + "0")
ANOTHER = MESSAGE.with_fields(traceparent=begun())


def test_where_nobody_records_ids_stay_as_they_are() -> None:
    """What leaves has the traceparent of what brought it about, as it is written."""
    fields = {"traceparent": MESSAGE.traceparent}
    assert sending("a.commands", MESSAGE, waits=True) is None
    assert publishing("a.events", fields) == (fields, None)
    with Working("a.commands", "a", MESSAGE) as work:
        assert work.bearings.traceparent == MESSAGE.traceparent
        assert here(MESSAGE.traceparent) == MESSAGE.traceparent
    assert bearings.now() is None


def test_what_nobody_wants_kept_is_not() -> None:
    """The sampled flag is off: nothing is recorded, and nothing on the wire is another."""
    with recording() as kept:
        fields = {"traceparent": UNSAMPLED.traceparent}
        assert publishing("a.events", fields) == (fields, None)
        sent("a.commands", UNSAMPLED)
        with Working("a.commands", "a", UNSAMPLED):
            assert here(UNSAMPLED.traceparent) == UNSAMPLED.traceparent
    assert kept == []


def test_a_message_from_hand_to_hand() -> None:
    """Sent, worked on, an event published and heard: each span is under the one before it, and the
    ids are those that stand on the wire. Nothing that was confided is in any."""
    with recording() as kept:
        sent("a.commands", MESSAGE)
        with Working("a.commands", "a", MESSAGE, 2):
            event = MESSAGE.with_fields(type="a.made", traceparent=here(MESSAGE.traceparent))
        fields, span = publishing(
            "a.events", {"type": event.type, "traceparent": event.traceparent}
        )
        assert span is not None
        span.end()
        heard = event.with_fields(traceparent=fields["traceparent"])
        with Working("a.events", "audit", heard):
            bearings.ends_as("left_pending", "KeyError")
    asked, worked, published, consumed = kept
    assert asked.traceparent == MESSAGE.traceparent
    assert worked.parent == asked.traceparent
    assert (published.parent, event.traceparent) == (worked.traceparent, worked.traceparent)
    assert (consumed.parent, heard.traceparent) == (published.traceparent, published.traceparent)
    assert [span.kind for span in kept] == ["producer", "consumer", "producer", "consumer"]
    assert {trace_id_of(span.traceparent) for span in kept} == {trace_id_of(MESSAGE.traceparent)}
    assert len({span_id_of(span.traceparent) for span in kept}) == 4
    assert (worked.attributes["slotstream.outcome"], worked.error) == ("done", "")
    assert (consumed.attributes["slotstream.outcome"], consumed.error) == (
        "left_pending",
        "KeyError",
    )
    assert worked.attributes["slotstream.delivery"] == 2
    assert "canary" not in str(kept)


def test_what_is_asked_meanwhile_is_under_the_work() -> None:
    """Also where it names the message as its cause; what belongs to another trace is under nothing
    of this one."""
    asked = MESSAGE.with_fields(traceparent=begun(MESSAGE.traceparent))
    with recording() as kept:
        with Working("a.commands", "a", MESSAGE):
            for one in (asked, ANOTHER):
                span = sending("b.queries", one, waits=True, under=MESSAGE.traceparent)
                assert span is not None
                span.end()
        sending("b.queries", asked, waits=True, under=MESSAGE.traceparent).end()  # type: ignore[union-attr]
    under_work, of_another, work, by_itself = kept
    assert under_work.parent == work.traceparent
    assert of_another.parent == ""
    assert by_itself.parent == MESSAGE.traceparent
    assert under_work.kind == "client"


def test_an_exception_that_leaves_the_work_ends_it() -> None:
    """As an error, by its kind and without its text; nobody works on it any more."""
    with (
        pytest.raises(RuntimeError),
        recording() as kept,
        Working("a.commands", "a", MESSAGE),
    ):
        raise RuntimeError("canary")
    assert [span.error for span in kept] == ["RuntimeError"]
    assert bearings.now() is None
