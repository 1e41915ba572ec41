"""A booking as the figures need it, from its event: no words, and nobody's name or id."""

from datetime import datetime
from typing import Any
from uuid import UUID

from storage.subscriber.report_figures import Fact


def fact_of(state: dict[str, Any]) -> Fact:
    """The booking after the event, and what is known from this event of its cancellation."""
    own = state["resource_id"]
    others = [one for one in state["resource_ids"] if one != own]
    category = state.get("category_id")
    cancelled_at = state["cancelled_at"]
    return Fact(
        resource_ids=tuple(UUID(one) for one in (own, *others)),
        category_id=None if category is None else UUID(category),
        starts_at=datetime.fromisoformat(state["starts_at"]),
        ends_at=datetime.fromisoformat(state["ends_at"]),
        timezone=state["timezone"],
        quantity=state["quantity"],
        status=state["status"],
        on_hold=state["hold_expires_at"] is not None,
        created_at=datetime.fromisoformat(state["created_at"]),
        cancelled_at=None if cancelled_at is None else datetime.fromisoformat(cancelled_at),
        cancelled_by=kind_of(state["cancelled_by"], state["user_id"]),
        window_hours=state.get("cancellation_window_hours"),
        cancelled_from=cancelled_from(state),
    )


def cancelled_from(state: dict[str, Any]) -> str | None:
    """What the booking was when this event cancelled it; None where it did not."""
    change = state.get("changes", {}).get("status", {})
    before: str | None = change.get("before") if change.get("after") == "cancelled" else None
    return before


def kind_of(actor: str | None, user_id: str | None) -> str | None:
    """Who cancelled, as a kind: the `customer` whose booking it is, `staff`, a `service`, or the
    `system`."""
    if actor is None:
        return None
    kind, _, identity = actor.partition(":")
    if kind == "user":
        return "customer" if identity == user_id else "staff"
    return "service" if kind == "service" else "system"
