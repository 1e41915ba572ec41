"""Instants as epoch seconds and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.time.instant import ceil_epoch, exact_epoch, floor_epoch, utc_of

# Hypothesis takes naive bounds and adds the zone itself.
moments = st.datetimes(
    datetime.fromisoformat("2000-01-01"),
    datetime.fromisoformat("2100-01-01"),
    timezones=st.just(UTC),
)


@given(moments)
def test_an_instant_lies_between_its_whole_seconds(moment: datetime) -> None:
    """The floor is at most a second before, the ceiling at most a second after."""
    low, high = floor_epoch(moment), ceil_epoch(moment)
    assert utc_of(low) <= moment <= utc_of(high)
    assert high - low == (1 if moment.microsecond else 0)


@given(moments)
def test_an_instant_survives_to_the_microsecond(moment: datetime) -> None:
    """Deadlines are compared as floats, which hold microseconds until 2100 and beyond."""
    assert utc_of(exact_epoch(moment)) == moment


def test_the_offset_does_not_matter_and_must_be_there() -> None:
    """One instant in two offsets is one number; a naive datetime is a programming error."""
    moment = datetime(2026, 3, 8, 12, tzinfo=UTC)
    assert floor_epoch(moment.astimezone(timezone(timedelta(hours=-3)))) == floor_epoch(moment)
    with pytest.raises(ValueError, match="no offset"):
        floor_epoch(moment.replace(tzinfo=None))
