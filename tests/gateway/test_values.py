"""Values in a body that is well-formed: instants, years, and texts with an end."""

from typing import Any

import pytest

from tests.gateway.house import House
from tests.gateway.routes import ID

BOOKINGS = "/reservations/bookings/"
BOOKING = {
    "resource_id": ID,
    "starts_at": "2026-12-01T09:00:00Z",
    "ends_at": "2026-12-01T10:00:00Z",
}
DEEP: Any = "bottom"
for _ in range(17):
    DEEP = [DEEP]

# What is changed, the problem's code, and that of its field.
REFUSED: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "a naive instant": (
        {"starts_at": "2026-12-01T09:00:00"},
        *("naive_datetime", "starts_at", "naive_datetime"),
    ),
    "the year before the first": (
        {"starts_at": "1999-12-31T23:59:59Z"},
        *("validation_failed", "starts_at", "year_out_of_range"),
    ),
    "the year after the last": (
        {"ends_at": "2101-01-01T00:00:00Z"},
        *("validation_failed", "ends_at", "year_out_of_range"),
    ),
    "the year 10000": (
        {"ends_at": "10000-01-01T00:00:00Z"},
        *("validation_failed", "ends_at", "invalid_datetime"),
    ),
    "the year 0": (
        {"ends_at": "0000-01-01T00:00:00Z"},
        *("validation_failed", "ends_at", "invalid_datetime"),
    ),
    "the end of time in another zone": (
        {"ends_at": "9999-12-31T23:59:59-23:59"},
        *("validation_failed", "ends_at", "year_out_of_range"),
    ),
    "the beginning of time in another zone": (
        {"ends_at": "0001-01-01T00:00:00+23:59"},
        *("validation_failed", "ends_at", "year_out_of_range"),
    ),
    "a second too many": (
        {"ends_at": "2026-12-01T10:00:60Z"},
        *("validation_failed", "ends_at", "invalid_datetime"),
    ),
    "seconds since 1970": (
        {"starts_at": 1_795_000_000},
        *("validation_failed", "starts_at", "invalid_datetime"),
    ),
    "a text without end": ({"notes": "a" * 4_001}, "validation_failed", "notes", "invalid_value"),
    "a control character": (
        {"notes": "a\u0007b"},
        *("validation_failed", "notes", "control_character"),
    ),
    "a line break in a name": (
        {"override_rules": ["too\nsoon"]},
        *("validation_failed", "override_rules.0", "control_character"),
    ),
    "a name without end": (
        {"override_rules": ["a" * 201]},
        *("validation_failed", "override_rules.0", "invalid_value"),
    ),
    "too many names": (
        {"override_rules": ["too_soon"] * 21},
        *("validation_failed", "override_rules", "invalid_value"),
    ),
    "too many attributes": (
        {"attributes": {str(number): number for number in range(101)}},
        *("validation_failed", "attributes", "too_many_attributes"),
    ),
    "attributes too deep": (
        {"attributes": {"a": DEEP}},
        *("validation_failed", "attributes", "too_deep"),
    ),
    "a number of 65 bits": (
        {"attributes": {"a": 2**63}},
        *("validation_failed", "attributes", "number_out_of_range"),
    ),
    "a quantity without end": (
        {"quantity": 100_001},
        *("validation_failed", "quantity", "invalid_value"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_value_out_of_bounds_is_refused(house: House, name: str) -> None:
    """400 with the field and why, and nothing reaches a stream."""
    changed, code, field, why = REFUSED[name]
    answer = await house.call("POST", BOOKINGS, "booking:create:own", json={**BOOKING, **changed})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, code)
    assert (problem["errors"][0]["field"], problem["errors"][0]["code"]) == (field, why)
    assert problem["trace_id"]
    assert house.peer.heard == []


ACCEPTED: dict[str, dict[str, Any]] = {
    "the first year": {"starts_at": "2000-01-01T00:00:00Z"},
    "the last year": {"ends_at": "2100-12-31T23:59:59Z"},
    "the longest text": {"notes": "a" * 4_000},
    "line breaks in a text": {"notes": "a\n\tb"},
    "the deepest attributes": {"attributes": {"a": DEEP[0][0]}},
    "a number of 64 bits": {"attributes": {"a": 2**63 - 1}},
}


@pytest.mark.parametrize("changed", ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_a_value_within_bounds_passes(house: House, changed: dict[str, Any]) -> None:
    """The ends of a range belong to it."""
    answer = await house.call("POST", BOOKINGS, "booking:create:own", json={**BOOKING, **changed})
    assert answer.status_code == 200, answer.text


async def test_texts_have_one_spelling(house: House) -> None:
    """What looks the same is the same (NFC), for lists to find and names to clash."""
    body = {"name": "Cafe\u0301", "kind": "space"}
    await house.call("POST", "/resources/", "resource:create", json=body)
    assert "Caf\u00e9".encode() in house.peer.last.data
