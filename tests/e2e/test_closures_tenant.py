"""Holidays and calendar files over HTTP: what they close, and how it is opened again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.tenant.holidays import Holidays
from tests.e2e.house import House, at, day_ahead
from tests.integration.tenant.calendars import (
    APPLE,
    GOOGLE,
    HOSTILE,
    OUTLOOK,
    as_sent,
    calendar,
    of_year,
)

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


def send_calendar(house: House, text: str, **headers: str) -> httpx.Response:
    return house.owner.request(
        "POST",
        f"/tenants/{house.id}/closures/",
        content=text.encode(),
        headers={"content-type": "text/calendar; charset=utf-8", **headers},
    )


def test_a_calendar_closes_what_is_booked_then(house: House) -> None:
    """The answer lists bookings that it leaves outside; the time is closed, and the same file again
    changes nothing."""
    house.open_always()
    resource, day = house.resource(), day_ahead()
    booked = house.book(house.owner, resource, at(day, 10)).json()
    following = day + timedelta(days=1)
    text = calendar(
        ("UID:day", f"DTSTART;VALUE=DATE:{day:%Y%m%d}", "SUMMARY:Inventory"),
        ("UID:hour", f"DTSTART:{following:%Y%m%d}T100000Z", "DURATION:PT1H"),
    )
    answer = send_calendar(house, text)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["imported"], told["skipped"]) == (2, [])
    assert [one["id"] for one in told["affected_bookings"]] == [booked["id"]]
    assert slots(house, resource, day) == []
    refused = house.book(house.owner, resource, at(following, 10))
    assert (refused.status_code, refused.json()["code"]) == (400, "outside_business_hours")
    assert house.book(house.owner, resource, at(following, 11)).status_code == 201

    again = send_calendar(house, text).json()
    assert (again["unchanged"], again["version"]) == (2, told["version"])
    listed = house.owner.get(f"/tenants/{house.id}/closures/").json()["items"]
    assert [(one["source"], one["reason"]) for one in listed] == [("own", "Inventory"), ("own", "")]
    assert house.settings(locale="en-US")["closures"][0]["uid"] == "day"


@pytest.mark.parametrize(
    ("text", "imported"),
    [(GOOGLE, 3), (OUTLOOK, 3), (APPLE, 2)],
    ids=["Google", "Outlook", "Apple"],
)
def test_what_other_programs_export(house: House, text: str, imported: int) -> None:
    """As they write it; their dates are of next year, and are within the horizon."""
    house.settings(max_advance_days=3_660, timezone="America/Sao_Paulo")
    answer = send_calendar(house, as_sent(of_year(text, day_ahead().year + 1)))
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["closures"]) == answer.json()["imported"] == imported


@pytest.mark.parametrize(
    "name", ["no calendar", "nothing", "every second", "a megabyte of one line"]
)
def test_what_nobody_can_have_meant(house: House, name: str) -> None:
    """400 invalid_calendar, with a detail, in either language."""
    answer = send_calendar(house, HOSTILE[name], **{"accept-language": "pt-BR"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_calendar")
    assert answer.json()["detail"]
    assert answer.json()["title"] == "O calendário não é válido"
