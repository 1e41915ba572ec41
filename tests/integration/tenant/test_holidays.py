"""Holidays of a tenant's country: set, listed among its closures, and opened on one by one."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.tenant import commands, queries
from contracts.tenant.views import ClosureView, SettingsChanged
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from handlers.tenant.closures import holiday_id
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.tenant.asking import ask
from tests.integration.tenant.test_tenants import made

BRAZIL = {"country": "BR", "subdivision": "SP"}


async def change(desk: Desk, tenant_id: UUID, **patch: Any) -> Reply:
    return await ask(desk, commands.SettingsUpdate, tenant_id, tenant_id=tenant_id, patch=patch)


async def listed(desk: Desk, tenant_id: UUID, **when: str) -> list[tuple[str, str, str]]:
    """Source, first date or instant, and reason of each closure."""
    reply = await ask(desk, queries.ClosureList, tenant_id, tenant_id=tenant_id, **when)
    assert reply.status == 200
    for item in reply.body["items"]:
        ClosureView.model_validate_json(orjson.dumps(item))
    return [
        (one["source"], one.get("starts_on") or one["starts_at"], one["reason"])
        for one in reply.body["items"]
    ]


async def shut(desk: Desk, tenant_id: UUID, closure_id: UUID | str) -> Reply:
    fields = {"tenant_id": tenant_id, "closure_id": closure_id}
    return await ask(desk, commands.ClosureDelete, tenant_id, **fields)


async def year_of(desk: Desk) -> int:
    """This year, by the database's clock."""
    rows = await desk.rows("SELECT extract(year FROM now() AT TIME ZONE 'UTC')::int")
    return int(rows[0][0])


async def test_they_are_patched_like_any_setting(desk: Desk) -> None:
    """Null to begin with; members are merged one by one; null is none again."""
    tenant_id = await made(desk)
    read = await ask(desk, queries.SettingsGet, tenant_id, tenant_id=tenant_id)
    assert read.body["holidays"] is None

    reply = await change(desk, tenant_id, holidays=BRAZIL)
    view = SettingsChanged.model_validate_json(orjson.dumps(reply.body))
    assert reply.body["holidays"] == {**BRAZIL, "except": []}
    assert view.version == 2
    reply = await change(desk, tenant_id, holidays={"except": ["2026-11-20"]})
    assert reply.body["holidays"] == {**BRAZIL, "except": ["2026-11-20"]}
    reply = await change(desk, tenant_id, holidays={"subdivision": None, "except": None})
    assert reply.body["holidays"] == {"country": "BR", "subdivision": None, "except": []}
    assert desk.facts[0].body is not None
    assert orjson.loads(desk.facts[0].body)["holidays"]["country"] == "BR"
    reply = await change(desk, tenant_id, holidays=None)
    assert reply.body["holidays"] is None


async def test_a_change_of_holidays_is_a_change_of_opening_time(desk: Desk) -> None:
    """Reservation is asked which bookings lie outside now; the same again asks nobody."""
    tenant_id = await made(desk)
    first = await change(desk, tenant_id, holidays=BRAZIL)
    again = await change(desk, tenant_id, holidays={**BRAZIL, "except": []})
    assert again.body["version"] == first.body["version"]
    asked = await desk.rows(
        "SELECT type FROM outbox WHERE type = 'hours.assess' AND tenant_id = :it", it=tenant_id
    )
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("holidays", "field", "code"),
    [
        ({"country": "ZZ"}, "holidays.country", "unknown_country"),
        ({"subdivision": "SP"}, "holidays.country", "unknown_country"),
        ({"country": "BR", "subdivision": "CA"}, "holidays.subdivision", "unknown_subdivision"),
    ],
)
async def test_unknown_places_are_refused(
    desk: Desk, holidays: dict[str, Any], field: str, code: str
) -> None:
    """As the other violations of settings are."""
    tenant_id = await made(desk)
    reply = await change(desk, tenant_id, holidays=holidays)
    assert code_of(reply) == (400, "invalid_settings")
    assert errors_of(reply) == {(field, code)}


async def test_they_are_listed_among_the_closures(desk: Desk) -> None:
    """By their beginning, in the tenant's language; own ones say so."""
    tenant_id = await made(desk, settings={"holidays": BRAZIL})
    own = {"date": "2026-12-26", "reason": "Ressaca"}
    await ask(desk, commands.ClosureCreate, tenant_id, tenant_id=tenant_id, closure=own)
    night = {"starts_at": "2026-12-24T20:00:00Z", "ends_at": "2026-12-25T02:00:00Z"}
    await ask(desk, commands.ClosureCreate, tenant_id, tenant_id=tenant_id, closure=night)

    stretch = {"from": "2026-12-24", "to": "2027-01-01"}
    assert await listed(desk, tenant_id, **stretch) == [
        ("own", "2026-12-24T20:00:00Z", ""),
        ("holiday", "2026-12-25", "Natal"),
        ("own", "2026-12-26", "Ressaca"),
        ("holiday", "2027-01-01", "Confraternização Universal"),
    ]
    await change(desk, tenant_id, locale="en-US")
    day = {"from": "2027-01-01", "to": "2027-01-01"}
    assert [one[2] for one in await listed(desk, tenant_id, **day)] != [
        "Confraternização Universal"
    ]
    far = {"from": "2030-01-01", "to": "2030-01-02"}
    assert [one[:2] for one in await listed(desk, tenant_id, **far)] == [("holiday", "2030-01-01")]


async def test_without_a_range_it_is_this_year_and_the_next(desk: Desk) -> None:
    """By the database's clock; own closures are all listed, whenever they are."""
    tenant_id = await made(desk, settings={"holidays": BRAZIL})
    own = {"date": "2001-01-05"}
    await ask(desk, commands.ClosureCreate, tenant_id, tenant_id=tenant_id, closure=own)
    before = await year_of(desk)
    found = await listed(desk, tenant_id)
    # Another one where it has begun just now.
    after = await year_of(desk)
    assert found[0] == ("own", "2001-01-05", "")
    years = {int(on[:4]) for source, on, _ in found if source == "holiday"}
    assert years in ({before, before + 1}, {after, after + 1})

    half = await listed(desk, tenant_id, **{"from": "2031-05-01"})
    assert (half[0][1], half[-1][1]) == ("2031-05-01", "2032-12-25")
    half = await listed(desk, tenant_id, to="2001-01-31")
    assert [on for _, on, _ in half] == ["2001-01-01", "2001-01-05"]


async def test_ranges_have_an_order_and_a_length(desk: Desk) -> None:
    """to before from, and more than ten years, are refused."""
    tenant_id = await made(desk)
    for first, last, code in (
        ("2026-02-01", "2026-01-31", "invalid_interval"),
        ("2000-01-01", "2026-01-31", "range_too_long"),
    ):
        reply = await ask(
            desk,
            queries.ClosureList,
            tenant_id,
            tenant_id=tenant_id,
            **{"from": first, "to": last},
        )
        assert code_of(reply) == (400, code)


async def test_deleting_a_holiday_opens_on_it(desk: Desk) -> None:
    """Its date is excepted, of that year alone; deleted again it is not there."""
    tenant_id = await made(desk, settings={"holidays": BRAZIL})
    stretch = {"from": "2028-11-20", "to": "2028-11-20", "tenant_id": tenant_id}
    shown = await ask(desk, queries.ClosureList, tenant_id, **stretch)
    closure_id = shown.body["items"][0]["id"]
    assert closure_id == str(holiday_id(tenant_id, "BR", date(2028, 11, 20)))

    assert (await shut(desk, tenant_id, closure_id)).status == 204
    read = await ask(desk, queries.SettingsGet, tenant_id, tenant_id=tenant_id)
    assert read.body["holidays"]["except"] == ["2028-11-20"]
    assert await listed(desk, tenant_id, **{"from": "2028-11-20", "to": "2028-11-20"}) == []
    assert code_of(await shut(desk, tenant_id, closure_id)) == (404, "not_found")
    assert code_of(await shut(desk, tenant_id, new_id())) == (404, "not_found")


async def test_a_document_from_before_there_were_holidays(desk: Desk) -> None:
    """A row without the member reads as null, and can be changed."""
    tenant_id = await made(desk)
    async with desk.administrator.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE settings SET document = document - 'holidays' WHERE tenant_id = '{tenant_id}'"
        )
    read = await ask(desk, queries.SettingsGet, tenant_id, tenant_id=tenant_id)
    assert read.body["holidays"] is None
    assert await listed(desk, tenant_id) == []
    assert code_of(await shut(desk, tenant_id, new_id())) == (404, "not_found")
    reply = await change(desk, tenant_id, holidays=BRAZIL)
    assert reply.body["holidays"]["subdivision"] == "SP"
