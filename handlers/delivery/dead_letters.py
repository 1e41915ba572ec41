"""Dead letters and rejects: where entries go that nobody will handle, with the reason."""

from contracts.wire.streams import dead_of, rejects_of
from handlers.delivery.entries import Entry
from handlers.delivery.writer import Step, acknowledgement

MAX_DELIVERIES = 5


def dead_letter_steps(entry: Entry, reason: str, detail: str, now_ms: int) -> list[Step]:
    """Moves an entry to its context's dead-letter stream; the writer's MULTI makes it one step."""
    context = entry.stream.partition(".")[0]
    return [_keep(dead_of(context), entry, reason, detail, now_ms), acknowledgement(entry)]


def reject_steps(entry: Entry, publisher: str, reason: str, detail: str, now_ms: int) -> list[Step]:
    """Moves an entry that a direct publisher should not have sent to that publisher's rejects."""
    return [_keep(rejects_of(publisher), entry, reason, detail, now_ms), acknowledgement(entry)]


def _keep(stream: str, entry: Entry, reason: str, detail: str, now_ms: int) -> Step:
    raw = [part for name, value in entry.fields.items() for part in (b"raw." + name, value)]
    return (
        "XADD",
        stream,
        "*",
        "reason",
        reason,
        "detail",
        detail[:500],
        "stream",
        entry.stream,
        "group",
        entry.group,
        "entry",
        entry.id,
        "deliveries",
        str(entry.deliveries),
        "at",
        str(now_ms),
        *raw,
    )
