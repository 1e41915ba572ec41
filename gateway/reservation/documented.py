"""What the OpenAPI documents say of the reservation context's routes."""

# long: a table with a row for each route.

from contracts.reservation.commands import (
    BookingCancel,
    BookingChangeStatus,
    BookingCreate,
    BookingCreateBatch,
    BookingExtendHold,
    BookingUpdate,
)
from contracts.reservation.queries import (
    AvailabilityGet,
    AvailabilitySearch,
    BookingFollow,
    BookingGet,
    BookingHistory,
    BookingList,
)
from contracts.reservation.series import (
    SeriesCancel,
    SeriesCreate,
    SeriesGet,
    SeriesPreview,
    SeriesPreviewView,
    SeriesRetrySkipped,
    SeriesUpdate,
    SeriesView,
)
from contracts.reservation.views import (
    AvailabilityView,
    BatchView,
    BookingView,
    FoundAvailability,
    HistoryEntry,
)
from contracts.reservation.waitlist import (
    WaitlistGet,
    WaitlistJoin,
    WaitlistLeave,
    WaitlistList,
    WaitlistView,
)
from gateway.edge.live.answering import EVENT_STREAM
from gateway.edge.openapi.rows import Items, Row

# What a place can be refused for (domain.reservation.rules), and a time.
_TIME = (
    *("invalid_interval", "in_the_past", "too_soon", "too_far_ahead"),
    *("duration_not_multiple", "duration_out_of_bounds", "outside_business_hours", "not_aligned"),
)
_PLACE = (*_TIME, "resource_unavailable", "capacity_exceeded", "booking_conflict")
_BOOKING = (*_PLACE, "quota_exceeded", "unknown_override", "invalid_attributes")
_SERIES = (*_PLACE, "quota_exceeded", "invalid_attributes")
_MOVE = (*_PLACE, "reschedule_window_passed", "invalid_transition")

ROWS = (
    Row(
        "booking_create",
        BookingCreate,
        BookingView,
        status=201,
        codes=(*_BOOKING, "id_in_use"),
        way="tell",
        creates=True,
        locates=True,
    ),
    Row(
        "booking_create_batch",
        BookingCreateBatch,
        BatchView,
        codes=(*_BOOKING, "id_in_use"),
        way="tell",
        creates=True,
        says="`atomic`: a refusal is that of the first that cannot be had, with all `results`.",
    ),
    Row("booking_list", BookingList, Items(BookingView), way="ask"),
    Row("booking_get", BookingGet, BookingView, way="ask"),
    Row(
        "booking_update",
        BookingUpdate,
        BookingView,
        codes=(*_MOVE, "unknown_override", "invalid_attributes", "hold_expired"),
        way="tell",
    ),
    Row(
        "booking_cancel",
        BookingCancel,
        BookingView,
        codes=("cancellation_window_passed", "invalid_transition"),
        way="tell",
    ),
    Row(
        "booking_change_status",
        BookingChangeStatus,
        BookingView,
        codes=("use_cancel", "quota_exceeded", "invalid_transition", "hold_expired"),
        way="tell",
    ),
    Row(
        "booking_extend_hold",
        BookingExtendHold,
        BookingView,
        codes=("hold_limit_reached", "invalid_transition", "hold_expired"),
        way="tell",
    ),
    Row("booking_history", BookingHistory, Items(HistoryEntry), way="ask"),
    Row(
        "series_create",
        SeriesCreate,
        SeriesView,
        status=201,
        codes=(*_SERIES, "id_in_use"),
        way="tell",
        creates=True,
        locates=True,
    ),
    Row(
        "series_preview",
        SeriesPreview,
        SeriesPreviewView,
        codes=("invalid_interval",),
        way="tell",
    ),
    Row("series_get", SeriesGet, SeriesView, way="ask"),
    Row("series_update", SeriesUpdate, SeriesView, codes=(*_MOVE, "not_supported"), way="tell"),
    Row(
        "series_cancel",
        SeriesCancel,
        SeriesView,
        codes=("cancellation_window_passed", "invalid_transition"),
        way="tell",
    ),
    Row("series_retry_skipped", SeriesRetrySkipped, SeriesView, way="tell"),
    Row(
        "waitlist_join",
        WaitlistJoin,
        WaitlistView,
        status=201,
        codes=(
            *("invalid_interval", "in_the_past", "too_soon", "too_far_ahead", "range_too_long"),
            *("duration_not_multiple", "duration_out_of_bounds", "capacity_exceeded"),
            *("resource_unavailable", "quota_exceeded", "id_in_use"),
        ),
        way="tell",
        creates=True,
        locates=True,
    ),
    Row("waitlist_list", WaitlistList, Items(WaitlistView), way="ask"),
    Row("waitlist_get", WaitlistGet, WaitlistView, way="ask"),
    Row("waitlist_leave", WaitlistLeave, status=204, codes=("invalid_transition",), way="tell"),
    Row(
        "event_follow",
        BookingFollow,
        codes=("events_gone", "tenant_suspended"),
        way="follow",
        media_type=EVENT_STREAM,
        says="Each event of bookings and the waitlist as it happens: `event` is its type, `id` its"
        " place, `data` its data as JSON. The first block has an `id` alone: whoever is cut off"
        " before anything happened comes back with that. Every 15 seconds a comment keeps a quiet"
        " connection alive, with the `id` up to which there is nothing more for the caller. The"
        " connection ends with the token, with the session, or with a reader that is too slow; come"
        " back with Last-Event-ID. After 410, read what there is anew and follow without one.",
    ),
)
AVAILABILITY_ROWS = (
    Row(
        "availability_get",
        AvailabilityGet,
        AvailabilityView,
        codes=("range_too_long", "unknown_timezone"),
        way="ask",
        says="Give `date`, or `from` and `to`, both inclusive. Slots are in the `timezone` asked"
        " for.",
    ),
    Row(
        "availability_search",
        AvailabilitySearch,
        Items(FoundAvailability),
        codes=("range_too_long", "unknown_timezone"),
        way="ask",
        says="Give `date`, or `from` and `to`, both inclusive.",
    ),
)
