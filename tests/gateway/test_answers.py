"""Replies as HTTP answers: status, body, ETag, Location, problems."""

from contracts.wire.problems import Problem
from contracts.wire.reply import Reply, refusal
from tests.gateway.house import House

BOOKINGS = "/reservations/bookings"
BOOKING = f"{BOOKINGS}/018f0000-0000-7000-8000-000000000001"
READ = "booking:read:own"


async def test_a_reply_is_the_answer(house: House) -> None:
    """Status and body are the reply's, the ETag is its version, and nothing may be cached."""
    house.peer.script = lambda _: Reply(200, {"id": "x", "version": 7})
    answer = await house.call("GET", BOOKING, READ)
    assert (answer.status_code, answer.json()) == (200, {"id": "x", "version": 7})
    assert answer.headers["etag"] == '"7"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    # Only what is certain to be reached by TLS alone says that it must be.
    assert "strict-transport-security" not in answer.headers


async def test_a_refusal_is_a_problem(house: House) -> None:
    """A handler's refusal arrives as problem+json with the trace id that the handler said."""
    problem = Problem(code="booking_conflict", detail="Taken.", extra={"conflicts": []})
    house.peer.script = lambda _: refusal(problem, "f" * 32)
    answer = await house.call("GET", BOOKING, READ, headers={"accept-language": "pt-BR, en;q=0.5"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:slotstream:problem:booking_conflict",
        "title": "O horário está ocupado",
        "status": 409,
        "detail": "Taken.",
        "instance": BOOKING,
        "code": "booking_conflict",
        "trace_id": "f" * 32,
        "conflicts": [],
    }
