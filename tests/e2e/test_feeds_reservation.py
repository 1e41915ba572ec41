"""Calendar feeds over HTTP, read as calendar applications read them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import recurring_ical_events
from icalendar import Calendar

from tests.e2e.house import House, Person, at, day_ahead, rfc
from tests.e2e.sent import kept
from tests.installation import Installation
from tests.waiting import wait_until

BOOKINGS = "/reservations/bookings"


def minted(house: House, kind: str, whose: str, by: Person | None = None) -> str:
    """The address of a feed, as the answer to its making has it."""
    answer = (by or house.owner).post(f"/{kind}s/{whose}/calendar-token")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert len(told["token"]) >= 43
    assert told["path"] == f"/{kind}s/{whose}/calendar.ics?token={told['token']}"
    return str(told["path"])


def read(house: House, path: str, **headers: str) -> httpx.Response:
    """As an application reads: it has nothing but the address."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Person(house.base_url).request("GET", path, headers=named)


def becomes(house: House, path: str, status: int) -> None:
    """Waits until the feed is answered so."""
    wait_until(lambda: read(house, path).status_code == status, 10)


def calendar_of(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    for component in calendar.walk():
        assert component.errors == []
    return calendar


def events_of(answer: httpx.Response) -> dict[str, Any]:
    return {str(event["uid"]): event for event in calendar_of(answer).walk("VEVENT")}


def booked(house: House, who: Person, chair: str, hour: int, **more: Any) -> str:
    answer = house.book(who, chair, at(day_ahead(), hour), **more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_feed_follows_a_booking(house: House) -> None:
    """Booked, moved, cancelled: one event that stays the same, in UTC, with a higher SEQUENCE each
    time; what the standard's readers find on the day is what is booked."""
    house.open_always(timezone="America/Sao_Paulo")
    chair = house.resource(name="Cadeira; azul, \u00e0 janela")
    path = minted(house, "resource", chair)
    assert events_of(read(house, path)) == {}
    booking = booked(house, house.owner, chair, 9)
    (first,) = events_of(read(house, path)).values()
    assert (str(first["uid"]), first["sequence"]) == (f"{booking}@slotstream", 1)
    assert first["dtstart"].to_ical() == f"{at(day_ahead(), 9):%Y%m%dT%H%M%SZ}".encode()
    assert first["dtend"].to_ical() == f"{at(day_ahead(), 10):%Y%m%dT%H%M%SZ}".encode()
    assert first["status"] == "CONFIRMED"

    later = at(day_ahead(), 14)
    moved = {"starts_at": rfc(later), "ends_at": rfc(later + timedelta(hours=1))}
    assert house.owner.patch(f"{BOOKINGS}/{booking}", moved).status_code == 200
    answer = read(house, path)
    calendar = calendar_of(answer)
    assert str(calendar["x-wr-calname"]) == "Cadeira; azul, \u00e0 janela"
    (found,) = recurring_ical_events.of(calendar).at(day_ahead())
    assert (found["uid"], found["sequence"], found.start) == (first["uid"], 2, later)
    assert found.start.utcoffset() == timedelta(0)

    assert house.owner.post(f"{BOOKINGS}/{booking}/cancel").status_code == 200
    (last,) = events_of(read(house, path)).values()
    assert (last["uid"], last["sequence"], last["status"]) == (first["uid"], 3, "CANCELLED")


def test_a_feed_says_nothing_about_people(house: House) -> None:
    """When, and no more: no name, no address, no note, nobody's id."""
    house.open_always()
    chair, customer = house.resource(), house.person("customer")
    said = {"notes": "allergic to latex", "attributes": {"pet": "Rex"}}
    booked(house, customer, chair, 9, **said)
    for path in (minted(house, "resource", chair), minted(house, "user", customer.id)):
        text = read(house, path).text
        assert "BEGIN:VEVENT" in text
        for word in ("allergic", "Rex", "Somebody", customer.id, "people.example"):
            assert word not in text.replace("\r\n ", "")


def test_a_users_feed_is_of_their_bookings(house: House) -> None:
    """Those of one person in every resource, each by the resource's name; a resource's feed has
    everybody's in it."""
    house.open_always(locale="pt-BR")
    chairs = [house.resource(name=name) for name in ("Red chair", "Blue chair")]
    customer, other = house.person("customer"), house.person("customer")
    own = {booked(house, customer, chair, 9) for chair in chairs}
    theirs = booked(house, other, chairs[0], 11)
    mine = read(house, minted(house, "user", customer.id, by=customer))
    events = events_of(mine)
    assert set(events) == {f"{booking}@slotstream" for booking in own}
    assert {str(event["summary"]) for event in events.values()} == {"Red chair", "Blue chair"}
    assert str(calendar_of(mine)["x-wr-calname"]) == "Reservas"
    of_chair = events_of(read(house, minted(house, "resource", chairs[0])))
    assert f"{theirs}@slotstream" in of_chair
    assert {str(event["summary"]) for event in of_chair.values()} == {"Reserva"}


def test_a_feed_that_is_known_is_not_sent_again(house: House) -> None:
    """304 to its ETag until something changes; it may be kept, and has to be asked about."""
    house.open_always()
    chair = house.resource()
    path = minted(house, "resource", chair)
    booked(house, house.owner, chair, 9)
    answer = read(house, path)
    etag = answer.headers["etag"]
    assert answer.headers["cache-control"] == "private, no-cache"
    again = read(house, path, if_none_match=etag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert read(house, path).content == answer.content
    booked(house, house.owner, chair, 11)
    changed = read(house, path, if_none_match=etag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


def test_a_feed_has_a_range(house: House) -> None:
    """What begins more than 400 days ahead is left out until it is nearer."""
    house.open_always()
    chair = house.resource()
    near, far = (
        house.book(house.owner, chair, at(day_ahead(days), 9)).json()["id"] for days in (399, 402)
    )
    found = events_of(read(house, minted(house, "resource", chair)))
    assert f"{near}@slotstream" in found
    assert f"{far}@slotstream" not in found


def refusals(house: House, paths: list[str]) -> set[str]:
    """What these addresses are answered, apart from what differs by itself."""
    found = set()
    for path in paths:
        answer = read(house, path)
        problem = answer.json()
        del problem["instance"], problem["trace_id"]
        found.add(f"{answer.status_code} {problem}")
    return found


def test_whatever_is_wrong_is_the_same_404(house: House, other: House) -> None:
    """No token, another's, one for another object, one of another tenant, a word too many: nobody
    learns from the answer what there is."""
    chair, second, foreign = house.resource(), house.resource(), other.resource()
    good = minted(house, "resource", chair)
    token = good.partition("token=")[2]
    of_user = minted(house, "user", house.owner.id).partition("token=")[2]
    of_other = minted(other, "resource", foreign).partition("token=")[2]
    place = f"/resources/{chair}/calendar.ics"
    wrong = [
        place,
        f"{place}?token=",
        f"{place}?token=none",
        f"{place}?token={token}x",
        f"{place}?token={token[:-2]}",
        f"{place}?token={token}&token={token}",
        f"{place}?token={token}&colour=red",
        f"{place}?key={token}",
        f"{place}?token={of_user}",
        f"{place}?token={of_other}",
        f"{place}?token={'x' * 5000}",
        f"{place}?token=%00",
        f"/resources/{second}/calendar.ics?token={token}",
        f"/resources/{foreign}/calendar.ics?token={token}",
        f"/resources/{house.owner.id}/calendar.ics?token={of_user}",
        f"/users/{chair}/calendar.ics?token={token}",
        f"/users/{house.owner.id}/calendar.ics?token={token}",
        f"/users/{house.owner.id}/calendar.ics?token={of_other}",
        f"/resources/nothing/calendar.ics?token={token}",
    ]
    assert len(refusals(house, wrong)) == 1
    assert read(house, wrong[0]).status_code == 404
    assert read(house, good).status_code == 200


def test_a_token_is_replaced_and_revoked(house: House) -> None:
    """A second one ends the first, and a revocation the second; that can be said twice."""
    chair = house.resource()
    first, second = (minted(house, "resource", chair) for _ in range(2))
    assert [read(house, path).status_code for path in (first, second)] == [404, 200]
    for _ in range(2):
        gone = house.owner.delete(f"/resources/{chair}/calendar-token")
        assert gone.status_code == 204
    assert read(house, second).status_code == 404


def test_a_repeated_request_gets_the_same_token(house: House) -> None:
    """By its Idempotency-Key, as every other change."""
    place = f"/resources/{house.resource()}/calendar-token"
    first, again = (house.owner.post(place, idempotency_key="feed") for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


def test_a_feed_ends_with_its_object(house: House) -> None:
    """A deleted resource, a deleted or erased user: gone, and it does not come back with them.
    Somebody who is disabled has none meanwhile."""
    chair, user = house.resource(), house.person("customer").id
    erased, idle = house.person("customer").id, house.person("customer").id
    kinds = (("resource", chair), ("user", user), ("user", erased), ("user", idle))
    paths = [minted(house, kind, whose) for kind, whose in kinds]
    owner = house.owner
    assert owner.delete(f"/resources/{chair}").status_code == 204
    assert owner.delete(f"/users/{user}").status_code == 204
    assert owner.post(f"/users/{erased}/erase").status_code == 200
    assert owner.patch(f"/users/{idle}", {"active": False}).status_code == 200
    assert [read(house, path).status_code for path in paths] == [404] * 4
    assert owner.post(f"/resources/{chair}/restore").status_code == 200
    assert owner.post(f"/users/{user}/restore").status_code == 200
    assert owner.patch(f"/users/{idle}", {"active": True}).status_code == 200
    assert [read(house, path).status_code for path in paths] == [404, 404, 404, 200]


@pytest.mark.parametrize("kind", ["resource", "user"])
def test_a_feed_ends_with_its_tenant(house: House, platform: Person, kind: str) -> None:
    """Suspended: within seconds none, until it is resumed; deleted: none."""
    whose = house.resource() if kind == "resource" else house.owner.id
    path, tenant = minted(house, kind, whose), f"/tenants/{house.id}"
    for change, expected in (("suspend", 404), ("resume", 200)):
        assert platform.post(f"{tenant}/{change}").status_code == 200
        becomes(house, path, expected)
    assert platform.delete(tenant).status_code == 204
    becomes(house, path, 404)


def test_nobody_mints_for_whoever_may_more(house: House) -> None:
    """A manager for a customer, and not for an owner; a customer for nobody but themselves."""
    manager, customer = house.person("manager"), house.person("customer")
    minted(house, "user", customer.id, by=manager)
    place = f"/users/{house.owner.id}/calendar-token"
    assert manager.post(place).status_code == 403
    assert manager.delete(place).status_code == 403
    assert customer.post(place).status_code == 404


def test_a_token_is_not_logged(house: House, installation: Installation) -> None:
    """Neither where it opens something nor where it does not; and streams have it sealed."""
    streams = ("resource.queries", "user.queries", "resource.commands")
    with kept(house.redis, *streams):
        path = minted(house, "resource", house.resource())
        token = path.partition("token=")[2]
        assert read(house, path).status_code == 200
        assert read(house, f"/users/{house.owner.id}/calendar.ics?token={token}").status_code == 404
        read_back: Any = [house.redis.xrange(name) for name in streams]
    assert token not in installation.log.read_text()
    for entries in read_back:
        assert entries
        assert token.encode() not in b"".join(
            value for _, fields in entries for value in fields.values()
        )
