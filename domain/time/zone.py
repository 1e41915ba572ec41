"""IANA zones from the tzdata package, and wall-clock times as instants (RFC 5545 §3.3.5).

The system's zone files are never read: two machines give the same answers.
"""

from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 1440


class UnknownZone(ValueError):
    """No zone of that name is in the IANA database."""


@cache
def zone_names() -> frozenset[str]:
    """Every name of the IANA database, links included; exact spelling counts."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    # `Factory` is the database's own placeholder for a machine that was never set up.
    return frozenset(listed.split()) - {"Factory"}


def load_zone(name: str) -> ZoneInfo:
    """The zone of that name; raises `UnknownZone`."""
    # Checked before the cache, which only ever holds as many zones as there are.
    if name not in zone_names():
        raise UnknownZone(name)
    return _read(name)


@cache
def _read(name: str) -> ZoneInfo:
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def to_epoch(on: date, minute: int, zone: ZoneInfo) -> int:
    """The instant at which clocks of the zone show this many minutes after midnight of that date.

    `minute` may be 1440, the midnight that ends the date. In a gap the offset before it holds
    (02:30 in New York on 2026-03-08 is 07:30Z, shown as 03:30); in an overlap, the first
    occurrence is meant.
    """
    if not 0 <= minute <= MINUTES_A_DAY:
        raise ValueError(f"{minute} is no minute of a day")
    if minute == MINUTES_A_DAY:
        on, minute = on + timedelta(days=1), 0
    # fold=0 is RFC 5545's choice in both cases (PEP 495).
    wall = datetime(on.year, on.month, on.day, minute // 60, minute % 60, tzinfo=zone)
    return int(wall.timestamp())


def local_to_epoch(wall: datetime, zone: ZoneInfo) -> int:
    """The instant of a naive wall-clock datetime, by the same rule; whole seconds."""
    return int(wall.replace(tzinfo=zone, fold=0).timestamp())


def in_zone(epoch: float, zone: ZoneInfo) -> datetime:
    """The instant as the zone's clocks show it, with its offset."""
    return datetime.fromtimestamp(epoch, zone)


def local_date(epoch: float, zone: ZoneInfo) -> date:
    """The date that the zone's calendars show at the instant."""
    return in_zone(epoch, zone).date()


def date_exists(on: date, zone: ZoneInfo) -> bool:
    """False for a date that the zone skipped whole, such as 2011-12-30 in Apia."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=zone)
    before, after = midnight.utcoffset(), midnight.replace(fold=1).utcoffset()
    # In a gap, and only there, fold=1 has the later and greater offset (PEP 495).
    return before is None or after is None or after - before < timedelta(days=1)
