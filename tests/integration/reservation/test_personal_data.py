"""What is written of a person in words: where it stands, how it is given out, and how it goes."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from contracts.reservation import commands, personal_data, queries, series, waitlist
from contracts.wire.envelope import SYSTEM, Actor
from contracts.wire.identity import new_id
from contracts.wire.requester import Requester
from handlers.reservation import exporting
from tests.integration.reservation.salon import Salon, morning, person

WORDS = "allergic to plums"
ASKED_BY = Requester.of(person("owner")).model_dump(mode="json")


async def told(salon: Salon, who: Actor, **fields: Any) -> dict[str, Any]:
    """A booking of theirs that says something in every field that can, changed and cancelled."""
    booked = await salon.book(
        morning(),
        actor=salon.staff,
        user_id=who.id,
        notes=WORDS,
        attributes={"told": WORDS},
        **fields,
    )
    assert booked.status == 201
    booking_id = booked.body["id"]
    changed = await salon.ask(
        commands.BookingUpdate, booking_id=booking_id, attributes={"more": WORDS}
    )
    assert changed.status == 200
    ended = await salon.ask(commands.BookingCancel, booking_id=booking_id, reason=WORDS)
    assert ended.status == 200
    return dict(ended.body)


async def erase(salon: Salon, who: Actor) -> None:
    reply = await salon.ask(
        personal_data.BookingErasePerson,
        SYSTEM,
        change_id=new_id(),
        user_id=who.id,
        requested_by=ASKED_BY,
    )
    assert reply.status == 200


async def history(salon: Salon, booking_id: str) -> list[dict[str, Any]]:
    found = (await salon.ask(queries.BookingHistory, booking_id=booking_id)).body["items"]
    return [dict(entry) for entry in found]


async def everything(salon: Salon) -> str:
    """Every row of the tenant in this database, and every message that leaves it, as text."""
    tables = await salon.desk.rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a"
        " ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind = 'r'"
    )
    found = [
        str(row)
        for (table,) in tables
        for row in await salon.desk.rows(
            f"SELECT to_jsonb(t) FROM {table} t WHERE tenant_id = :tenant",
            tenant=salon.tenant_id,
        )
    ]
    return "\n".join(found)


async def test_a_history_is_read_in_full_and_stored_closed(salon: Salon) -> None:
    """Whoever may see the booking reads what was written; the rows of its history do not say it."""
    ana = await salon.customer()
    booking = await told(salon, ana)
    created, updated, cancelled = await history(salon, booking["id"])
    assert created["changes"]["notes"] == {"before": None, "after": WORDS}
    assert updated["changes"]["attributes"]["after"] == {"told": WORDS, "more": WORDS}
    assert cancelled["reason"] == WORDS
    rows = await salon.desk.rows(
        "SELECT changes::text, reason FROM booking_history WHERE tenant_id = :it",
        it=salon.tenant_id,
    )
    assert len(rows) == 3
    assert all(WORDS not in f"{changes}{reason}" for changes, reason in rows)


async def test_words_are_in_no_event_and_in_no_open_reply(salon: Salon) -> None:
    """Events say that they changed, and stored replies that say them are sealed."""
    ana = await salon.customer()
    booking = await told(salon, ana)
    events = await salon.desk.events(booking["id"])
    assert [one.type for one in events] == [
        "booking.created",
        "booking.updated",
        "booking.cancelled",
    ]
    assert all(WORDS not in str(one.data) for one in events)
    assert events[0].data["changes"]["notes"]["redacted"] is True
    replies = await salon.desk.rows(
        "SELECT reply FROM inbox WHERE tenant_id = :it", it=salon.tenant_id
    )
    assert len(replies) == 3
    assert all(WORDS not in reply and '"sealed"' in reply for (reply,) in replies)


async def test_a_booking_that_says_nothing_has_an_open_reply(salon: Salon) -> None:
    """What holds no words can be asked for as long as any outcome."""
    await salon.book(morning())
    ((reply,),) = await salon.desk.rows(
        "SELECT reply FROM inbox WHERE tenant_id = :it", it=salon.tenant_id
    )
    assert '"sealed"' not in reply


async def test_an_erased_person_is_nowhere_and_their_bookings_are_there(salon: Salon) -> None:
    """No row and no message says what was written of them; what others wrote of others stays."""
    ana, bob = await salon.customer(), await salon.customer()
    booking = await told(salon, ana)
    kept = await salon.book(morning(8), actor=salon.staff, user_id=bob.id, notes="Bob's own words")
    await salon.ask(
        series.SeriesCreate,
        resource_id=str(salon.resource_id),
        user_id=ana.id,
        starts_at=morning(20).isoformat(),
        ends_at=(morning(20) + timedelta(hours=1)).isoformat(),
        recurring_pattern={"frequency": "weekly", "count": 3},
        notes=WORDS,
        attributes={"told": WORDS},
    )
    assert WORDS in await everything(salon)
    version = booking["version"]
    await erase(salon, ana)

    after = await salon.read(booking["id"])
    assert (after["user_id"], after["version"]) == (ana.id, version)
    assert (after["notes"], after["attributes"], after["cancellation_reason"]) == (None, {}, None)
    entries = await history(salon, booking["id"])
    assert [entry["version"] for entry in entries] == [1, 2, 3]
    assert entries[0]["changes"]["notes"] == {"before": None, "after": None, "redacted": True}
    assert entries[2]["reason"] is None
    assert WORDS not in await everything(salon)
    assert (await salon.read(kept.body["id"]))["notes"] == "Bob's own words"
    ((bobs),) = [await history(salon, kept.body["id"])]
    assert bobs[0]["changes"]["notes"]["after"] == "Bob's own words"


async def test_erasing_again_changes_nothing_and_answers(salon: Salon) -> None:
    """A repetition under another id tells the user context once more that all is gone."""
    ana = await salon.customer()
    await told(salon, ana)
    await erase(salon, ana)
    before = await history(salon, (await listed(salon, ana))[0]["id"])
    await erase(salon, ana)
    assert await history(salon, (await listed(salon, ana))[0]["id"]) == before
    assert len(await salon.desk.sent("user.complete_erasure", salon.tenant_id)) == 2


async def listed(salon: Salon, who: Actor) -> list[dict[str, Any]]:
    found = (await salon.ask(queries.BookingList, user_id=who.id)).body["items"]
    return [dict(one) for one in found]


async def test_an_erased_person_waits_for_nothing(salon: Salon) -> None:
    """Their place in the line is given up, in the name of whoever had them erased."""
    ana = await salon.customer()
    await salon.book(morning())
    joined = await salon.ask(
        waitlist.WaitlistJoin,
        ana,
        **{
            "resource_id": str(salon.resource_id),
            "from": morning().isoformat(),
            "to": (morning() + timedelta(hours=1)).isoformat(),
            "duration_minutes": 60,
        },
    )
    assert joined.status == 201
    await erase(salon, ana)
    entry = await salon.ask(waitlist.WaitlistGet, entry_id=joined.body["id"])
    assert entry.body["status"] == "cancelled"
    events = await salon.desk.events(joined.body["id"])
    assert events[-1].type == "waitlist.cancelled"
    assert orjson.loads(events[-1].fields["actor"])["id"] == ASKED_BY["id"]


async def exported(salon: Salon, who: Actor, kind: str, limit: int = 50) -> list[list[Any]]:
    """The pages of an export."""
    pages: list[list[Any]] = []
    cursor: dict[str, str] = {}
    while True:
        reply = await salon.ask(
            personal_data.BookingExportPerson,
            SYSTEM,
            user_id=who.id,
            kind=kind,
            limit=limit,
            **cursor,
        )
        assert reply.status == 200, reply.problem
        pages.append(reply.body["items"])
        if reply.body["next_cursor"] is None:
            return pages
        cursor = {"cursor": reply.body["next_cursor"]}


async def test_an_export_has_all_that_is_theirs_page_by_page(
    salon: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bookings with their history, and nobody else's; also where a page is short of room."""
    ana, bob = await salon.customer(), await salon.customer()
    ids = []
    for hour in range(5):
        booked = await salon.book(
            morning(hour=hour), actor=salon.staff, user_id=ana.id, notes=f"{WORDS} {hour}"
        )
        ids.append(booked.body["id"])
    await salon.book(morning(hour=10), actor=salon.staff, user_id=bob.id, notes="Bob's")
    pages = await exported(salon, ana, "bookings", limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    found = [one for page in pages for one in page]
    assert [one["id"] for one in found] == ids
    assert [one["notes"] for one in found] == [f"{WORDS} {hour}" for hour in range(5)]
    changes = [one for page in await exported(salon, ana, "history", limit=2) for one in page]
    assert {one["booking_id"] for one in changes} == set(ids)
    assert {one["changes"]["notes"]["after"] for one in changes} == {
        f"{WORDS} {hour}" for hour in range(5)
    }
    monkeypatch.setattr(exporting, "PAGE_BYTES", 10)
    for kind in ("bookings", "history"):
        assert [len(page) for page in await exported(salon, ana, kind)] == [1] * 5


async def test_a_booking_that_changed_often_is_still_told(salon: Salon) -> None:
    """Its history comes in pages that fit into an answer, each change once; so does its export."""
    ana = await salon.customer()
    booked = await salon.book(morning(), actor=salon.staff, user_id=ana.id)
    for number in range(30):
        changed = await salon.ask(
            commands.BookingUpdate,
            booking_id=booked.body["id"],
            attributes={"long": f"{number}{'x' * 60_000}"},
        )
        assert changed.status == 200
    versions: list[int] = []
    cursor: dict[str, Any] = {}
    pages = 0
    while True:
        reply = await salon.ask(queries.BookingHistory, booking_id=booked.body["id"], **cursor)
        assert len(orjson.dumps(reply.body)) < 1_000_000
        versions += [entry["version"] for entry in reply.body["items"]]
        pages += 1
        if reply.body["next_cursor"] is None:
            break
        cursor = {"cursor": reply.body["next_cursor"]}
    assert versions == list(range(1, 32))
    assert pages > 3
    exports = await exported(salon, ana, "history")
    assert [one["version"] for page in exports for one in page] == versions
    assert all(len(orjson.dumps(page)) < 700_000 for page in exports)


async def test_only_the_system_asks_for_an_export(salon: Salon) -> None:
    """Neither staff nor the person may ask reservation itself: the user context decides."""
    ana = await salon.customer()
    for who in (ana, salon.manager):
        reply = await salon.ask(
            personal_data.BookingExportPerson, who, user_id=ana.id, kind="bookings"
        )
        assert reply.status == 403
