"""Which text is used: the tenant's own, else the installation's."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.subscribers.notifications.rendering import WORDINGS
from handlers.subscribers.notifications.wording import Template
from storage.subscriber.templates import own_text


class Texts:
    """Looks for the tenants' own as the timers' role."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, tenant_id: UUID, event: str, channel: str, language: str) -> Template | None:
        """None where nothing can be said by this way."""
        usual = installations(event, channel, language)
        own = await own_text(self._engine, tenant_id, event, channel, language)
        if own is None or usual is None:
            return usual
        subject, body = own
        return Template(subject or usual.subject, body)


def installations(event: str, channel: str, language: str) -> Template | None:
    """The text of the installation; the subject of an SMS is empty."""
    wording = WORDINGS[language]
    if channel == "email":
        return wording.templates.get(event)
    body = wording.short.get(event)
    return None if body is None else Template("", f"{{{{ tenant.name }}}}: {body}")
