"""Tenants over HTTP: made with their owner, changed, configured, deleted and restored."""

from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.house import PASSWORD, House, Person, day_ahead, sign_in
from tests.installation import Installation
from tests.waiting import wait_until


def tenant_body(slug: str, password: str = PASSWORD) -> dict[str, object]:
    owner = {"email": f"o@{slug}.example", "name": "O", "password": password}
    return {"name": "T", "slug": slug, "owner": owner}


def test_a_tenant_is_active_once_its_owner_can_sign_in(
    installation: Installation, platform: Person
) -> None:
    """201 means that both contexts have done their part."""
    slug = f"t-{uuid4().hex[:10]}"
    made = platform.post("/tenants/", tenant_body(slug))
    assert (made.status_code, made.json()["status"]) == (201, "active")
    owner = sign_in(installation.base_url, slug, f"O@{slug}.EXAMPLE", PASSWORD)
    assert owner.tenant_id == made.json()["id"]
    assert owner.get("/auth/me").json()["roles"] == ["owner"]


def test_a_refused_owner_frees_the_slug(platform: Person) -> None:
    """The creation answers as the user context refused it, and the slug can be had again."""
    slug = f"t-{uuid4().hex[:10]}"
    refused = platform.post("/tenants/", tenant_body(slug, "short"))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_password")
    assert platform.post("/tenants/", tenant_body(slug)).status_code == 201
    again = platform.post("/tenants/", tenant_body(slug))
    assert (again.status_code, again.json()["code"]) == (409, "slug_in_use")


def test_only_the_platform_makes_and_lists_tenants(house: House, platform: Person) -> None:
    """403 for an owner; the platform's list walks over all of them."""
    assert house.owner.post("/tenants/", tenant_body("any")).status_code == 403
    assert house.owner.get("/tenants/").status_code == 403
    page = platform.get("/tenants/", limit=200).json()
    assert house.id in [item["id"] for item in page["items"]]


def test_settings_are_a_merge_patch(house: House) -> None:
    """What is left out stays, null is the default again, one day can be patched alone."""
    first = house.settings(slot_interval_minutes=15, timezone="Europe/Lisbon")
    assert (first["slot_interval_minutes"], first["timezone"]) == (15, "Europe/Lisbon")
    second = house.settings(slot_interval_minutes=None, business_hours={"sat": []})
    assert (second["slot_interval_minutes"], second["timezone"]) == (30, "Europe/Lisbon")
    assert second["business_hours"]["mon"] == [{"start": "09:00", "end": "18:00"}]
    assert second["version"] == first["version"] + 1
    same = house.settings(timezone="Europe/Lisbon")
    assert same["version"] == second["version"]


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("slot_interval_minutes", 5, 1440),
        ("min_advance_minutes", 0, 525_600),
        ("max_advance_days", 0, 3_660),
        ("cancellation_window_hours", 0, 8_760),
        ("reschedule_window_hours", 0, 8_760),
        ("buffer_before_minutes", 0, 1_440),
        ("buffer_after_minutes", 0, 1_440),
        ("hold_ttl_seconds", 1, 86_400),
        ("max_active_bookings_per_user", 1, 10_000),
    ],
)
def test_settings_have_ranges(house: House, field: str, least: int, most: int) -> None:
    """Both ends are accepted, one beyond either is refused with the field's name."""
    for value in (least, most):
        assert house.settings(**{field: value})[field] == value
    for value in (least - 1, most + 1):
        answer = house.owner.patch(f"/tenants/{house.id}/settings", {field: value})
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_windows_that_overlap_are_refused(house: House) -> None:
    """Within a day, and where a night runs into the next day's first window."""
    for hours in (
        {"mon": [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "13:00"}]},
        {"mon": [{"start": "22:00", "end": "10:00"}], "tue": [{"start": "09:00", "end": "12:00"}]},
    ):
        answer = house.owner.patch(f"/tenants/{house.id}/settings", {"business_hours": hours})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_settings")


def test_labels_and_branding(house: House) -> None:
    """A tenant's own words and looks: put, and read again."""
    path = f"/tenants/{house.id}"
    words = {"resource": "Barbeiro", "booking": "Horário"}
    assert house.owner.put(f"{path}/labels", words).json()["labels"] == words
    assert house.owner.get(f"{path}/settings").json()["labels"] == words
    looks = {"display_name": "Casa", "primary_color": "#aa00ff", "logo_url": "https://x.example/l"}
    assert house.owner.put(f"{path}/branding", looks).status_code == 200
    shown = house.owner.get(f"{path}/branding").json()
    assert {name: shown[name] for name in looks} == looks
    assert shown["version"] == 1


def test_a_deleted_tenant_is_gone_until_it_is_restored(
    installation: Installation, platform: Person, house: House
) -> None:
    """404 in reads, hidden in lists, and back with everything. Its bill and its trail the platform
    reads until it is purged."""
    resource = house.resource()
    path, month = f"/tenants/{house.id}", str(day_ahead(0))[:7]
    assert platform.delete(path).status_code == 204
    assert platform.get(path).status_code == 404
    wait_until(lambda: platform.get(f"{path}/statements/{month}").status_code == 200, 15)
    wait_until(lambda: "tenant.deleted" in platform.get(f"{path}/audit/").text, 15)
    nobodys = platform.get(f"/tenants/{uuid4()}/statements/{month}")
    assert (nobodys.status_code, nobodys.json()["code"]) == (404, "not_found")
    assert platform.post(f"{path}/restore").status_code == 200
    assert platform.post(f"{path}/restore").json()["code"] == "not_deleted"
    assert house.owner.get(f"/resources/{resource}").status_code == 200


def test_a_platform_administrator_names_the_tenant(house: House, platform: Person) -> None:
    """X-Tenant-ID says whose resources are meant; without it tenant_required."""
    resource = house.resource()
    named = platform.request("GET", f"/resources/{resource}", headers={"X-Tenant-ID": house.id})
    assert named.status_code == 200
    unnamed = platform.get(f"/resources/{resource}")
    assert (unnamed.status_code, unnamed.json()["code"]) == (400, "tenant_required")


def test_a_tenant_sees_what_the_platform_does_in_it(house: House, platform: Person) -> None:
    """What an administrator of the platform reads and changes stands in the tenant's own audit
    trail, under their name."""
    resource = house.resource()
    path = f"/resources/{resource}"
    changed = platform.patch(path, {"name": "Moved"}, X_Tenant_ID=house.id)
    assert changed.status_code == 200
    by_them = {"actor": f"platform:{platform.id}", "subject": f"resource/{resource}"}

    def seen() -> list[Any]:
        answer = house.owner.get(f"/tenants/{house.id}/audit/", **by_them)
        return list(answer.json()["items"])

    (record,) = wait_until(seen, 10)
    assert (record["event_type"], record["actor"]["kind"]) == ("resource.updated", "platform")
    assert record["changes"]["name"] == {"before": "Chair", "after": "Moved"}
    read = platform.request("GET", path, headers={"X-Tenant-ID": house.id})
    assert read.status_code == 200
    looked = wait_until(lambda: [one for one in seen() if one["event_type"] == "platform.read"], 10)
    assert [one["operation"] for one in looked] == ["resource.get"]


def test_a_suspended_tenant_changes_nothing(
    installation: Installation, house: House, platform: Person
) -> None:
    """Within seconds: 403 on changes, no sign-in, no refresh; reads go on, the platform acts, and
    after resuming all is as before."""
    path = f"/tenants/{house.id}"
    email = f"owner@{house.slug}.example"
    assert house.owner.post(f"{path}/suspend").status_code == 403
    suspended = platform.post(f"{path}/suspend")
    assert (suspended.status_code, suspended.json()["status"]) == (200, "suspended")
    assert platform.post(f"{path}/suspend").json()["version"] == suspended.json()["version"]

    def refuses() -> bool:
        answer = house.owner.post("/resources/", {"name": "Chair", "kind": "space"})
        return answer.status_code == 403 and answer.json()["code"] == "tenant_suspended"

    wait_until(refuses, 5)
    assert house.owner.patch(f"{path}/settings", {"locale": "en"}).status_code == 403
    assert house.owner.get("/resources/").status_code == 200
    nobody = Person(installation.base_url)
    body = {"tenant": house.slug, "email": email, "password": PASSWORD}
    wait_until(lambda: nobody.post("/auth/token", body).status_code == 401, 5)
    refreshed = nobody.post("/auth/refresh", {"refresh_token": house.owner.refresh_token})
    assert refreshed.status_code == 401
    named = {"X_Tenant_ID": house.id}
    assert platform.post("/resources/", {"name": "A", "kind": "space"}, **named).status_code == 201

    resumed = platform.post(f"{path}/resume")
    assert (resumed.status_code, resumed.json()["status"]) == (200, "active")
    wait_until(lambda: house.owner.patch(f"{path}/settings", {"locale": "en"}).is_success, 5)
    wait_until(lambda: nobody.post("/auth/token", body).status_code == 200, 5)

    def are_on_the_trail() -> bool:
        items = house.owner.get(f"{path}/audit/").json()["items"]
        return {"tenant.suspended", "tenant.resumed"} <= {one["event_type"] for one in items}

    wait_until(are_on_the_trail, 10)
