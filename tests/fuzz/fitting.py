"""Drawn requests made to fit: ids of what is there, times that can be booked, words of the field.

A schema cannot say that an id names something, nor that an end follows its start. Each of these is
put in now and then, so that requests come through to what is behind the checks, and others do not.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

from tests.e2e.house import PASSWORD, at, day_ahead, rfc
from tests.fuzz.world import World

Fields = dict[str, Any]
# The words that a field of this name takes; `{n}` is a number that nothing else has.
WORDS: Fields = {
    "email": "p{n}@drawn.example",
    "name": "N {n}",
    "slug": "drawn-{n}",
    "timezone": "Europe/Zurich",
    "locale": "pt-BR",
    "currency": "CHF",
    "roles": ["customer"],
    "scopes": ["resource:read"],
    "permissions": ["tenant:read"],
    "cidrs": ["192.0.2.0/24"],
    "password": PASSWORD,
    "new_password": "another long phrase {n}",
    "override_rules": [],
    "additional_resource_ids": [],
    "attribute_schema": {"type": "object"},
    "attributes": {"n": "{n}"},
    "notes": "Note {n}",
    "reason": "Because {n}",
    "phone": "+41 44 000 00 00",
    "icon": "chair",
    "labels": {"booking": "Visit {n}"},
    "holidays": {"country": "CH"},
    "logo_url": "https://logo.example/{n}.png",
    "website": "https://house.example/{n}",
    "extra": {"n": "{n}"},
    "recurring_pattern": {"frequency": "weekly", "count": 2},
    "price": {"amount": "12.50", "currency": "CHF", "per": "hour"},
    "availability_schedule": {"mon": [{"start": "08:00", "end": "18:00"}]},
    "business_hours": {"sun": [{"start": "00:00", "end": "24:00"}]},
    "closures": [],
    "windows": [{"start": "08:00", "end": "12:00"}],
    "event_types": ["booking.*"],
    "url": "https://receiver.example/{n}",
    "min_duration_minutes": 30,
    "max_duration_minutes": 600,
    "duration_minutes": 60,
    "quantity": 1,
}
# What is only right for an operation.
OWN_WORDS: dict[str, Fields] = {
    "booking_change_status": {"status": "confirmed"},
    "series_update": {"scope": "all"},
    "series_cancel": {"scope": "all"},
}
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:drawn
BEGIN:VEVENT
UID:{n}
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:{day}
SUMMARY:Closed {n}
END:VEVENT
END:VCALENDAR
"""
_CLOSURE_TIMES = ("date", "starts_on", "ends_on", "starts_at", "ends_at", "uid")


@dataclass
class Fitting:
    """For one request to `operation`; `often` is how much of it is made to fit, 1 for all."""

    world: World
    operation: str
    caller: str
    often: float
    rng: Random

    def fits(self) -> bool:
        return self.rng.random() < self.often

    def path(self, given: Fields) -> Fields:
        """Parameters of a path: about nothing there is no more to say than 404."""
        return replace(self, often=max(self.often, 0.9)).ids(given)

    def ids(self, given: Fields) -> Fields:
        """Fields with ids of what is there."""
        found = dict(given)
        for name in given:
            known = self.world.some(name, self.operation, self.caller, self.rng)
            if known is not None and self.fits():
                found[name] = known
        return found

    def headers(self, given: Fields) -> Fields:
        """Headers under which something is done: now, in this tenant, and for the first time."""
        kept = {"If-Match": 0.1, "Prefer": 0.2, "X-Tenant-ID": 0.0}
        found = {
            name: value
            for name, value in given.items()
            if name not in kept or (self.often < 1 and self.rng.random() < kept[name])
        }
        if "Idempotency-Key" in found and self.fits():
            found["Idempotency-Key"] = f"drawn-{self.world.next_number()}"
        return found

    def query(self, given: Fields) -> Fields:
        """Parameters of a query with one kind of range, and without a cursor from nowhere."""
        found = self.ids({name: value for name, value in given.items() if name != "cursor"})
        day = day_ahead(self.rng.randint(1, 60))
        dates = self.operation.startswith(("availability_", "public_availability"))
        if dates:
            found = {name: one for name, one in found.items() if name not in ("date", "from", "to")}
            ranged = self.rng.random() < 0.3
            found |= {"from": day, "to": day + timedelta(2)} if ranged else {"date": day}
        elif self.operation == "usage":
            found |= {"from": day, "to": day + timedelta(60)}
        elif self.operation == "closure_list" or self.operation.startswith("report_"):
            length = 400 if self.operation == "closure_list" else self.rng.randint(0, 400)
            found |= {"from": day, "to": day + timedelta(length)}
        else:
            times = {"from": rfc(at(day, 8)), "to": rfc(at(day, 20))}
            found |= {name: one for name, one in times.items() if name in found}
        words: Fields = {
            name: WORDS[name] for name in ("timezone", "duration_minutes") if name in found
        }
        if self.operation in self.world.feeds and self.fits():
            words["token"] = self.world.feeds[self.operation][1]
        return {
            name: one if isinstance(one, list) else str(one)
            for name, one in (found | words).items()
        }

    def body(self, given: Any) -> Any:
        """A body with ids of what is there, times that follow each other, and words."""
        if not isinstance(given, dict):
            return given
        if self.operation == "booking_create_batch" and isinstance(given.get("bookings"), list):
            return {"bookings": [self._booking(one) for one in given["bookings"][:5]]}
        found, number = self.ids(given), self.world.next_number()
        words = {**WORDS, **OWN_WORDS.get(self.operation, {}), **self._credentials()}
        for name in found:
            if name in words and self.fits():
                found[name] = numbered(words[name], number)
        if isinstance(found.get("owner"), dict):
            found["owner"] |= {"email": f"o{number}@drawn.example", "password": PASSWORD}
        return self._placed(self._timed(found))

    def calendar(self, given: Any) -> Any:
        """A calendar file with one event."""
        day = day_ahead(self.rng.randint(5, 300))
        text = CALENDAR.format(n=self.world.next_number(), day=f"{day:%Y%m%d}")
        return text.replace("\n", "\r\n") if self.fits() else given

    def _booking(self, given: Any) -> Any:
        return replace(self, operation="booking_create").body(given)

    def _credentials(self) -> dict[str, str]:
        """The customer's own. Nobody's password is changed: what goes on here would end."""
        if not self.operation.startswith("auth_"):
            return {}
        words = {"tenant": self.world.house.slug}
        if self.operation in ("auth_refresh", "auth_logout"):
            # A session of its own: another's would end.
            words["refresh_token"] = self.world.customer().refresh_token
        if self.operation == "auth_token":
            words["email"] = self.world.customer_email
        return words

    def _timed(self, body: Fields) -> Fields:
        """Each end an hour or two after its start, on the grid, within what can be booked."""
        start = at(day_ahead(self.rng.randint(5, 300)), self.rng.randint(0, 20))
        end = start + timedelta(hours=self.rng.randint(1, 2))
        if self.operation == "closure_create" and self.fits():
            rest = {name: one for name, one in body.items() if name not in _CLOSURE_TIMES}
            return {**rest, "date": str(start.date())}
        if self.operation == "override_create" and self.fits():
            return {**body, "date": str(start.date()), "closed": not body.get("windows")}
        if "expires_at" in body and self.fits():
            body["expires_at"] = rfc(end)
        for first, last in (("starts_at", "ends_at"), ("from", "to")):
            if first in body and last in body and self.fits():
                body |= {first: rfc(start), last: rfc(end)}
        return body

    def _placed(self, body: Fields) -> Fields:
        """A resource that is there and large enough; nobody else is named, and nothing is held."""
        if self.operation in ("booking_create", "waitlist_join") and self.fits():
            rest = {name: one for name, one in body.items() if not name.endswith("id")}
            return {**rest, "resource_id": self.world.shared_resource}
        return body


def numbered(words: Any, number: str) -> Any:
    """The words with their number."""
    if isinstance(words, dict):
        return {name: numbered(one, number) for name, one in words.items()}
    return words.replace("{n}", number) if isinstance(words, str) else words
