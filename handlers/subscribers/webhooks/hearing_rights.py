"""Which events somebody may have sent: those of objects that they may read themselves."""

from collections.abc import Iterable
from types import MappingProxyType

from contracts.catalogue import EVENTS
from contracts.wire.envelope import Actor
from handlers.delivery.work import Refused, refused_fields

# By the object that an event is about.
READS = MappingProxyType(
    {
        "apikey": "apikey:manage",
        "booking": "booking:read:any",
        "category": "resource:read",
        "notification_template": "tenant:update",
        "resource": "resource:read",
        "role": "tenant:read",
        "tenant": "tenant:read",
        "user": "user:read:any",
        "waitlist": "booking:read:any",
        "webhook": "webhook:manage",
    }
)


def hearing_refusal(actor: Actor, filters: Iterable[str]) -> Refused | None:
    """Why these events are not this caller's to hear, if so; what is no filter is not looked at."""
    errors = []
    for place, name in enumerate(filters):
        subjects = sorted({_subject(one) for one in (EVENTS if name == "*" else (name,))})
        lacking = [READS[one] for one in subjects if one in READS and not actor.may(READS[one])]
        if lacking:
            message = f"This takes {', '.join(dict.fromkeys(lacking))}."
            errors.append((f"event_types.{place}", "forbidden", message))
    return refused_fields("forbidden", errors) if errors else None


def _subject(name: str) -> str:
    return name.partition(".")[0]
