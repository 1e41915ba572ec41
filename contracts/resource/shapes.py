"""Values that resources are made of: weekly schedules, overrides by date, prices."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.wire.strict import Day, Line, Strict, WallClock


class ScheduleWindow(Strict):
    """Availability on a day; an `end` at or before `start` runs into the next day."""

    start: WallClock
    end: WallClock


class Schedule(Strict):
    """A resource's own week, in the shape of the tenant's business hours."""

    mon: tuple[ScheduleWindow, ...] = Field(default=(), max_length=24)
    tue: tuple[ScheduleWindow, ...] = Field(default=(), max_length=24)
    wed: tuple[ScheduleWindow, ...] = Field(default=(), max_length=24)
    thu: tuple[ScheduleWindow, ...] = Field(default=(), max_length=24)
    fri: tuple[ScheduleWindow, ...] = Field(default=(), max_length=24)
    sat: tuple[ScheduleWindow, ...] = Field(default=(), max_length=24)
    sun: tuple[ScheduleWindow, ...] = Field(default=(), max_length=24)


class OverrideBody(Strict):
    """An exception for one date: closed, or with windows of its own."""

    date: Day
    closed: bool = False
    windows: Annotated[tuple[ScheduleWindow, ...], Field(max_length=24)] = ()
    beyond_business_hours: bool = False
    reason: Line = ""

    @model_validator(mode="after")
    def _one_kind(self) -> "OverrideBody":
        if self.closed == bool(self.windows):
            raise PydanticCustomError("one_of", "Give closed, or windows of its own.")
        return self


class Price(Strict):
    amount: Annotated[str, StringConstraints(pattern=r"^\d{1,10}(\.\d{1,2})?$")]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    per: Literal["booking", "hour", "minute", "day"] = "booking"


Kind = Literal["person", "equipment", "space"]
Buffer = Annotated[int, Field(ge=0, le=1_440)]
Capacity = Annotated[int, Field(ge=1, le=100_000)]
