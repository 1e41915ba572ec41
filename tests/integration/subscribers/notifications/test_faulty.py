"""A message that cannot be made, or is true no more: it holds up none, and contradicts nothing."""

from email.message import EmailMessage

from handlers.subscribers.notifications.delivering import Delivery, Postponed, Sent
from handlers.subscribers.notifications.postman import FAILURES_MOST
from tests.integration.subscribers.notifications.conftest import Office
from tests.integration.subscribers.notifications.diary import MOVED, Diary, Tray

POISON = """
    INSERT INTO notification_template (tenant_id, event, channel, locale, body, version, created_at,
        updated_at)
    VALUES (:it, 'booking.moved', 'email', 'pt-BR', '{% if booking.quantity > "1" %}x{% endif %}',
        1, now(), now())
"""


class Busy(Tray):
    """Takes nothing for now, until it does."""

    def __init__(self) -> None:
        super().__init__()
        self.is_busy = True

    async def send(self, message: EmailMessage, recipient: str) -> Delivery:
        if self.is_busy:
            return Postponed("smtp_451")
        self.mails.append(message)
        return Sent()


async def test_a_text_that_fails_holds_up_nobody(office: Office) -> None:
    """Whatever was let in: the postman goes on, others get their mail, and after some tries the
    message has failed."""
    poisoned, other = Diary(office), Diary(office)
    await office.change(POISON, poisoned.tenant_id)
    assert await poisoned.hear("booking.updated", **MOVED) is None
    assert await other.hear("booking.updated", **MOVED) is not None
    assert await office.states(poisoned.tenant_id) == [("queued", "failed_here", 1)]
    for _ in range(FAILURES_MOST):
        await office.make_due(poisoned.tenant_id)
        await office.postman(poisoned.tray).round()
    assert await office.states(poisoned.tenant_id) == [("failed", "failed_here", FAILURES_MOST)]
    assert poisoned.tray.mails == []


async def test_what_could_not_be_sent_does_not_contradict_what_was(office: Office) -> None:
    """A mail that a server did not take for a while is not sent any more once a later one says how
    the booking stands; one that nothing followed is."""
    diary, tray = Diary(office), Busy()
    diary.tray = tray
    assert await diary.hear("booking.created") is None
    tray.is_busy = False
    cancelled = await diary.hear("booking.cancelled", status="cancelled")
    assert cancelled is not None
    await office.make_due(diary.tenant_id)
    await office.postman(tray).round()
    assert tray.mails == [cancelled]
    assert await office.states(diary.tenant_id) == [
        ("skipped", "superseded", 2),
        ("sent", None, 1),
    ]

    alone, tray = Diary(office), Busy()
    alone.tray = tray
    assert await alone.hear("booking.created") is None
    tray.is_busy = False
    await office.make_due(alone.tenant_id)
    await office.postman(tray).round()
    assert await office.states(alone.tenant_id) == [("sent", None, 2)]
