"""The booking page over HTTP: what strangers see of a tenant, and what they never see."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.house import House, Person, at, day_ahead
from tests.installation import Installation
from tests.waiting import wait_until

DAY = day_ahead(20)


@pytest.fixture
def stranger(installation: Installation) -> Person:
    """Somebody who has not signed in."""
    return Person(installation.base_url)


@pytest.fixture
def open_house(house: House) -> House:
    """A tenant with its booking page switched on."""
    house.open_always(public_booking=True)
    return house


def page(stranger: Person, house: House, rest: str = "", **params: Any) -> httpx.Response:
    return stranger.get(f"/public/{house.slug}{rest}", **params)


def free(stranger: Person, house: House, resource_id: str, **params: Any) -> httpx.Response:
    path = f"/resources/{resource_id}/availability"
    return page(stranger, house, path, **{"date": DAY.isoformat(), **params})


def test_what_a_page_shows(open_house: House, stranger: Person) -> None:
    """Name, branding, labels, rules and categories; no id of the tenant, nobody's name."""
    owner, tenant = open_house.owner, f"/tenants/{open_house.id}"
    branding = {"display_name": "Salon", "primary_color": "#112233"}
    assert owner.put(f"{tenant}/branding", branding).status_code == 200
    assert owner.put(f"{tenant}/labels", {"booking": "Sessão"}).status_code == 200
    assert owner.post("/resources/categories/", {"name": "Rooms"}).status_code == 201
    shown = page(stranger, open_house)
    assert shown.status_code == 200, shown.text
    told = shown.json()
    assert set(told) == {
        *("slug", "name", "timezone", "locale", "currency"),
        *("labels", "branding", "rules", "categories"),
    }
    assert told["labels"]["booking"] == "Sessão"
    assert told["branding"]["display_name"] == "Salon"
    assert [set(one) for one in told["categories"]] == [
        {"id", "name", "description", "icon", "color"}
    ]
    for secret in (open_house.id, owner.id, "The owner", "owner@"):
        assert secret not in shown.text


def test_resources_and_their_free_time(open_house: House, stranger: Person) -> None:
    """What is shown is free is what a customer is shown; of who has booked there is no trace."""
    chair = open_house.resource(name="Chair")
    hidden = open_house.resource(name="Hidden", active=False)
    gone = open_house.resource(name="Gone")
    assert open_house.owner.delete(f"/resources/{gone}").status_code == 204
    customer = open_house.person("customer")
    booked = open_house.book(
        customer, chair, at(DAY, 10), notes="canary-note", attributes={"canary": "attribute"}
    )
    assert booked.status_code == 201, booked.text
    listed = page(stranger, open_house, "/resources")
    assert [item["name"] for item in listed.json()["items"]] == ["Chair"]
    seen = free(stranger, open_house, chair, duration_minutes=60)
    same = customer.get(
        f"/resources/{chair}/availability", date=DAY.isoformat(), duration_minutes=60
    )
    assert (seen.status_code, seen.json()) == (200, same.json())
    slots = {slot["start"]: slot["available"] for slot in seen.json()["days"][0]["slots"]}
    assert False in slots.values()
    assert True in slots.values()
    for answer in (listed, seen):
        for secret in (customer.id, booked.json()["id"], "canary", "Somebody", "people.example"):
            assert secret not in answer.text
    for resource_id in (hidden, gone, str(uuid4())):
        refused = free(stranger, open_house, resource_id)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    excluding = free(stranger, open_house, chair, exclude_booking_id=booked.json()["id"])
    assert (excluding.status_code, excluding.json()["code"]) == (400, "unknown_field")


def test_another_tenants_objects_are_not_there(
    open_house: House, other: House, stranger: Person
) -> None:
    """A page shows its own tenant's, whichever id is put in; a closed tenant has none."""
    other.open_always()
    theirs = other.resource(name="Theirs")
    assert free(stranger, open_house, theirs).status_code == 404
    assert page(stranger, open_house, "/resources").json()["items"] == []
    closed = page(stranger, other)
    unknown = stranger.get(f"/public/no-such-{uuid4().hex[:8]}")
    for answer in (closed, page(stranger, other, "/resources"), free(stranger, other, theirs)):
        assert answer.status_code == 404
    differing = {"instance", "trace_id"}
    assert {k: v for k, v in closed.json().items() if k not in differing} == {
        k: v for k, v in unknown.json().items() if k not in differing
    }


@pytest.mark.parametrize("end", ["switched off", "renamed", "suspended", "deleted"])
def test_a_page_is_gone_within_seconds(
    open_house: House, platform: Person, stranger: Person, end: str
) -> None:
    """Switched off, renamed, suspended or deleted: 404 soon; renamed, it is found elsewhere."""
    assert page(stranger, open_house).status_code == 200
    if end == "switched off":
        open_house.settings(public_booking=False)
    elif end == "renamed":
        renamed = open_house.owner.patch(
            f"/tenants/{open_house.id}", {"slug": f"{open_house.slug}-new"}
        )
        assert renamed.status_code == 200, renamed.text
    elif end == "suspended":
        assert platform.post(f"/tenants/{open_house.id}/suspend").status_code == 200
    else:
        assert platform.delete(f"/tenants/{open_house.id}").status_code == 204
    wait_until(lambda: page(stranger, open_house).status_code == 404, 5)
    elsewhere = stranger.get(f"/public/{open_house.slug}-new").status_code
    assert elsewhere == (200 if end == "renamed" else 404)


def test_a_page_is_read_and_no_more(open_house: House, stranger: Person) -> None:
    """No method but reading, and none of the tenant's other paths without sign-in."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert stranger.request(method, f"/public/{open_house.slug}").status_code == 405
    chair = open_house.resource()
    for path in (f"/resources/{chair}", "/resources/", f"/resources/{chair}/availability"):
        assert stranger.get(path).status_code == 401
