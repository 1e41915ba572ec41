"""Series of bookings in the words of the tests."""

from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.e2e.house import Json, Person, at, day_ahead, rfc

MONDAY = day_ahead(weekday=0)
START = at(MONDAY, 10)
WEEKLY = {"frequency": "weekly", "count": 4}
PATH = "/reservations/series/"


def body_of(resource: str, pattern: Json = WEEKLY, start: datetime = START, **more: Any) -> Json:
    """An hour that recurs."""
    return {
        "resource_id": resource,
        "starts_at": rfc(start),
        "ends_at": rfc(start + timedelta(hours=1)),
        "recurring_pattern": pattern,
        **more,
    }


def made(who: Person, body: Json) -> Json:
    """The series that was created."""
    answer = who.post(PATH, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def starts(series: Json, *statuses: str) -> list[str]:
    """The starts of the bookings with such a status, confirmed if none is named."""
    wanted = statuses or ("confirmed",)
    return [one["starts_at"] for one in series["bookings"] if one["status"] in wanted]


def weeks(*numbers: int, hours: int = 0, days: int = 0) -> list[str]:
    """Starts so many weeks after the first, and so much later."""
    later = timedelta(hours=hours, days=days)
    return [rfc(START + timedelta(weeks=number) + later) for number in numbers]
