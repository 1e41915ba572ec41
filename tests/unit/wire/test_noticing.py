"""How few records whoever repeats themselves leaves, and that none of them is forgotten."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.subscriber.audit import AuditNotice
from contracts.wire.codec import decode, encode
from contracts.wire.envelope import ANONYMOUS, SYSTEM, Actor
from contracts.wire.identity import new_id
from contracts.wire.noticing import Noticed, Tallies, Tally, notice_of

SALON = new_id()
ANA = Actor("user", "ana", ("staff",), frozenset({"booking:read:any"}), "session-1")


def noticed(**fields: Any) -> Noticed:
    return Noticed(
        **{
            "event_type": "permission.refused",
            "tenant_id": SALON,
            "actor": ANA,
            "at": "2026-11-24T09:00:00Z",
            "operation": "webhook.delete",
            "reason": "forbidden",
            **fields,
        }
    )


def test_the_first_is_told_at_once_and_the_rest_as_one() -> None:
    """Ten thousand of a kind in a window are two records: the first, and a sum with their number
    and when the last was."""
    tally = Tally(seconds=60)
    told = [
        one
        for place in range(10_000)
        for one in tally.add(noticed(at=f"2026-11-24T09:00:{place // 200:02}Z"), place / 200)
    ]
    assert [one.times for one in told] == [1]
    assert list(tally.over(59.9)) == []
    (rest,) = tally.over(60)
    assert (rest.times, rest.at) == (9_999, "2026-11-24T09:00:00Z")
    assert rest.until == "2026-11-24T09:00:49Z"
    assert list(tally.rest()) == []
    assert tally.add(noticed(), 61) == [noticed()]


def test_kinds_are_told_apart() -> None:
    """Another operation, object, reason, caller or tenant has a record of its own at once."""
    tally = Tally()
    others: list[dict[str, Any]] = [
        {},
        {"operation": "webhook.update"},
        {"subject": "webhook/1"},
        {"reason": "tenant_suspended"},
        {"actor": Actor("user", "bia")},
        {"tenant_id": new_id()},
    ]
    assert [len(tally.add(noticed(**one), 0)) for one in others] == [1] * len(others)


def test_a_caller_has_a_share() -> None:
    """Whoever asks for a thousand different things has twenty records, one for all others at once
    and their sum later; nobody else has fewer for it."""
    tally = Tally(kinds=20)
    told = [one for place in range(1_000) for one in tally.add(noticed(subject=f"b/{place}"), 0)]
    assert [one.subject for one in told] == [*(f"b/{place}" for place in range(20)), ""]
    assert len(tally.add(noticed(actor=Actor("user", "bia")), 0)) == 1
    (rest,) = tally.over(60)
    assert (rest.subject, rest.operation, rest.times) == ("", "", 979)


def test_memory_has_an_end() -> None:
    """Beyond what is remembered the oldest windows are over early, and their sums are told."""
    tally = Tally(remembered=3)
    for name in ("a", "a", "b", "c"):
        tally.add(noticed(actor=Actor("user", name)), 0)
    told = tally.add(noticed(actor=Actor("user", "d")), 0)
    assert [(one.actor.id, one.times) for one in told] == [("a", 1), ("d", 1)]


def test_guesses_have_longer_windows() -> None:
    """What strangers can bring about is one sum in a quarter of an hour; the rest in a minute."""
    tallies = Tallies()
    for kind in ("auth.sign_in_failed", "permission.refused"):
        for _ in range(3):
            tallies.add(noticed(event_type=kind), 0)
    assert [one.event_type for one in tallies.over(60)] == ["permission.refused"]
    assert [one.event_type for one in tallies.over(900)] == ["auth.sign_in_failed"]


def test_strangers_of_a_tenant_have_one_share() -> None:
    """Whoever guesses at a thousand accounts of a tenant has fifty-one records at once."""
    tallies = Tallies()
    told = [
        one
        for place in range(1_000)
        for one in tallies.add(
            noticed(event_type="auth.sign_in_failed", actor=ANONYMOUS, whose=str(place)), 0
        )
    ]
    assert len(told) == 51
    assert sum(one.times for one in tallies.rest()) == 949


CALLS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 6), st.floats(0, 100, allow_nan=False))
)


@given(CALLS)
def test_none_is_lost(calls: list[tuple[int, int, float]]) -> None:
    """Whoever asked how often, and whenever windows end: the records sum up to it."""
    tally, now, told = Tally(kinds=2, remembered=4), 0.0, []
    for who, what, passed in calls:
        now += passed
        told += tally.add(noticed(actor=Actor("user", str(who)), subject=f"x/{what}"), now)
    told += tally.rest()
    for who in range(4):
        asked = sum(1 for one in calls if one[0] == who)
        assert sum(one.times for one in told if one.actor.id == str(who)) == asked


def test_a_notice_is_a_command_that_the_trail_reads() -> None:
    """What was noticed says by the system who it was, without their permissions."""
    one = noticed(times=3, until="2026-11-24T09:00:49Z", channel="http", address="sealed:x")
    found = decode({name: _bytes(value) for name, value in _fields(one).items()})
    assert found.actor == SYSTEM
    assert (found.tenant_id, found.time) == (SALON, "2026-11-24T09:00:00Z")
    assert (found.channel, found.address) == ("http", "sealed:x")
    said = AuditNotice.model_validate_json(found.data)
    assert said.requested_by.actor == Actor("user", "ana", ("staff",))
    assert (said.operation, said.times, said.outcome) == ("webhook.delete", 3, "refused")


def test_a_strangers_notice_names_nobody() -> None:
    """Of somebody who has not signed in there is nothing to say, nor what tells them apart."""
    one = noticed(actor=ANONYMOUS, whose="a digest")
    assert b"a digest" not in b"".join(_bytes(value) for value in _fields(one).values())


def _fields(one: Noticed) -> dict[str, str | bytes]:
    return encode(notice_of(one, new_id(), "gateway/gateway-1"))


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
