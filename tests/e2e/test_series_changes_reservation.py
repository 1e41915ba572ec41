"""Series of bookings, moved, edited and cancelled: this one, what follows, or all."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx

from tests.e2e.clocks import change_over
from tests.e2e.house import House, Json, at, day_ahead, rfc
from tests.e2e.series import PATH, START, body_of, made, starts, told, weeks
from tests.waiting import wait_until


def spring(zone: str) -> datetime:
    """Ten in the morning, two days before clocks of a zone next go forward beyond ten days."""
    day = change_over(zone, timedelta(hours=23))
    return at(day - timedelta(days=2), 10, zone=zone)


def walls(series: Json, zone: str) -> set[str]:
    """The wall-clock times at which the bookings start."""
    local = (datetime.fromisoformat(start).astimezone(ZoneInfo(zone)) for start in starts(series))
    return {f"{moment:%H:%M}" for moment in local}


def test_cancel_this_following_and_all(house: House) -> None:
    """Each scope cancels what it says, with one event for each booking, and frees its place."""
    resource = house.resource()
    series = made(house.owner, body_of(resource, {"frequency": "weekly", "count": 6}))
    path, ids = f"{PATH}{series['id']}/cancel", [one["id"] for one in series["bookings"]]
    one = house.owner.post(path, {"scope": "this", "booking_id": ids[1], "reason": "Rain"})
    assert starts(one.json(), "cancelled") == weeks(1)
    assert one.json()["bookings"][1]["cancellation_reason"] == "Rain"
    following = house.owner.post(path, {"scope": "following", "booking_id": ids[4]})
    assert starts(following.json(), "cancelled") == weeks(1, 4, 5)
    everything = house.owner.post(path, {"scope": "all"})
    assert starts(everything.json(), "cancelled") == weeks(*range(6))
    assert everything.json()["version"] == 4
    again = house.owner.post(path, {"scope": "all"})
    assert told(again) == (409, "invalid_transition")
    assert again.json()["current_status"] == "cancelled"
    wait_until(lambda: len(house.events(ids[0])) == 2, 5)
    for booking_id in ids:
        kinds = [(kind, sequence) for kind, sequence, _ in house.events(booking_id)]
        assert kinds == [("booking.created", 1), ("booking.cancelled", 2)]
    assert house.owner.post(PATH, body_of(resource)).status_code == 201
    assert house.owner.post(path, {"scope": "this"}).status_code == 400
    other = house.book(house.owner, resource, START + timedelta(hours=5)).json()["id"]
    foreign = house.owner.post(path, {"scope": "following", "booking_id": other})
    assert told(foreign) == (404, "not_found")


def test_cancelling_goes_by_each_bookings_policy(house: House) -> None:
    """Too late for one is too late for all of them; from the next one on it is possible."""
    house.open_always(cancellation_window_hours=24 * 14)
    customer, resource = house.person("customer"), house.resource()
    series = made(customer, body_of(resource, start=at(day_ahead(10), 10)))
    path, ids = f"{PATH}{series['id']}/cancel", [one["id"] for one in series["bookings"]]
    late = customer.post(path, {"scope": "all"})
    assert told(late) == (400, "cancellation_window_passed")
    assert [one["occurrence"] for one in late.json()["errors"]] == starts(series)[:1]
    assert customer.get(f"{PATH}{series['id']}").json()["version"] == 1
    rest = customer.post(path, {"scope": "following", "booking_id": ids[1]})
    assert len(starts(rest.json(), "cancelled")) == 3
    assert house.owner.post(path, {"scope": "all"}).status_code == 200


def test_move_this_following_and_all(house: House) -> None:
    """Those that are addressed move by as much as the one named; the others stay."""
    house.open_always()
    resource = house.resource()
    series = made(house.owner, body_of(resource))
    path, ids = f"{PATH}{series['id']}", [one["id"] for one in series["bookings"]]

    def move(scope: str, booking_id: str | None, start: str, hours: int = 1) -> httpx.Response:
        end = datetime.fromisoformat(start) + timedelta(hours=hours)
        named = {} if booking_id is None else {"booking_id": booking_id}
        return house.owner.patch(
            path, {"scope": scope, "starts_at": start, "ends_at": rfc(end), **named}
        )

    one = move("this", ids[1], weeks(1, hours=2)[0])
    assert starts(one.json()) == [*weeks(0), *weeks(1, hours=2), *weeks(2, 3)]
    following = move("following", ids[2], weeks(2, hours=3)[0], hours=2)
    assert starts(following.json()) == [*weeks(0), *weeks(1, hours=2), *weeks(2, 3, hours=3)]
    assert following.json()["bookings"][3]["ends_at"] == weeks(3, hours=5)[0]
    everything = move("all", None, weeks(0, days=1)[0])
    assert starts(everything.json()) == [
        *weeks(0, days=1),
        *weeks(1, hours=2, days=1),
        *weeks(2, 3, hours=3, days=1),
    ]
    assert everything.json()["version"] == 4
    wait_until(lambda: len(house.events(ids[3])) == 3, 5)
    kinds = [(kind, sequence) for kind, sequence, _ in house.events(ids[3])]
    assert kinds == [("booking.created", 1), ("booking.updated", 2), ("booking.updated", 3)]
    assert house.book(house.owner, resource, START).status_code == 201
    assert told(house.book(house.owner, resource, START + timedelta(days=1)))[0] == 409


def test_a_move_keeps_every_old_place_when_one_new_one_is_taken(house: House) -> None:
    """409 with the occurrence that is taken; nothing has moved. By a week all can move at once."""
    house.open_always()
    resource = house.resource()
    series = made(house.owner, body_of(resource))
    path = f"{PATH}{series['id']}"
    taken = START + timedelta(weeks=2, hours=1)
    assert house.book(house.owner, resource, taken).status_code == 201
    place = {"scope": "all", "starts_at": rfc(START + timedelta(hours=1))}
    answer = house.owner.patch(path, {**place, "ends_at": rfc(START + timedelta(hours=2))})
    assert told(answer) == (409, "booking_conflict")
    assert [one["occurrence"] for one in answer.json()["errors"]] == [rfc(taken)]
    assert house.owner.get(path).json() == series
    by_a_week = {"scope": "all", "starts_at": weeks(1)[0], "ends_at": weeks(1, hours=1)[0]}
    moved = house.owner.patch(path, by_a_week)
    assert starts(moved.json()) == weeks(1, 2, 3, 4)


def test_moving_goes_by_each_bookings_policy(house: House) -> None:
    """Too late for one is too late for all; the terms are those each was made under."""
    house.open_always(reschedule_window_hours=24 * 14)
    customer, resource = house.person("customer"), house.resource()
    first = at(day_ahead(10), 10)
    series = made(customer, body_of(resource, start=first))
    later = {"starts_at": rfc(first + timedelta(hours=1))}
    later["ends_at"] = rfc(first + timedelta(hours=2))
    answer = customer.patch(f"{PATH}{series['id']}", {"scope": "all", **later})
    assert told(answer) == (400, "reschedule_window_passed")
    assert [one["occurrence"] for one in answer.json()["errors"]] == [rfc(first)]


def test_notes_and_quantity_are_changed_together(house: House) -> None:
    """Quantity is decided like a place; what changes nothing makes neither version nor event."""
    resource = house.resource(capacity=2)
    series = made(house.owner, body_of(resource))
    path, ids = f"{PATH}{series['id']}", [one["id"] for one in series["bookings"]]
    changed = house.owner.patch(path, {"scope": "all", "notes": "Bring chairs", "quantity": 2})
    assert changed.status_code == 200, changed.text
    found = {(one["notes"], one["quantity"]) for one in changed.json()["bookings"]}
    assert (found, changed.json()["version"]) == ({("Bring chairs", 2)}, 2)
    same = house.owner.patch(path, {"scope": "all", "quantity": 2})
    assert same.json() == changed.json()
    much = house.owner.patch(path, {"scope": "following", "booking_id": ids[2], "quantity": 3})
    assert told(much) == (400, "capacity_exceeded")
    assert [one["occurrence"] for one in much.json()["errors"]] == weeks(2, 3)
    empty = house.owner.patch(path, {"scope": "all", "quantity": None})
    assert told(empty) == (400, "validation_failed")


def test_if_match_is_heeded(house: House) -> None:
    """A stale version is 412, on changes and actions alike."""
    series = made(house.owner, body_of(house.resource()))
    path = f"{PATH}{series['id']}"
    notes = {"scope": "all", "notes": "Later"}
    assert house.owner.patch(path, notes, If_Match='"1"').status_code == 200
    assert told(house.owner.patch(path, notes, If_Match='"1"')) == (412, "stale_version")
    cancelling = house.owner.post(f"{path}/cancel", {"scope": "all"}, If_Match='"1"')
    assert told(cancelling) == (412, "stale_version")
    retrying = house.owner.post(f"{path}/retry-skipped", None, If_Match='"1"')
    assert told(retrying) == (412, "stale_version")


def test_the_wall_clock_stays_where_clocks_change(house: House) -> None:
    """In New York and in Lisbon ten stays ten, also for a series that is moved by an hour."""
    house.open_always()
    for zone in ("America/New_York", "Europe/Lisbon"):
        resource = house.resource(timezone=zone)
        first = spring(zone)
        series = made(
            house.owner, body_of(resource, {"frequency": "daily", "count": 5}, start=first)
        )
        offsets = {start[11:] for start in starts(series)}
        assert len(offsets) == 2
        assert walls(series, zone) == {"10:00"}
        later = first + timedelta(hours=1)
        moved = house.owner.patch(
            f"{PATH}{series['id']}",
            {"scope": "all", "starts_at": rfc(later), "ends_at": rfc(later + timedelta(hours=1))},
        )
        assert moved.status_code == 200, moved.text
        assert walls(moved.json(), zone) == {"11:00"}


def test_what_was_skipped_goes_with_what_it_belongs_to(house: House) -> None:
    """It moves with the others, is tried at its new time, and ends with them."""
    house.open_always()
    resource = house.resource()
    assert house.book(house.owner, resource, START + timedelta(weeks=1)).status_code == 201
    taken = START + timedelta(weeks=3)
    assert house.book(house.owner, resource, taken).status_code == 201
    series = made(house.owner, body_of(resource, on_conflict="skip"))
    path = f"{PATH}{series['id']}"

    def skipped(answer: httpx.Response) -> list[str]:
        assert answer.status_code == 200, answer.text
        return [one["starts_at"] for one in answer.json()["skipped"]]

    later = {"starts_at": weeks(0, hours=2)[0], "ends_at": weeks(0, hours=3)[0]}
    moved = house.owner.patch(path, {"scope": "all", **later})
    assert skipped(moved) == weeks(1, 3, hours=2)
    rest = {"scope": "following", "booking_id": series["bookings"][1]["id"]}
    assert skipped(house.owner.post(f"{path}/cancel", rest)) == weeks(1, hours=2)
    again = house.owner.post(f"{path}/retry-skipped")
    assert (skipped(again), starts(again.json())) == ([], weeks(0, 1, hours=2))


def test_a_booking_that_went_elsewhere_moves_there(house: House) -> None:
    """Each is decided on the resource that it is of, and all of them or none."""
    house.open_always()
    resource, other = house.resource(), house.resource(name="Other")
    series = made(house.owner, body_of(resource))
    path, booking = f"{PATH}{series['id']}", series["bookings"][1]
    went = house.owner.patch(f"/reservations/bookings/{booking['id']}", {"resource_id": other})
    assert went.status_code == 200, went.text
    blocking = house.book(house.owner, other, START + timedelta(weeks=1, hours=1))
    later = {"scope": "all", "starts_at": weeks(0, hours=1)[0], "ends_at": weeks(0, hours=2)[0]}
    refused = house.owner.patch(path, later)
    assert told(refused) == (409, "booking_conflict")
    assert [one["occurrence"] for one in refused.json()["errors"]] == weeks(1, hours=1)
    assert starts(house.owner.get(path).json()) == weeks(0, 1, 2, 3)
    free = f"/reservations/bookings/{blocking.json()['id']}/cancel"
    assert house.owner.post(free).status_code == 200
    moved = house.owner.patch(path, later)
    assert starts(moved.json()) == weeks(0, 1, 2, 3, hours=1)
    assert [one["resource_id"] for one in moved.json()["bookings"]].count(other) == 1
    assert house.book(house.owner, other, START + timedelta(weeks=1)).status_code == 201
