"""The occurrences of a series do not overlap each other after a change, either."""

from datetime import datetime, timedelta

import httpx
import pytest

from tests.e2e.house import House, Json, rfc
from tests.e2e.series import PATH, START, body_of, made, starts, told

DAILY = {"frequency": "daily", "count": 3}


def place(start: datetime, hours: float = 1) -> Json:
    return {"starts_at": rfc(start), "ends_at": rfc(start + timedelta(hours=hours))}


def overlapping(answer: httpx.Response) -> bool:
    """Whether it is refused for that."""
    if answer.status_code != 400:
        return False
    return [one["code"] for one in answer.json()["errors"]] == ["occurrences_overlap"]


@pytest.mark.parametrize("capacity", [1, 2])
def test_what_is_moved_meets_none_that_stays(house: House, capacity: int) -> None:
    """`this` and `following` are refused, whatever the capacity, and nothing has moved; beside the
    others, into the place of a cancelled one, and all of them together can move."""
    house.open_always()
    series = made(house.owner, body_of(house.resource(capacity=capacity), DAILY))
    path, ids = f"{PATH}{series['id']}", [one["id"] for one in series["bookings"]]
    half = place(START + timedelta(minutes=30))
    for scope in ("this", "following"):
        moved = {"scope": scope, "booking_id": ids[1]}
        assert overlapping(house.owner.patch(path, {**moved, **half}))
    assert house.owner.get(path).json() == series
    touching = {"scope": "this", "booking_id": ids[1], **place(START + timedelta(hours=1))}
    assert house.owner.patch(path, touching).status_code == 200
    shifted = house.owner.patch(path, {"scope": "all", **half})
    assert shifted.status_code == 200, shifted.text
    first = {"scope": "this", "booking_id": ids[0]}
    assert house.owner.post(f"{path}/cancel", first).status_code == 200
    second = {"scope": "this", "booking_id": ids[1], **place(START + timedelta(minutes=30))}
    assert starts(house.owner.patch(path, second).json())[0] == second["starts_at"]


def test_a_broken_rule_is_told_before_an_overlap(house: House) -> None:
    """More than there is, and an end before the start, have their own codes; a quantity moves
    nothing, and so is no overlap of what was moved one by one."""
    house.open_always()
    series = made(house.owner, body_of(house.resource(capacity=2), DAILY))
    path, ids = f"{PATH}{series['id']}", [one["id"] for one in series["bookings"]]
    half = place(START + timedelta(minutes=30))
    second = {"scope": "this", "booking_id": ids[1], **half}
    assert told(house.owner.patch(path, {**second, "quantity": 3})) == (400, "capacity_exceeded")
    long = {"scope": "all", **place(START, 25), "quantity": 3}
    assert told(house.owner.patch(path, long)) == (400, "capacity_exceeded")
    backwards = {**second, "ends_at": rfc(START - timedelta(hours=1))}
    assert told(house.owner.patch(path, backwards)) == (400, "invalid_interval")
    assert house.owner.patch(f"/reservations/bookings/{ids[1]}", half).status_code == 200
    much = house.owner.patch(path, {"scope": "all", "quantity": 3})
    assert told(much) == (400, "capacity_exceeded")
    assert house.owner.patch(path, {"scope": "all", "notes": "Later"}).status_code == 200
