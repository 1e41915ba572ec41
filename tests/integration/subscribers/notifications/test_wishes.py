"""What people wish counts: which messages, by which way, and when they are reminded."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import pytest_asyncio

from contracts.wire.identity import new_id
from contracts.wire.strict import rfc3339
from handlers.subscribers.notifications.sms import HttpSms, SmsProvider
from tests.integration.subscribers.notifications.conftest import Office, wishes
from tests.integration.subscribers.notifications.diary import MOVED, Diary
from tests.integration.subscribers.notifications.test_sending import queued
from tests.integration.subscribers.webhooks.receiver import Receiver, answer

PHONE = "+55 (11) 91234-5678"


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[Receiver]:
    """A provider's HTTP interface, on a port of its own."""
    found = Receiver()
    await found.start()
    yield found
    await found.stop()


def sms_by(provider: Receiver) -> HttpSms:
    url = f"http://127.0.0.1:{provider.port}/messages"
    return HttpSms(SmsProvider.read(url, "a-token", "Salon"), within_seconds=5)


@pytest.fixture
def diary(office: Office, provider: Receiver) -> Diary:
    """Somebody with a phone, who wants to be told by SMS when a booking is moved."""
    found = Diary(office, sms_by(provider))
    wanted = wishes(sms={"booking.moved": True})
    office.owners.people[found.ana] |= {"phone": PHONE, "notification_preferences": wanted}
    return found


async def test_what_is_not_wanted_is_not_sent(diary: Diary) -> None:
    """The log says so; what is wanted still arrives."""
    wanted = wishes(email={"booking.created": False})
    diary.office.owners.people[diary.ana]["notification_preferences"] = wanted
    assert await diary.hear("booking.created") is None
    assert await diary.office.states(diary.tenant_id) == [("skipped", "not_wanted", 1)]
    assert await diary.hear("booking.updated", **MOVED) is not None


async def test_what_an_account_needs_always_arrives(office: Office) -> None:
    """A code for a new password is a mail to an address, whatever its owner wishes."""
    diary = Diary(office)
    nothing = wishes(email=dict.fromkeys(wishes()["email"], False))
    office.owners.people[diary.ana]["notification_preferences"] = nothing
    await queued(office, diary.tenant_id)
    await office.postman(diary.tray).round()
    assert len(diary.tray.mails) == 1


async def test_reminders_come_when_the_person_wishes(office: Office) -> None:
    """Their own minutes in the place of the tenant's; an empty list is no reminder at all."""
    office.owners.settings["reminder_minutes_before"] = [1440]
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=48)
    found = []
    for minutes in ([30, 90], [], None):
        diary = Diary(office)
        diary.state |= {
            "starts_at": rfc3339(start),
            "ends_at": rfc3339(start + timedelta(hours=1)),
        }
        wanted = wishes(reminder_minutes_before=minutes)
        office.owners.people[diary.ana]["notification_preferences"] = wanted
        await diary.hear("booking.created")
        rows = await office.desk.rows(
            "SELECT due_at FROM notification WHERE tenant_id = :it AND state = 'queued'"
            " ORDER BY due_at",
            it=diary.tenant_id,
        )
        found.append([int((start - row[0]).total_seconds() // 60) for row in rows])
    assert found == [[90, 30], [], [1440]]


@pytest.mark.parametrize(
    ("planned", "wished", "left", "sent"),
    [
        # As it was, or one more: what was planned is said.
        ([60], [60], [], 1),
        ([60], [60, 30], [], 1),
        # None any more, or one less of two.
        ([60], [], [], 0),
        ([1440], [60], [60], 0),
        ([1440, 90], [90, 60], [60], 1),
        # It is too late for what is wished: better late than never.
        ([60], [2880 + 60], [], 1),
    ],
)
async def test_a_wish_that_changes_counts_for_what_is_planned(
    office: Office, planned: list[int], wished: list[int], left: list[int], sent: int
) -> None:
    """When a reminder is due, it is asked again when its person wishes to be reminded: what is not
    wished any more is not said, and what is still to come is planned."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=48)
    diary = Diary(office)
    diary.state |= {"starts_at": rfc3339(start), "ends_at": rfc3339(start + timedelta(hours=1))}
    person = office.owners.people[diary.ana]
    person["notification_preferences"] = wishes(reminder_minutes_before=planned)
    await diary.hear("booking.created")
    before = len(diary.tray.mails)
    person["notification_preferences"] = wishes(reminder_minutes_before=wished)
    await office.make_due(diary.tenant_id)
    await office.postman(diary.tray).round()
    assert len(diary.tray.mails) == before + sent
    rows = await office.desk.rows(
        "SELECT due_at FROM notification WHERE tenant_id = :it AND state = 'queued'"
        " ORDER BY due_at",
        it=diary.tenant_id,
    )
    assert [int((start - row[0]).total_seconds() // 60) for row in rows] == left


async def test_a_wish_counts_for_bookings_that_there_are(office: Office) -> None:
    """Also where no reminder was planned, of each booking that is to come, and at once; nobody
    else's are touched, and of what is cancelled nothing is planned."""
    office.owners.settings["reminder_minutes_before"] = []
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=48)
    diary, other = Diary(office), Diary(office)
    for one in (diary, other):
        one.state |= {"starts_at": rfc3339(start), "ends_at": rfc3339(start + timedelta(hours=1))}
        await one.hear("booking.created")
    office.owners.bookings["gone"] = {**diary.state, "id": str(new_id()), "status": "cancelled"}
    await diary.wishes(reminder_minutes_before=[60, 30])
    await diary.rounds()
    await diary.rounds()
    rows = await office.desk.rows(
        "SELECT tenant_id, booking_id::text, due_at FROM notification WHERE state = 'queued'"
        " ORDER BY due_at"
    )
    expected = [start - timedelta(minutes=minutes) for minutes in (60, 30)]
    own = (diary.tenant_id, diary.state["id"])
    assert [tuple(row) for row in rows] == [(*own, due_at) for due_at in expected]


async def test_one_reminder_less(office: Office) -> None:
    """Who was reminded as they wish is not reminded once more as they wished before; nor is the
    tenant's wish of before theirs."""
    office.owners.settings["reminder_minutes_before"] = [1440, 60]
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=48)
    diary = Diary(office)
    diary.state |= {"starts_at": rfc3339(start), "ends_at": rfc3339(start + timedelta(hours=1))}
    await diary.hear("booking.created")
    day_before = (
        "UPDATE notification SET due_at = now() WHERE tenant_id = :it AND notification_id ="
        " (SELECT notification_id FROM notification WHERE tenant_id = :it AND state = 'queued'"
        " ORDER BY due_at LIMIT 1)"
    )
    await office.change(day_before, diary.tenant_id)
    await office.postman(diary.tray).round()
    assert len(diary.tray.mails) == 2
    wanted = wishes(reminder_minutes_before=[2880 + 60])
    office.owners.people[diary.ana]["notification_preferences"] = wanted
    await office.make_due(diary.tenant_id)
    await office.postman(diary.tray).round()
    assert len(diary.tray.mails) == 2
    assert ("skipped", "superseded", 1) in await office.states(diary.tenant_id)


async def test_an_sms_goes_to_the_provider(diary: Diary, provider: Receiver) -> None:
    """In the person's language, to their number in E.164, with the token and an id; of what nobody
    asked for by SMS no trace is left."""
    await diary.hear("booking.created")
    assert provider.received == []
    assert len(await diary.office.states(diary.tenant_id)) == 1
    await diary.hear("booking.updated", **MOVED)
    (request,) = provider.received
    assert (request.method, request.target) == ("POST", "/messages")
    assert request.headers["authorization"] == "Bearer a-token"
    body = orjson.loads(request.body)
    assert body["to"] == "+5511912345678"
    assert body["from"] == "Salon"
    assert body["id"] == request.headers["idempotency-key"]
    assert body["text"].startswith("Salão da Ana: Reserva, novo horário ou lugar: Cadeira 1,")
    assert "quarta-feira, 2 de dezembro de 2026, 12:00" in body["text"]


async def test_a_number_that_is_none_is_not_asked(diary: Diary, provider: Receiver) -> None:
    """Without a number, or with one that no country has, the log says why nothing was sent."""
    for phone in (None, "5555-0000", "+0 11 5555 0000"):
        diary.office.owners.people[diary.ana]["phone"] = phone
        await diary.hear("booking.updated", **MOVED)
    states = await diary.office.states(diary.tenant_id)
    assert [reason for _, reason, _ in states if reason] == ["no_phone"] * 3
    assert provider.received == []


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (202, "sent", None),
        (400, "failed", "sms_400"),
        (422, "failed", "sms_422"),
        (302, "queued", "sms_302"),
        (401, "queued", "sms_401"),
        (429, "queued", "sms_429"),
        (500, "queued", "sms_500"),
    ],
)
async def test_what_a_provider_answers(
    diary: Diary, provider: Receiver, status: int, state: str, reason: str | None
) -> None:
    """2xx is taken; what is wrong with the message is final; everything else is tried again."""
    provider.script = lambda _: answer(status, location="http://127.0.0.1:1/")
    await diary.hear("booking.updated", **MOVED)
    assert (state, reason, 1) in await diary.office.states(diary.tenant_id)
    assert len(provider.received) == 1


async def test_it_is_tried_again_under_the_same_id(diary: Diary, provider: Receiver) -> None:
    """A provider that was reset, or answered nothing in time, is asked again later."""
    provider.script = lambda _: b""
    await diary.hear("booking.updated", **MOVED)
    assert ("queued", "sms_unreachable", 1) in await diary.office.states(diary.tenant_id)
    provider.script = lambda _: answer(200)
    await diary.office.make_due(diary.tenant_id)
    await diary.office.postman(diary.tray, sms=diary.sms, channel="sms").round()
    assert ("sent", None, 2) in await diary.office.states(diary.tenant_id)
    first, second = provider.received
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_who_has_much_to_send_lets_others_pass(office: Office) -> None:
    """Of two tenants, one with forty mails that were there before, the other has its own in the
    first round, and every round is full."""
    diary = Diary(office)
    for _ in range(40):
        await queued(office, diary.tenant_id)
    late = await queued(office)
    assert await office.postman(diary.tray).round() == 8
    assert await office.states(late) == [("sent", None, 1)]
    rounds = [await office.postman(diary.tray).round() for _ in range(5)]
    assert rounds == [8, 8, 8, 8, 1]
