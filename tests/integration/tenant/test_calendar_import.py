"""Importing a calendar file as closures: all or nothing, and the same again changes nothing."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.tenant import commands, queries
from contracts.tenant.views import ClosuresImported
from contracts.wire.envelope import SYSTEM, Envelope
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from handlers.delivery.work import Asked, CommandRoute, Unavailable
from handlers.tenant import calendar_import
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.tenant.asking import ask
from tests.integration.tenant.calendars import DAY, HOSTILE, HOUR, calendar
from tests.integration.tenant.test_tenants import made


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine starts the reader slowly, and that is no outcome of a test."""
    monkeypatch.setattr(calendar_import, "PATIENCE_SECONDS", 120.0)


async def imported(desk: Desk, tenant_id: UUID, text: str, asking: UUID | None = None) -> Reply:
    """The reply to an import; its file is read as before every import."""
    fields = {"tenant_id": str(tenant_id), "calendar": text}
    envelope = Envelope(
        id=new_id(),
        type="closure.import",
        source="tests",
        data=orjson.dumps(fields),
        tenant_id=asking or tenant_id,
        actor=SYSTEM,
    )
    message = commands.ClosureImport.model_validate_json(envelope.data)
    route = desk._routes["closure.import"]
    assert isinstance(route, CommandRoute)
    assert route.prepare is not None
    asked: Asked[Any] = Asked(message, envelope)
    return await desk.answer(route, Asked(message, envelope, await route.prepare(asked)))


def counts(reply: Reply) -> list[int]:
    assert reply.status == 201, reply.problem
    ClosuresImported.model_validate_json(orjson.dumps(reply.body))
    return [reply.body[name] for name in ("imported", "updated", "unchanged", "removed")]


async def closures(desk: Desk, tenant_id: UUID) -> list[dict[str, Any]]:
    reply = await ask(desk, queries.ClosureList, tenant_id, tenant_id=tenant_id)
    return list(reply.body["items"])


async def soon(desk: Desk, days: int = 0) -> str:
    """A date a month ahead, and so many days, as a calendar writes it."""
    statement = "SELECT to_char(now() + make_interval(days => :days), 'YYYYMMDD')"
    return str((await desk.rows(statement, days=30 + days))[0][0])


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    """Neither version nor event; the closures have the ids that they had."""
    tenant_id = await made(desk)
    day = await soon(desk)
    series = ("UID:b", f"DTSTART:{day}T100000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3")
    text = calendar(("UID:a", f"DTSTART;VALUE=DATE:{day}", "SUMMARY:Inventory"), series)
    first = await imported(desk, tenant_id, text)
    assert counts(first) == [4, 0, 0, 0]
    assert first.body["closures"][0]["reason"] == "Inventory"
    again = await imported(desk, tenant_id, text)
    assert counts(again) == [0, 0, 4, 0]
    assert again.body["version"] == first.body["version"]
    assert again.body["closures"] == first.body["closures"]
    changed = [one for one in await desk.events(tenant_id) if one.type.endswith("settings_updated")]
    assert len(changed) == 2


async def test_a_changed_file_replaces_what_came_of_its_events(desk: Desk) -> None:
    """A moved event keeps its id; an occurrence that is left out goes; other closures stay."""
    tenant_id = await made(desk)
    own = {"date": "2027-01-05", "reason": "Own"}
    await ask(desk, commands.ClosureCreate, tenant_id, tenant_id=tenant_id, closure=own)
    day, later = await soon(desk), await soon(desk, 1)
    series = ("UID:b", f"DTSTART:{day}T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")
    before = await imported(
        desk, tenant_id, calendar(("UID:a", f"DTSTART;VALUE=DATE:{day}"), series)
    )
    other = await imported(desk, tenant_id, calendar(("UID:c", f"DTSTART;VALUE=DATE:{day}")))
    assert counts(other) == [1, 0, 0, 0]
    after = await imported(
        desk,
        tenant_id,
        calendar(("UID:a", f"DTSTART;VALUE=DATE:{later}"), (*series, f"EXDATE:{later}T100000Z")),
    )
    assert counts(after) == [0, 1, 2, 1]
    assert after.body["closures"][0]["id"] == before.body["closures"][0]["id"]
    assert len(await closures(desk, tenant_id)) == 5

    gone = await imported(desk, tenant_id, calendar((f"DTSTART;VALUE=DATE:{day}", *CANCELLED)))
    assert counts(gone) == [0, 0, 0, 1]
    assert gone.body["skipped"] == [{"uid": "a", "code": "cancelled"}]


CANCELLED = ("UID:a", "STATUS:CANCELLED")


async def test_one_of_them_is_deleted_like_any_closure(desk: Desk) -> None:
    """And comes back with the next import; a tenant's ids are its own."""
    ours, theirs = await made(desk), await made(desk)
    text = calendar(("UID:a", f"DTSTART;VALUE=DATE:{await soon(desk)}"))
    closure_id = (await imported(desk, ours, text)).body["closures"][0]["id"]
    assert (await imported(desk, theirs, text)).body["closures"][0]["id"] != closure_id
    fields = {"tenant_id": ours, "closure_id": closure_id}
    assert (await ask(desk, commands.ClosureDelete, ours, **fields)).status == 204
    assert counts(await imported(desk, ours, text)) == [1, 0, 0, 0]


async def test_times_without_a_zone_are_the_tenants(desk: Desk) -> None:
    """Ten o'clock is ten o'clock there."""
    tenant_id = await made(desk, settings={"timezone": "Asia/Kathmandu"})
    text = calendar(("UID:a", f"DTSTART:{await soon(desk)}T100000", "DURATION:PT1H"))
    reply = await imported(desk, tenant_id, text)
    assert reply.body["closures"][0]["starts_at"].endswith("T04:15:00Z")


async def test_a_series_without_an_end_reaches_as_far_as_bookings(desk: Desk) -> None:
    """Two years ahead, and further where the tenant's horizon is."""
    tenant_id = await made(desk)
    # Every month has a first, whichever day it is today.
    rule = "RRULE:FREQ=MONTHLY;BYMONTHDAY=1"
    text = calendar((*DAY[:1], f"DTSTART;VALUE=DATE:{await soon(desk)}", rule))
    assert 20 <= counts(await imported(desk, tenant_id, text))[0] <= 25
    patch = {"max_advance_days": 3_660}
    await ask(desk, commands.SettingsUpdate, tenant_id, tenant_id=tenant_id, patch=patch)
    assert counts(await imported(desk, tenant_id, text))[0] >= 90


async def test_too_many_are_refused_as_a_whole(desk: Desk) -> None:
    """The settings keep a thousand closures; not one of the file is kept."""
    tenant_id = await made(desk)
    day = await soon(desk)
    text = calendar(
        *((f"UID:{number}", f"DTSTART:{day}T100000Z", "DURATION:PT1H") for number in range(1_001))
    )
    reply = await imported(desk, tenant_id, text)
    assert code_of(reply) == (400, "invalid_settings")
    assert errors_of(reply) == {("closures", "too_many")}
    assert await closures(desk, tenant_id) == []


async def test_too_much_is_refused_as_a_whole(desk: Desk) -> None:
    """Of fewer closures, where each has so much to say that no message could carry them."""
    tenant_id = await made(desk)
    day, long = await soon(desk), "é" * 200
    text = calendar(
        *(
            (f"UID:{number}", f"DTSTART:{day}T100000Z", "DURATION:PT1H", f"SUMMARY:{long}")
            for number in range(900)
        )
    )
    reply = await imported(desk, tenant_id, text)
    assert code_of(reply) == (400, "invalid_settings")
    assert errors_of(reply) == {("closures", "too_large")}


async def test_the_answer_lists_the_first(desk: Desk) -> None:
    """Two hundred of each, and how many there are."""
    tenant_id, day = await made(desk), await soon(desk)
    whole = [(f"UID:{number}", f"DTSTART;VALUE=DATE:{day}") for number in range(250)]
    none = [(f"UID:no{number}", f"DTSTART:{day}T100000Z") for number in range(260)]
    reply = await imported(desk, tenant_id, calendar(*whole, *none))
    assert counts(reply) == [250, 0, 0, 0]
    assert reply.body["skipped_count"] == 260
    assert len(reply.body["closures"]) == len(reply.body["skipped"]) == 200


@pytest.mark.parametrize("name", ["no calendar", "every second", "no DTSTART"])
async def test_a_file_that_is_none_is_refused(desk: Desk, name: str) -> None:
    """invalid_calendar, with a detail."""
    reply = await imported(desk, await made(desk), HOSTILE[name])
    assert code_of(reply) == (400, "invalid_calendar")
    assert reply.problem is not None
    assert reply.problem["detail"]


async def test_another_tenants_closures_are_not_there(desk: Desk) -> None:
    """404, as everywhere."""
    ours, theirs = await made(desk), await made(desk)
    reply = await imported(desk, theirs, calendar(HOUR), asking=ours)
    assert code_of(reply) == (404, "not_found")


async def test_a_machine_that_is_too_busy_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is stored, and the caller can try again."""
    monkeypatch.setattr(calendar_import, "PATIENCE_SECONDS", 0.0)
    tenant_id = await made(desk)
    with pytest.raises(Unavailable):
        await imported(desk, tenant_id, calendar(HOUR))


async def test_a_reader_that_dies_leaves_an_answer() -> None:
    """Whatever kills it, the file is what it was reading."""
    assert "unreadable" in await calendar_import.read_apart(b"no request")
