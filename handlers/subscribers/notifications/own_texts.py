"""A tenant's own texts: read, written, given up, and looked at beforehand."""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any, get_args
from uuid import uuid5

from contracts.subscriber import templates
from contracts.wire.saying import Channel, Language
from contracts.wire.saying import Template as TemplateName
from contracts.wire.strict import Command, rfc3339
from handlers.delivery.work import (
    Asked,
    Done,
    Happened,
    Outcome,
    Refused,
    refused,
    refused_fields,
)
from handlers.subscribers.notifications.checking import faults_of
from handlers.subscribers.notifications.choosing import installations
from handlers.subscribers.notifications.values import VARIABLES
from handlers.subscribers.notifications.wording import Template
from storage.delivery.transaction import Reading, Writing
from storage.subscriber.templates import (
    TemplateRow,
    find_template,
    list_templates,
    locked_template,
    save_template,
)

NOT_FOUND = refused("not_found", "There is no such text.")


@dataclass(frozen=True, slots=True)
class Key:
    """Which text."""

    event: str
    channel: str
    locale: str

    @classmethod
    def of(cls, message: Any) -> "Key":
        return cls(message.event, message.channel, message.locale)

    @property
    def usual(self) -> Template | None:
        """The installation's; None where nothing can be said by this way."""
        return installations(self.event, self.channel, self.locale)


async def get_template(read: Reading, asked: Asked[templates.TemplateGet]) -> Done | Refused:
    """A TemplateView."""
    key = Key.of(asked.message)
    if key.usual is None:
        return NOT_FOUND
    row = await find_template(read, key.event, key.channel, key.locale)
    return Done(200, template_view(key, key.usual, row))


async def list_all(read: Reading, _asked: Asked[templates.TemplateList]) -> Done:
    """Every text, the tenant's in the place of the installation's."""
    own = {(row.event, row.channel, row.locale): row for row in await list_templates(read)}
    names = product(get_args(TemplateName), get_args(Channel), get_args(Language))
    items = [
        template_view(key, key.usual, own.get((key.event, key.channel, key.locale)))
        for key in (Key(*one) for one in names)
        if key.usual is not None
    ]
    return Done(200, {"items": items, "next_cursor": None})


async def set_template(work: Writing, asked: Asked[templates.TemplateSet]) -> Outcome:
    """Afterwards this is what people read, from the next message on."""
    command, key = asked.message, Key.of(asked.message)
    usual = key.usual
    if usual is None:
        return NOT_FOUND
    unfit = text_refusal(key, command.subject, command.body)
    if unfit is not None:
        return unfit
    return await _saved(work, key, command, usual, Template(command.subject or "", command.body))


async def reset_template(work: Writing, asked: Asked[templates.TemplateReset]) -> Outcome:
    """Afterwards people read the installation's text, whether there was one of the tenant's or
    not."""
    key = Key.of(asked.message)
    usual = key.usual
    if usual is None:
        return NOT_FOUND
    outcome = await _saved(work, key, asked.message, usual, None)
    return replace(outcome, status=204, body=None) if isinstance(outcome, Done) else outcome


async def _saved(
    work: Writing, key: Key, command: Command, usual: Template, text: Template | None
) -> Outcome:
    subject, body = (None, None) if text is None else (text.subject or None, text.body)
    before = await locked_template(work, key.event, key.channel, key.locale)
    if command.expected_version not in (None, before.version):
        return refused("stale_version", f"The version is {before.version}.")
    if (before.subject, before.body) == (subject, body):
        return Done(200, template_view(key, usual, before))
    after = replace(
        before, subject=subject, body=body, version=before.version + 1, updated_at=work.now
    )
    await save_template(work, after)
    return Done(200, template_view(key, usual, after), events=(_happened(key, after, before),))


def template_view(key: Key, usual: Template, row: TemplateRow | None) -> dict[str, Any]:
    """A TemplateView."""
    text = present(usual, row)
    return {
        "event": key.event,
        "channel": key.channel,
        "locale": key.locale,
        "subject": text.subject or None,
        "body": text.body,
        "own": row is not None and row.body is not None,
        "variables": sorted(VARIABLES[key.event]),
        "version": 0 if row is None else row.version,
        "updated_at": None if row is None or row.version == 0 else rfc3339(row.updated_at),
    }


def present(usual: Template, row: TemplateRow | None) -> Template:
    """The text that counts now."""
    if row is None or row.body is None:
        return usual
    return Template(row.subject or usual.subject, row.body)


def text_refusal(key: Key, subject: str | None, body: str) -> Refused | None:
    """Why these cannot be used, everything at once."""
    if key.channel == "sms" and subject is not None:
        message = "An SMS has no subject."
        return refused_fields("invalid_template", [("subject", "not_allowed", message)])
    found = faults_of(key.event, subject, body)
    errors = [(one.field, one.code, one.message) for one in found]
    return refused_fields("invalid_template", errors) if errors else None


def _happened(key: Key, after: TemplateRow, before: TemplateRow) -> Happened:
    """The event: of the texts themselves that they changed, for they may say anything."""
    identity = uuid5(after.tenant_id, f"{key.event}/{key.channel}/{key.locale}")
    state = {
        "id": str(identity),
        "tenant_id": str(after.tenant_id),
        "event": key.event,
        "channel": key.channel,
        "locale": key.locale,
        "own": after.body is not None,
        "version": after.version,
    }
    changes: dict[str, Any] = {
        name: {"before": None, "after": None, "redacted": True}
        for name in ("subject", "body")
        if getattr(before, name) != getattr(after, name)
    }
    changes["own"] = {"before": before.body is not None, "after": after.body is not None}
    name = "updated" if after.body is not None else "removed"
    return Happened(
        f"notification_template.{name}",
        "notification_template",
        identity,
        after.version,
        state,
        changes,
        after.tenant_id,
    )
