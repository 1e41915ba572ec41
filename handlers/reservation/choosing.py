"""Which resource of a category a booking gets: candidates in the order in which they are tried."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from domain.reservation.opening import zone_of
from domain.time.instant import utc_of
from domain.time.zone import local_date, to_epoch
from handlers.reservation.wishes import Wish
from storage.delivery.transaction import Reading
from storage.reservation.places import busy_places


async def in_order(read: Reading, wishes: Sequence[Wish], assignment: str) -> list[Wish]:
    """`first`: as they are listed; `least_booked`: by their bookings on the day of the start, in
    the resource's zone, then as they are listed."""
    if assignment == "first" or len(wishes) < 2:
        return list(wishes)
    first = wishes[0].parts[0]
    zone = zone_of(wishes[0].settings.rules, first.known.resource)
    day = local_date(first.request.starts_at, zone)
    begin = utc_of(to_epoch(day, 0, zone))
    end = utc_of(to_epoch(day + timedelta(days=1), 0, zone))
    ids = [wish.parts[0].resource_id for wish in wishes]
    booked: Counter[UUID] = Counter(
        row.resource_id for row in await busy_places(read, ids, begin, end)
    )
    return sorted(wishes, key=lambda wish: booked[wish.parts[0].resource_id])
