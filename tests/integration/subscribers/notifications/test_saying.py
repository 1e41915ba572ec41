"""From an event of a booking to what a person reads: words, times, and the calendar file."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, get_args

import pytest
from icalendar import Calendar

from contracts.wire.identity import new_id
from contracts.wire.saying import Said, Template
from handlers.subscribers.notifications.rendering import WORDINGS
from tests.integration.subscribers.notifications.conftest import Office, wishes
from tests.integration.subscribers.notifications.diary import BEGIN, END, MOVED, Diary


@pytest.fixture
def diary(office: Office) -> Diary:
    return Diary(office)


def text_of(mail: EmailMessage | None, kind: str = "plain") -> str:
    assert mail is not None
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def calendar_of(mail: EmailMessage | None) -> tuple[str, Any]:
    """The method that the mail says and the event of its file, which is also among its texts."""
    assert mail is not None
    (attached,) = mail.iter_attachments()
    texts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert len({part.get_content() for part in texts}) == 1
    assert len(texts) == 2
    assert attached.get_filename() == "invite.ics"
    calendar = Calendar.from_ical(attached.get_content())
    method = str(calendar["method"])
    assert {part.get_param("method") for part in texts} == {method}
    (event,) = calendar.walk("VEVENT")
    return method, event


async def test_a_booking_is_told_in_the_tenants_words(diary: Diary) -> None:
    """Language, zone, labels and branding are the tenant's where the person has no wish."""
    diary.office.owners.settings["labels"] = {"resource": "Barbeiro", "booking": "Horário"}
    mail = await diary.hear("booking.created")
    assert mail is not None
    assert mail["From"] == "Salão da Ana <no-reply@platform.example>"
    assert mail["Reply-To"] == "Salão da Ana <oi@salon.example>"
    assert mail["To"] == "Bia Lopes <bia@salon.example>"
    assert mail["Content-Language"] == "pt-BR"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert str(mail["Subject"]).startswith("Horário: terça-feira, 1 de dezembro de 2026, 12:00")
    text = text_of(mail)
    assert "Olá, Bia Lopes," in text
    assert "Barbeiro: Cadeira 1" in text
    assert (
        "Quando: terça-feira, 1 de dezembro de 2026, 12:00 – 13:00 (Horário Padrão de Brasília)"
        in text
    )
    assert "#112233" in text_of(mail, "html")
    assert "Rua A, 1" in text


@pytest.mark.parametrize(
    ("locale", "language", "when"),
    [
        ("en", "en", "Tuesday, December 1, 2026, 12:00\u202fPM"),
        ("en-GB", "en", "Tuesday, 1 December 2026, 12:00"),
        ("es", "es", "martes, 1 de diciembre de 2026, 12:00"),
        ("pt", "pt-BR", "terça-feira, 1 de dezembro de 2026, 12:00"),
        ("fr", "pt-BR", "terça-feira, 1 de dezembro de 2026, 12:00"),
    ],
)
async def test_a_person_reads_their_own_language(
    diary: Diary, locale: str, language: str, when: str
) -> None:
    """Where there is one of theirs; otherwise the tenant's. Formats are those of their country."""
    diary.office.owners.people[diary.ana]["locale"] = locale
    mail = await diary.hear("booking.created")
    assert mail is not None
    assert mail["Content-Language"] == language
    assert when in text_of(mail)


async def test_a_booking_in_calendars(diary: Diary) -> None:
    """REQUEST, moved by the next SEQUENCE, CANCEL: one UID, and whom it is from and for."""
    methods, events = [], []
    for name, changed in (
        ("booking.created", {}),
        ("booking.updated", MOVED),
        ("booking.cancelled", {"status": "cancelled"}),
    ):
        method, event = calendar_of(await diary.hear(name, **changed))
        methods.append(method)
        events.append(event)
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]
    assert {str(event["uid"]) for event in events} == {f"{diary.state['id']}@slotstream"}
    assert [event["sequence"] for event in events] == [1, 2, 3]
    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[0]["dtstart"].dt == datetime(2026, 12, 1, 15, tzinfo=UTC)
    assert events[1]["dtend"].dt == datetime(2026, 12, 2, 16, tzinfo=UTC)
    assert str(events[0]["organizer"]) == "mailto:oi@salon.example"
    assert str(events[0]["attendee"]) == "mailto:bia@salon.example"
    assert str(events[0]["summary"]) == "Reserva: Cadeira 1"


async def test_a_move_says_from_when(diary: Diary) -> None:
    """The new time, and the one before; a change of notes alone is nobody's news."""
    text = text_of(await diary.hear("booking.updated", **MOVED))
    assert "Quando: quarta-feira, 2 de dezembro de 2026" in text
    assert "Antes: terça-feira, 1 de dezembro de 2026, 12:00 – 13:00" in text
    assert await diary.hear("booking.updated", notes="redacted") is None


async def test_a_hold_is_told_of_when_it_ends(diary: Diary) -> None:
    """Not when it begins; and no calendar is asked to forget what it never had."""
    assert await diary.hear("booking.created", status="held") is None
    mail = await diary.hear("booking.hold_expired", status="expired")
    assert mail is not None
    assert list(mail.iter_attachments()) == []
    assert "livre de novo" in text_of(mail)


@pytest.mark.parametrize(
    ("status", "shown", "word"),
    [
        ("confirmed", "CONFIRMED", "confirmação feita"),
        ("pending", "TENTATIVE", "aguardando aprovação"),
    ],
)
async def test_a_confirmed_hold_is_a_new_booking(
    diary: Diary, status: str, shown: str, word: str
) -> None:
    """Who held a place and takes it is told what others are told who book at once, if they wish to
    hear of new bookings, with a REQUEST; what becomes of it then is a change."""
    wanted = wishes(email={"booking.status_changed": False})
    diary.office.owners.people[diary.ana]["notification_preferences"] = wanted
    await diary.hear("booking.created", status="held")
    mail = await diary.hear("booking.status_changed", status=status)
    assert mail is not None
    assert str(mail["Subject"]).startswith("Reserva: terça-feira, 1 de dezembro de 2026, 12:00")
    assert f"Reserva: {word}." in text_of(mail)
    method, event = calendar_of(mail)
    assert (method, event["sequence"], str(event["status"])) == ("REQUEST", 2, shown)
    assert await diary.hear("booking.status_changed", status="rejected") is None


async def test_an_event_that_comes_again_is_said_once(diary: Diary) -> None:
    """The inbox, and an id that follows from the event, make a repetition harmless."""
    assert await diary.hear("booking.created", again=3) is not None
    assert await diary.office.states(diary.tenant_id) == [("sent", None, 1)]


async def test_somebody_waiting_is_told_of_an_offer(diary: Diary) -> None:
    """What is on offer, and until when; it is of no use afterwards."""
    offer = {
        "booking_id": str(new_id()),
        "resource_id": str(new_id()),
        "starts_at": BEGIN,
        "ends_at": END,
        "hold_expires_at": "2099-01-01T12:00:00Z",
    }
    text = text_of(await diary.hear("waitlist.offered", offer=offer))
    assert "guardada para você até quinta-feira, 1 de janeiro de 2099, 09:00" in text
    late = {**offer, "hold_expires_at": "2020-01-01T12:00:00Z"}
    assert await diary.hear("waitlist.offered", offer=late) is None


@pytest.mark.parametrize("gone", [{"active": False}, {"deleted_at": BEGIN}])
async def test_who_is_gone_is_not_written_to(diary: Diary, gone: dict[str, Any]) -> None:
    """Somebody disabled or deleted between the event and the mail gets none; nor does nobody."""
    diary.office.owners.people[diary.ana] |= gone
    assert await diary.hear("booking.created") is None
    assert await diary.office.states(diary.tenant_id) == [("skipped", "no_recipient", 1)]
    assert await diary.hear("booking.created", user_id=None) is None


@pytest.mark.parametrize("kept", ["write to Ana", "oi@", "oi@" + "é" * 60 + ".example"])
async def test_a_contact_that_is_no_address(diary: Diary, kept: str) -> None:
    """A tenant that has one from before it was looked at still sends its mails; nobody is told to
    answer there, and the calendar file is the platform's."""
    diary.office.owners.branding["contact_email"] = kept
    mail = await diary.hear("booking.created")
    assert mail is not None
    assert mail["Reply-To"] is None
    _, event = calendar_of(mail)
    assert str(event["organizer"]) == "mailto:no-reply@platform.example"


async def test_a_name_cannot_write_the_mail(diary: Diary) -> None:
    """Neither a header, nor a template, nor HTML comes of what somebody is called."""
    owners = diary.office.owners
    owners.people[diary.ana]["name"] = "<b>Bia</b>\r\nBcc: x@y.example {{ tenant.name }}"
    mail = await diary.hear("booking.created")
    assert mail is not None
    assert mail["Bcc"] is None
    assert "{{ tenant.name }}" in text_of(mail)
    html = text_of(mail, "html")
    assert "&lt;b&gt;Bia&lt;/b&gt;" in html
    assert "<b>" not in html


async def test_an_address_of_other_letters(diary: Diary) -> None:
    """Its domain goes by the ASCII name that DNS knows."""
    diary.office.owners.people[diary.ana]["email"] = "josé@exämple.com"
    mail = await diary.hear("booking.created")
    assert mail is not None
    assert mail["To"].addresses[0].domain == "xn--exmple-cua.com"


@pytest.mark.parametrize("language", WORDINGS)
def test_every_language_says_everything(language: str) -> None:
    """Each template and each status, with the same values in every language."""
    wording = WORDINGS[language]
    assert tuple(wording.templates) == get_args(Template)
    assert tuple(wording.short) == get_args(Said)
    assert wording.statuses.keys() == WORDINGS["en"].statuses.keys()
    for name in get_args(Said):
        assert named(wording.short[name]) == named(WORDINGS["en"].short[name]), name
    for name in get_args(Template):
        mine, english = wording.templates[name], WORDINGS["en"].templates[name]
        assert named(mine.subject) == named(english.subject), name
        assert named(mine.body) == named(english.body), name


def named(text: str) -> set[str]:
    return set(re.findall(r"\{[{%] (?:if )?([\w.]+)", text)) - {"endif"}
