"""Reminders: as long before as the tenant says, after every move, and of nothing that is over."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.wire.strict import rfc3339
from tests.integration.subscribers.notifications.conftest import Office
from tests.integration.subscribers.notifications.diary import Diary

HOUR = timedelta(hours=1)


def ahead(hours: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)


@pytest.fixture
def diary(office: Office) -> Diary:
    """A tenant that reminds a day and an hour before, and of a booking in two days."""
    office.owners.settings["reminder_minutes_before"] = [1440, 60]
    found = Diary(office)
    found.state |= {"starts_at": rfc3339(ahead(48)), "ends_at": rfc3339(ahead(49))}
    return found


async def waiting(diary: Diary) -> list[datetime]:
    """When those that are queued are due."""
    rows = await diary.office.desk.rows(
        "SELECT due_at FROM notification WHERE tenant_id = :it AND state = 'queued'"
        " AND template = 'booking.reminder' ORDER BY due_at",
        it=diary.tenant_id,
    )
    return [row[0] for row in rows]


async def said(diary: Diary) -> list[str]:
    """What was sent, when everything that waits has become due."""
    before = len(diary.tray.mails)
    await diary.office.make_due(diary.tenant_id)
    await diary.office.postman(diary.tray).round()
    return [str(mail["Subject"]) for mail in diary.tray.mails[before:]]


def start_of(diary: Diary) -> datetime:
    return datetime.fromisoformat(diary.state["starts_at"])


async def test_reminders_are_due_as_the_tenant_says(diary: Diary) -> None:
    """One for each of `reminder_minutes_before`, from the start back; each is sent once."""
    await diary.hear("booking.created", again=2)
    start = start_of(diary)
    assert await waiting(diary) == [start - 24 * HOUR, start - HOUR]
    subjects = await said(diary)
    assert len(subjects) == 2
    assert all(one.startswith("Lembrete: Reserva") for one in subjects)
    assert await said(diary) == []


async def test_what_would_be_late_is_not_planned(diary: Diary) -> None:
    """Whoever books for in two hours is reminded once, an hour before."""
    await diary.hear("booking.created", starts_at=rfc3339(ahead(2)), ends_at=rfc3339(ahead(3)))
    assert await waiting(diary) == [start_of(diary) - HOUR]


async def test_they_follow_a_move(diary: Diary) -> None:
    """Those of the new start are sent, those of the old one never."""
    await diary.hear("booking.created")
    old = start_of(diary)
    later = {"starts_at": rfc3339(old + 24 * HOUR), "ends_at": rfc3339(old + 25 * HOUR)}
    await diary.hear("booking.updated", 1, **later)
    new = start_of(diary)
    assert set(await waiting(diary)) >= {new - 24 * HOUR, new - HOUR}
    assert len(await said(diary)) == 2
    states = await diary.office.states(diary.tenant_id)
    assert states.count(("skipped", "superseded", 1)) == 2


async def test_a_move_to_and_fro(diary: Diary) -> None:
    """Back at the first start, its reminders are sent, and once."""
    await diary.hear("booking.created")
    first = {name: diary.state[name] for name in ("starts_at", "ends_at")}
    later = {name: rfc3339(datetime.fromisoformat(at) + HOUR) for name, at in first.items()}
    await diary.hear("booking.updated", 1, **later)
    await diary.hear("booking.updated", 1, **first)
    assert len(await said(diary)) == 2


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("booking.cancelled", "cancelled"),
        ("booking.status_changed", "rejected"),
        ("booking.hold_expired", "expired"),
    ],
)
async def test_they_die_with_the_booking(diary: Diary, event: str, status: str) -> None:
    """Nothing waits any more, and nothing is sent."""
    await diary.hear("booking.created")
    await diary.hear(event, status=status)
    assert await waiting(diary) == []
    assert await said(diary) == []


async def test_a_cancellation_that_is_heard_late(diary: Diary) -> None:
    """Before it sends, a reminder asks how the booking stands: whatever was heard, nobody is
    reminded of what is cancelled."""
    await diary.hear("booking.created")
    diary.office.owners.bookings[diary.state["id"]]["status"] = "cancelled"
    assert await said(diary) == []
    await diary.hear("booking.updated", starts_at=rfc3339(ahead(72)))
    assert await waiting(diary) != []


async def test_they_wait_while_nobody_runs(diary: Diary) -> None:
    """What is planned is in the database: another postman, later, sends it; but nothing of a
    booking that has begun meanwhile."""
    await diary.hear("booking.created")
    assert len(await said(diary)) == 2
    late = Diary(diary.office)
    late.state |= {"starts_at": rfc3339(ahead(1.5)), "ends_at": rfc3339(ahead(3))}
    await late.hear("booking.created")
    assert len(await waiting(late)) == 1


async def test_an_owner_who_is_away_delays_the_plan(diary: Diary) -> None:
    """The plan waits, uncounted, and is carried out when the owner answers."""
    diary.office.owners.away = True
    assert await diary.hear("booking.created") is None
    diary.office.owners.away = False
    await diary.office.make_due(diary.tenant_id)
    await diary.office.postman(diary.tray).round()
    assert len(await waiting(diary)) == 2


async def test_a_hold_is_reminded_of_once_it_is_confirmed(diary: Diary) -> None:
    """A hold alone is nothing to be reminded of."""
    await diary.hear("booking.created", status="held")
    assert await waiting(diary) == []
    await diary.hear("booking.status_changed", status="confirmed")
    assert len(await waiting(diary)) == 2
