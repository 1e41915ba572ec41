"""Instants as epoch seconds: what the inner loops count with, and datetimes at the border."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset")
    return moment


def floor_epoch(moment: datetime) -> int:
    """The last whole second at or before the instant."""
    return (_aware(moment) - _EPOCH) // _SECOND


def ceil_epoch(moment: datetime) -> int:
    """The first whole second at or after the instant."""
    return -((_EPOCH - _aware(moment)) // _SECOND)


def exact_epoch(moment: datetime) -> float:
    """Seconds with their fraction: for `now` and for deadlines, where a microsecond decides."""
    return (_aware(moment) - _EPOCH) / _SECOND


def utc_of(seconds: float) -> datetime:
    """The instant as a datetime in UTC, to the microsecond."""
    return _EPOCH + timedelta(seconds=seconds)
