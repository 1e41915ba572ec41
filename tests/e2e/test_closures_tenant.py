"""Holidays over HTTP: a tenant is closed on them, and opens on one that it deletes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.tenant.holidays import Holidays
from tests.e2e.house import House, at

BRAZIL = {"country": "BR", "subdivision": "SP"}


def next_holiday() -> date:
    """Far enough ahead that every hour of it lies in the future."""
    soon = datetime.now(UTC).date() + timedelta(days=3)
    return next(on for on, _ in Holidays("BR", "SP").within(soon, soon + timedelta(days=366), ""))


def slots(house: House, resource: str, day: date) -> list[dict[str, Any]]:
    found = house.owner.get(f"/resources/{resource}/availability", date=day.isoformat())
    assert found.status_code == 200, found.text
    return [slot for one in found.json()["days"] for slot in one["slots"]]


def test_a_holiday_is_closed_until_it_is_deleted(house: House) -> None:
    """No slot and no booking on it; DELETE of the listed holiday opens that date."""
    house.open_always()
    resource, day = house.resource(), next_holiday()
    assert slots(house, resource, day)
    made = house.book(house.owner, resource, at(day, 8)).json()

    told = house.settings(holidays=BRAZIL)
    assert [one["id"] for one in told["affected_bookings"]] == [made["id"]]
    assert slots(house, resource, day) == []
    refused = house.book(house.owner, resource, at(day, 10))
    assert (refused.status_code, refused.json()["code"]) == (400, "outside_business_hours")

    path = f"/tenants/{house.id}/closures/"
    stretch = {"from": day.isoformat(), "to": day.isoformat()}
    [holiday] = house.owner.get(path, **stretch).json()["items"]
    assert (holiday["source"], holiday["starts_on"]) == ("holiday", day.isoformat())
    assert house.owner.delete(f"{path}{holiday['id']}").status_code == 204
    assert house.owner.get(path, **stretch).json()["items"] == []
    assert slots(house, resource, day)
    assert house.book(house.owner, resource, at(day, 10)).status_code == 201


def test_a_country_that_is_not_known_is_told(house: House) -> None:
    """invalid_settings, with the field and its own code."""
    path = f"/tenants/{house.id}/settings"
    for holidays, field, code in (
        ({"country": "ZZ"}, "holidays.country", "unknown_country"),
        ({"country": "BR", "subdivision": "CA"}, "holidays.subdivision", "unknown_subdivision"),
    ):
        answer = house.owner.patch(path, {"holidays": holidays})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_settings")
        [error] = answer.json()["errors"]
        assert (error["field"], error["code"]) == (field, code)
