"""Completing a command that waited: its outcome, come to in the transaction of another command."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from contracts.wire.envelope import Actor, Envelope
from contracts.wire.reply import Reply
from handlers.delivery.commands import reply_of
from handlers.delivery.work import Asked, Done, Outcome, Waiting
from storage.delivery.transaction import Writing


async def answer_waiting(_: Writing, asked: Asked[Any]) -> Outcome:
    """Carries an answer that another context has completed to whoever waits for it."""
    command = asked.message
    return Done(200, {}, completes=(command.change_id, Reply(command.status, command.body)))


def completed(change_id: UUID, outcome: Outcome, envelope: Envelope, actor: Actor) -> Done:
    """This outcome is that of the command `change_id`, and its events are the doing of `actor`; one
    that waits (again) only goes on."""
    events = tuple(replace(event, actor=event.actor or actor) for event in outcome.events)
    if isinstance(outcome, Waiting):
        return Done(200, {}, events, outcome.facts, outcome.sends)
    completes = (change_id, reply_of(outcome, envelope))
    if isinstance(outcome, Done):
        return Done(200, {}, events, outcome.facts, outcome.sends, completes=completes)
    return Done(200, {}, events, completes=completes)
