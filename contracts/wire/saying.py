"""What people are told of what they booked, and by which way: names that several contexts use."""

from typing import Annotated, Literal

from pydantic import Field

Channel = Literal["email", "sms"]
# What somebody may do without; what an account needs (a new password, say) always arrives.
Said = Literal[
    "booking.created",
    "booking.moved",
    "booking.cancelled",
    "booking.status_changed",
    "booking.hold_expired",
    "booking.reminder",
    "waitlist.offered",
]
# What an account or a tenant needs to know, and what is said of bookings.
Template = Literal[
    "password_reset",
    "registration",
    "already_registered",
    "webhook_disabled",
    "email_change",
    "email_changed",
    "booking.created",
    "booking.moved",
    "booking.cancelled",
    "booking.status_changed",
    "booking.hold_expired",
    "booking.reminder",
    "waitlist.offered",
]
Language = Literal["en", "pt-BR", "es"]
# How long before a booking its person is reminded of it, a year at most.
ReminderMinutes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=525_600)], ...], Field(max_length=10)
]
