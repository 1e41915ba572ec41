"""Cursors: opaque, and of no use to another tenant or for another list."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.wire.cursor import InvalidCursor, make_cursor, read_cursor

KEY = b"k" * 32
SALON = UUID("019342c0-0000-7000-8000-0000000000aa")
CLINIC = UUID("019342c0-0000-7000-8000-0000000000bb")
LAST = ["2026-11-24T09:00:00Z", "019342c0-0000-7000-8000-000000000001"]


def test_a_cursor_is_read_where_it_was_made() -> None:
    """The sort key comes back for the same key, tenant and list."""
    assert read_cursor(KEY, SALON, "bookings", make_cursor(KEY, SALON, "bookings", LAST)) == LAST


@pytest.mark.parametrize(
    ("key", "tenant", "listing"),
    [(KEY, CLINIC, "bookings"), (KEY, SALON, "users"), (b"o" * 32, SALON, "bookings")],
)
def test_a_cursor_is_bound(key: bytes, tenant: UUID, listing: str) -> None:
    """Another tenant's, another list's or another installation's cursor is refused."""
    cursor = make_cursor(KEY, SALON, "bookings", LAST)
    with pytest.raises(InvalidCursor):
        read_cursor(key, tenant, listing, cursor)


@given(st.text(max_size=80))
def test_whatever_is_no_cursor_is_said_to_be_none(cursor: str) -> None:
    """Any text that was not made here is an InvalidCursor, never another error."""
    with pytest.raises(InvalidCursor):
        read_cursor(KEY, SALON, "bookings", cursor)


@given(st.integers(0, 127), st.integers(1, 255))
def test_no_bit_can_be_changed(place: int, change: int) -> None:
    """A cursor with any byte changed is refused: nobody names a sort key of their own."""
    made = make_cursor(KEY, SALON, "bookings", LAST)
    raw = bytearray(base64.urlsafe_b64decode(made + "=" * (-len(made) % 4)))
    raw[place % len(raw)] ^= change
    with pytest.raises(InvalidCursor):
        read_cursor(KEY, SALON, "bookings", base64.urlsafe_b64encode(raw).decode())
