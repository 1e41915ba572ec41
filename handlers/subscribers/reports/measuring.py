"""From sums to what a report says of them: minutes, rates, lead times."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from contracts.subscriber.reports import Step
from storage.subscriber.report_tables import AHEADS, CANCELLED_BY, NOTICES, STATUSES

_STEPS: tuple[str, ...] = get_args(Step)
BOOKINGS = (*STATUSES, "holds", "length_seconds")
CANCELLATIONS = (*STATUSES, *CANCELLED_BY, "late", *NOTICES, "notice_seconds")
NO_SHOWS = ("no_show", "completed", "checked_in", "lost_seconds", *AHEADS, "ahead_seconds")


def occupancy_figures(booked: int, opened: int) -> dict[str, Any]:
    """OccupancyFigures."""
    return {
        "booked_minutes": minutes(booked),
        "open_minutes": minutes(opened),
        "occupancy": _ratio(booked, opened),
    }


def booking_figures(found: Mapping[str, int]) -> dict[str, Any]:
    """BookingFigures."""
    return {
        "bookings": sum(found[status] for status in STATUSES),
        **{status: found[status] for status in STATUSES},
        "holds": found["holds"],
        "minutes": minutes(found["length_seconds"]),
    }


def cancellation_figures(found: Mapping[str, int]) -> dict[str, Any]:
    """CancellationFigures."""
    cancelled, bookings = found["cancelled"], sum(found[status] for status in STATUSES)
    return {
        "cancelled": cancelled,
        "bookings": bookings,
        "rate": _ratio(cancelled, bookings),
        **{name: found[name] for name in CANCELLED_BY},
        "in_time": cancelled - found["late"],
        "late": found["late"],
        **_lead_times([found[step] for step in NOTICES], found["notice_seconds"]),
    }


def no_show_figures(found: Mapping[str, int]) -> dict[str, Any]:
    """NoShowFigures. Whoever is checked in has come, whether or not it is over."""
    ended = found["no_show"] + found["completed"] + found["checked_in"]
    return {
        "no_shows": found["no_show"],
        "ended": ended,
        "rate": _ratio(found["no_show"], ended),
        "minutes_lost": minutes(found["lost_seconds"]),
        **_lead_times([found[step] for step in AHEADS], found["ahead_seconds"]),
    }


def minutes(seconds: int) -> int | float:
    """Whole where they are, else to the hundredth."""
    whole, rest = divmod(seconds, 60)
    return whole if rest == 0 else round(seconds / 60, 2)


def _ratio(part: int, whole: int) -> float | None:
    return None if whole == 0 else round(part / whole, 4)


def _lead_times(counts: Sequence[int], seconds: int) -> dict[str, Any]:
    """LeadTimes; the median is the lower one where there are two."""
    count = sum(counts)
    passed, median = 0, None
    for step, here in zip(_STEPS, counts, strict=True):
        passed += here
        if median is None and passed * 2 >= count > 0:
            median = step
    return {
        **{f"lead_{step}": here for step, here in zip(_STEPS, counts, strict=True)},
        "lead_mean_minutes": None if count == 0 else round(seconds / count / 60, 2),
        "lead_median": median,
    }
