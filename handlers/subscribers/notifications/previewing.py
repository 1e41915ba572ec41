"""What a tenant's text would become, shown before it is kept."""

from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from contracts.subscriber import templates
from contracts.wire.saying import Said
from contracts.wire.strict import rfc3339
from handlers.delivery.named_tenant import command_of_tenant, query_in_tenant
from handlers.delivery.work import Asked, CommandRoute, Done, Outcome, QueryRoute
from handlers.subscribers.notifications.facts import Facts, Letterhead, Person
from handlers.subscribers.notifications.formats import Formats
from handlers.subscribers.notifications.own_texts import (
    NOT_FOUND,
    Key,
    get_template,
    list_all,
    present,
    reset_template,
    set_template,
    text_refusal,
)
from handlers.subscribers.notifications.rendering import rendered, rendered_short
from handlers.subscribers.notifications.values import of_booking, of_writer
from handlers.subscribers.notifications.wording import Template
from storage.delivery.transaction import Writing
from storage.subscriber.templates import find_template

# What a preview is filled with, in every language.
_SOMEBODY = Person("Ana Souza", "ana@people.example", None, "+5511912345678")
_CODE = "abcd-efgh-1234"


class Previews:
    """Shows what a text would become; `prepare` asks who writes."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def prepare(self, asked: Asked[templates.TemplatePreview]) -> Letterhead | None:
        return await self._facts.letterhead(asked.message.tenant_id)

    async def show(self, work: Writing, asked: Asked[templates.TemplatePreview]) -> Outcome:
        """A PreviewView; of the same text as would be refused, the same refusal."""
        command, key, head = asked.message, Key.of(asked.message), asked.prepared
        if key.usual is None or head is None:
            return NOT_FOUND
        row = await find_template(work, key.event, key.channel, key.locale)
        now = present(key.usual, row)
        text = Template(command.subject or now.subject, command.body or now.body)
        unfit = text_refusal(key, command.subject, text.body)
        if unfit is not None:
            return unfit
        values = _made_up(key, head, work.now)
        if key.channel == "sms":
            return Done(200, {"subject": None, "text": rendered_short(text, values), "html": None})
        letter = rendered(text, key.locale, values)
        shown = {"subject": letter.subject, "text": letter.text, "html": letter.html}
        return Done(200, shown)


def _made_up(key: Key, head: Letterhead, now: datetime) -> dict[str, Any]:
    """Words for every variable of a message."""
    formats = Formats(key.locale, None, head.zone)
    values = of_writer(head, _SOMEBODY, key.locale)
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
    if key.event in get_args(Said):
        booking = {
            "id": str(UUID(int=0)),
            "starts_at": rfc3339(start),
            "ends_at": rfc3339(start + timedelta(hours=1)),
            "status": "confirmed",
        }
        earlier = {
            "starts_at": rfc3339(start - timedelta(days=1)),
            "ends_at": rfc3339(start - timedelta(hours=23)),
        }
        name = values["label"]["resource"]
        values |= of_booking(booking, earlier, name, formats, key.locale)
    values["expires"] = formats.moment(start - timedelta(days=1))
    return {**values, "code": _CODE, "about": "hooks.example.com"}


def template_routes(facts: Facts) -> tuple[CommandRoute | QueryRoute, ...]:
    """Every message about texts."""
    previews = Previews(facts)
    return (
        command_of_tenant(templates.TemplateSet, set_template),
        command_of_tenant(templates.TemplateReset, reset_template),
        command_of_tenant(templates.TemplatePreview, previews.show, previews.prepare),
        query_in_tenant(templates.TemplateGet, get_template),
        query_in_tenant(templates.TemplateList, list_all),
    )
