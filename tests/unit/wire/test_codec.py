"""The codec: what goes in comes out, and whatever comes in is read or refused, never worse."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from contracts.wire.codec import MAX_BYTES, Malformed, decode, encode
from contracts.wire.envelope import ANONYMOUS, SYSTEM, Actor, Envelope
from tests.unit.wire.raw_fields import VALID, raw_fields

ID = UUID("019342c0-0000-7000-8000-000000000001")

_texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)
_names = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True)
_actors = st.builds(
    Actor,
    kind=st.sampled_from(("user", "platform", "service", "system")),
    id=st.none() | _texts,
    roles=st.lists(_texts, max_size=3).map(tuple),
    permissions=st.frozensets(_texts, max_size=3),
) | st.just(ANONYMOUS)
envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    type=st.from_regex(r"[a-z][a-z0-9_]{0,9}(\.[a-z][a-z0-9_]{0,9}){0,3}", fullmatch=True),
    source=_texts,
    data=_texts.map(str.encode),
    subject=_texts,
    time=_texts,
    tenant_id=st.none() | st.uuids(),
    actor=_actors,
    correlation_id=_texts,
    causation_id=_texts,
    traceparent=_texts,
    dataschema=_texts,
    ttl_ms=st.none() | st.integers(0, 31 * 86_400_000),
    reply_to=st.just("") | _names,
    sequence=st.none() | st.integers(1, 2**62),
    fingerprint=_texts,
)


def as_redis_gives(fields: dict[str, str | bytes]) -> dict[bytes, bytes]:
    return {
        name.encode(): value.encode() if isinstance(value, str) else value
        for name, value in fields.items()
    }


@given(envelopes)
def test_an_envelope_survives_its_stream(envelope: Envelope) -> None:
    """What was encoded is decoded to the same value, field by field."""
    assert decode(as_redis_gives(encode(envelope))) == envelope


@given(envelopes)
def test_silence_is_left_out(envelope: Envelope) -> None:
    """A field that says nothing is not on the wire; `specversion`, `id`, `type` always are."""
    fields = encode(envelope)
    optional = {name: value for name, value in fields.items() if name not in ("source", "data")}
    assert all(optional.values())
    assert {"specversion", "id", "type", "source", "data"} <= fields.keys()


def _has_composite_kind(raw: dict[bytes, bytes]) -> bool:
    """What test_a_kind_is_a_word is about."""
    return any(mark in raw.get(b"actor", b"") for mark in (b'"kind":[', b'"kind":{'))


@given(raw_fields())
@example({**VALID, b"actor": b'{"kind":"user","id":null,"roles":[],"permissions":[]}'})
@example({**VALID, b"actor": b"[" * 2000 + b"]" * 2000})
@example({**VALID, b"sequence": b"\xd9\xa3"})
@example({**VALID, b"ttlms": b"9" * 19})
@example({b"\xff\xfe": b"\xff"})
@example({})
def test_decoding_knows_one_failure(raw: dict[bytes, bytes]) -> None:
    """Whatever an entry holds, decoding gives an envelope or raises Malformed, nothing else."""
    assume(not _has_composite_kind(raw))
    try:
        envelope = decode(raw)
    except Malformed:
        return
    assert decode(as_redis_gives(encode(envelope))) == envelope


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({b"specversion": b"0.3"}, "invalid_specversion"),
        ({b"type": b"Booking.Create"}, "invalid_type"),
        ({b"type": b"a" * 101}, "invalid_type"),
        ({b"type": b""}, "invalid_type"),
        ({b"id": b""}, "missing_field"),
        ({b"id": b"7"}, "invalid_id"),
        ({b"tenantid": b"salon"}, "invalid_tenantid"),
        ({b"replyto": b"../commands"}, "invalid_replyto"),
        ({b"replyto": b"a b"}, "invalid_replyto"),
        ({b"replyto": b"A"}, "invalid_replyto"),
        ({b"ttlms": b"-1"}, "invalid_ttlms"),
        ({b"ttlms": b"1.5"}, "invalid_ttlms"),
        ({b"ttlms": b"2678400001"}, "invalid_ttlms"),
        ({b"sequence": b"0"}, "invalid_sequence"),
        ({b"actor": b"admin"}, "invalid_actor"),
        ({b"actor": b'{"kind":"root"}'}, "invalid_actor"),
        ({b"actor": b'{"kind":"user","roles":"owner"}'}, "invalid_actor"),
        ({b"actor": b'{"kind":"user","permissions":[1]}'}, "invalid_actor"),
        ({b"actor": b'{"kind":"user","id":7}'}, "invalid_actor"),
        ({b"subject": b"s" * 301}, "field_too_long"),
        ({b"data": b"\xc3("}, "invalid_utf8"),
        ({b"data": b'{"a":"\x00"}'}, "control_character"),
        ({b"data": b"x" * MAX_BYTES}, "too_large"),
    ],
)
def test_a_refusal_names_what_is_wrong(changed: dict[bytes, bytes], code: str) -> None:
    """Each kind of malformed field has a code of its own, which counts and dead letters show."""
    with pytest.raises(Malformed) as caught:
        decode({**VALID, **changed})
    assert caught.value.code == code


@pytest.mark.parametrize("name", [b"replyto", b"type", b"id", b"tenantid"])
def test_a_line_break_is_part_of_no_name(name: bytes) -> None:
    """A trailing line break does not slip through a pattern into a stream's or a handler's name."""
    valid: dict[bytes, bytes] = {**VALID, b"replyto": b"gateway-1"}
    with pytest.raises(Malformed):
        decode({**valid, name: valid[name] + b"\n"})


@pytest.mark.parametrize("kind", [b"[]", b"{}", b'["user"]'])
def test_a_kind_is_a_word(kind: bytes) -> None:
    """An actor whose kind is a list or an object is malformed as any other."""
    with pytest.raises(Malformed):
        decode({**VALID, b"actor": b'{"kind":' + kind + b"}"})


def test_a_stranger_is_anonymous() -> None:
    """An entry without an actor is nobody's, and nobody holds a permission."""
    envelope = decode(VALID)
    assert envelope.actor is ANONYMOUS
    assert not envelope.actor.may("booking:create:own")
    assert (envelope.ttl_ms, envelope.sequence, envelope.reply_to) == (None, None, "")


def test_unknown_fields_are_no_mistake() -> None:
    """CloudEvents extensions that a publisher adds are read over."""
    assert decode({**VALID, b"partitionkey": b"7"}) == decode(VALID)


def test_who_may_what() -> None:
    """One of the permissions is enough; the system's `*` is all; a machine has no bookings."""
    customer = Actor("user", str(ID), ("customer",), frozenset({"booking:read:own"}))
    assert customer.may("booking:read:any", "booking:read:own")
    assert not customer.may("booking:read:any")
    assert SYSTEM.may("booking:read:any")
    assert customer.is_user(ID)
    assert not customer.is_user(None)
    assert not Actor("service", str(ID)).is_user(ID)
    assert (customer.label, ANONYMOUS.label) == (f"user:{ID}", "anonymous")


def test_a_trace_is_that_of_the_traceparent_else_of_the_request() -> None:
    """The trace id comes from a valid traceparent, and is the request's id where there is none."""
    plain: dict[str, Any] = {"id": ID, "type": "a.b", "source": "", "data": b"{}"}
    traced = Envelope(**plain, traceparent=f"00-{'a' * 32}-{'b' * 16}-01", correlation_id="c-1")
    assert traced.trace_id == "a" * 32
    assert Envelope(**plain, traceparent="rubbish", correlation_id="c-1").trace_id == "c1"
