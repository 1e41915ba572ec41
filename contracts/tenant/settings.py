"""OrganizationSettings as clients write and read them; ranges are those of scheduling.md."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.wire.saying import ReminderMinutes
from contracts.wire.strict import Day, Document, Id, Instant, Line, Strict, WallClock, Zone

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Window(Strict):
    """Opening time of a day; an `end` at or before `start` runs into the next day."""

    start: WallClock
    end: WallClock


class WeekPlan(Strict):
    """Windows of each weekday; a day that is left out is closed."""

    mon: tuple[Window, ...] = Field(default=(), max_length=24)
    tue: tuple[Window, ...] = Field(default=(), max_length=24)
    wed: tuple[Window, ...] = Field(default=(), max_length=24)
    thu: tuple[Window, ...] = Field(default=(), max_length=24)
    fri: tuple[Window, ...] = Field(default=(), max_length=24)
    sat: tuple[Window, ...] = Field(default=(), max_length=24)
    sun: tuple[Window, ...] = Field(default=(), max_length=24)


class ClosureTime(Strict):
    """When nothing opens: a `date`, a range of dates (both inclusive), or a range of instants.
    `uid` is the event of a calendar file that it was imported from."""

    id: Id | None = None
    date: Day | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    reason: Line = ""
    uid: Line | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "ClosureTime":
        kinds = (
            self.date is not None,
            self.starts_on is not None or self.ends_on is not None,
            self.starts_at is not None or self.ends_at is not None,
        )
        whole = (
            self.date is not None
            or (self.starts_on is not None and self.ends_on is not None)
            or (self.starts_at is not None and self.ends_at is not None)
        )
        if sum(kinds) != 1 or not whole:
            raise PydanticCustomError(
                "one_of", "Give date, or starts_on and ends_on, or starts_at and ends_at."
            )
        ordered = (
            self.starts_on is None or self.ends_on is None or (self.starts_on <= self.ends_on)
        ) and (self.starts_at is None or self.ends_at is None or self.starts_at < self.ends_at)
        if not ordered:
            raise PydanticCustomError("one_of", "The end of a closure lies after its start.")
        return self


class Holidays(Strict):
    """Public holidays, on which nothing opens; the dates of `except` are open all the same."""

    country: Line
    subdivision: Line | None = None
    excepted: tuple[Day, ...] = Field(default=(), alias="except")


class HolidaysPatch(Strict):
    """A merge patch of `Holidays`: ISO 3166-1 country, ISO 3166-2 subdivision without it."""

    country: Line | None = None
    subdivision: Line | None = None
    excepted: Annotated[tuple[Day, ...], Field(max_length=1000)] | None = Field(
        default=None, alias="except"
    )


class SettingsPatch(Strict):
    """A merge patch of OrganizationSettings: what is left out stays, null is the default again."""

    timezone: Zone | None = None
    business_hours: dict[str, tuple[Window, ...] | None] | None = None
    slot_interval_minutes: Annotated[int, Field(ge=5, le=1440)] | None = None
    min_advance_minutes: Annotated[int, Field(ge=0, le=525_600)] | None = None
    max_advance_days: Annotated[int, Field(ge=0, le=3_660)] | None = None
    min_duration_minutes: Annotated[int, Field(ge=5, le=44_640)] | None = None
    max_duration_minutes: Annotated[int, Field(ge=5, le=44_640)] | None = None
    cancellation_window_hours: Annotated[int, Field(ge=0, le=8_760)] | None = None
    reschedule_window_hours: Annotated[int, Field(ge=0, le=8_760)] | None = None
    buffer_before_minutes: Annotated[int, Field(ge=0, le=1_440)] | None = None
    buffer_after_minutes: Annotated[int, Field(ge=0, le=1_440)] | None = None
    enforce_slot_alignment: bool | None = None
    requires_approval: bool | None = None
    max_active_bookings_per_user: Annotated[int, Field(ge=1, le=10_000)] | None = None
    hold_ttl_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    reminder_minutes_before: ReminderMinutes | None = None
    self_registration: bool | None = None
    public_booking: bool | None = None
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    labels: dict[str, Line | None] | None = None
    closures: Annotated[tuple[ClosureTime, ...], Field(max_length=1000)] | None = None
    holidays: HolidaysPatch | None = None

    @model_validator(mode="after")
    def _days(self) -> "SettingsPatch":
        strange = set(self.business_hours or ()) - set(DAY_NAMES)
        if strange:
            raise PydanticCustomError(
                "unknown_field", "Days of business_hours are mon, tue, wed, thu, fri, sat, sun."
            )
        return self


class Branding(Strict):
    """What a white-label front end needs."""

    display_name: Line | None = None
    logo_url: Annotated[Line, StringConstraints(pattern=r"^https://")] | None = None
    primary_color: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    secondary_color: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    contact_email: Line | None = None
    contact_phone: Line | None = None
    website: Annotated[Line, StringConstraints(pattern=r"^https?://")] | None = None
    address: Line | None = None
    extra: Document = {}


def patch_document(patch: SettingsPatch) -> dict[str, Any]:
    """The JSON merge patch again: fields that the client wrote, and no others."""
    return patch.model_dump(mode="json", exclude_unset=True, by_alias=True)
