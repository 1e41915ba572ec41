"""What a customer of a running installation is told, as `/dev/mailbox` and the log show it."""

import re
from typing import Any
from uuid import uuid4

from icalendar import Calendar

from tests.e2e.house import House, Person, at, day_ahead, rfc
from tests.e2e.mailbox import mails_to, next_mail
from tests.installation import Installation
from tests.waiting import wait_until


def email_of(who: Person) -> str:
    return str(who.get("/auth/me").json()["email"])


def told(who: Person, booking_id: str) -> list[dict[str, Any]]:
    answer = who.get(f"/reservations/bookings/{booking_id}/notifications")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_a_booking_is_told_of_from_its_making_to_its_end(
    installation: Installation, house: House
) -> None:
    """Made, moved and cancelled: three mails with the same event in their calendars, and a log
    that says of each that it was sent, of reminders that they died, and to nobody what."""
    house.open_always(timezone="America/Sao_Paulo", locale="pt-BR", labels={"resource": "Barbeiro"})
    chair, ana = house.resource(name="Bruno"), house.person("customer")
    email = email_of(ana)
    start = at(day_ahead(), 15)
    booking_id = house.book(ana, chair, start).json()["id"]
    made = next_mail(installation, email, 0)
    path = f"/reservations/bookings/{booking_id}"
    later = {"starts_at": rfc(at(day_ahead(), 17)), "ends_at": rfc(at(day_ahead(), 18))}
    assert ana.patch(path, later).status_code == 200
    moved = next_mail(installation, email, 1)
    assert ana.post(f"{path}/cancel").status_code == 200
    cancelled = next_mail(installation, email, 2)

    assert "Barbeiro: Bruno" in made["text"]
    assert "12:00 – 13:00 (Horário Padrão de Brasília)" in made["text"]
    assert "14:00 – 15:00" in moved["text"]
    files = [mail["attachments"][0]["content"] for mail in (made, moved, cancelled)]
    calendars = [Calendar.from_ical(text) for text in files]
    assert [str(one["method"]) for one in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [one.walk("VEVENT")[0] for one in calendars]
    assert {str(event["uid"]) for event in events} == {f"{booking_id}@slotstream"}
    assert [event["sequence"] for event in events] == [1, 2, 3]

    wait_until(lambda: "queued" not in {one["state"] for one in told(ana, booking_id)}, 10)
    log = told(ana, booking_id)
    assert [one["template"] for one in log if one["state"] == "sent"] == [
        "booking.created",
        "booking.moved",
        "booking.cancelled",
    ]
    left = {(one["template"], one["reason"]) for one in log if one["state"] != "sent"}
    assert left == {("booking.reminder", "superseded")}
    assert email not in str(log)
    assert told(house.owner, booking_id) == log
    other = house.person("customer").get(f"{path}/notifications")
    assert (other.status_code, other.json()["code"]) == (404, "not_found")


def test_a_code_for_a_new_password_comes_by_mail(installation: Installation, house: House) -> None:
    """The code in the mail is the one that sets the password."""
    ana = house.person("customer")
    email = email_of(ana)
    asked = ana.post("/auth/password/forgot", {"tenant": house.slug, "email": email})
    assert asked.status_code == 202
    mail = next_mail(installation, email, 0)
    code = re.search(r"^\S{20,}$", mail["text"], re.MULTILINE)
    assert code is not None
    new = {"code": code[0], "new_password": "another long enough phrase"}
    assert ana.post("/auth/password/reset", new).status_code in (200, 204)
    assert len(mails_to(installation, email)) == 1


def test_people_are_told_as_they_wish_in_the_tenants_own_words(
    installation: Installation, house: House
) -> None:
    """A customer who wants an SMS when a booking is made, and no mail, gets that, in the text that
    the tenant wrote and looked at before; the log has the mail as not wanted, and nothing else."""
    house.open_always(reminder_minutes_before=[])
    chair, ana = house.resource(name="Bruno"), house.person("customer")
    phone = f"+5511{uuid4().int % 10**9:09d}"
    assert ana.patch(f"/users/{ana.id}", {"phone": phone}).status_code == 200
    wish = {"email": {"booking.created": False}, "sms": {"booking.created": True}}
    set_to = ana.put(f"/users/{ana.id}/notification-preferences", wish)
    assert set_to.status_code == 200, set_to.text
    path = f"/tenants/{house.id}/notification-templates/booking.created/sms/en"
    refused = house.owner.put(path, {"body": "{{ booking.price }}"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_template")
    text = {"body": "{{ booking.resource }} waits for you, {{ recipient.name }}!"}
    shown = house.owner.post(f"{path}/preview", text)
    assert "waits for you, Ana Souza!" in shown.json()["text"]
    kept = house.owner.put(path, text)
    assert kept.status_code == 200, kept.text
    assert house.owner.put(path, text, if_match='"9"').status_code == 412
    nowhere = house.owner.get(f"/tenants/{house.id}/notification-templates/booking.sold/sms/en")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")

    house.settings(locale="en")
    booking_id = house.book(ana, chair, at(day_ahead(), 15)).json()["id"]
    sms = next_mail(installation, phone, 0)
    assert sms["text"] == "Bruno waits for you, Somebody!"

    def over() -> bool:
        return "queued" not in {one["state"] for one in told(ana, booking_id)}

    wait_until(over, 20)
    log = {(one["channel"], one["state"], one["reason"]) for one in told(ana, booking_id)}
    assert log == {("sms", "sent", None), ("email", "skipped", "not_wanted")}
    assert mails_to(installation, email_of(ana)) == []
