"""Erasing a person: the free text about them goes, and what they booked stays."""

from dataclasses import replace

from contracts.catalogue import COMMANDS
from contracts.reservation.personal_data import BookingErasePerson
from handlers.delivery.work import Asked, Done, Happened, Outcome, Refused, Send
from handlers.reservation.waitlist import taken_off
from storage.delivery.transaction import Writing
from storage.reservation.people import clear_free_text, standing_entries_of
from storage.reservation.person_keys import destroy_person_key


async def erase_person(work: Writing, asked: Asked[BookingErasePerson]) -> Outcome:
    """Afterwards nothing here says more of the person than their id. No booking gets a new version
    by it: nothing that was agreed has changed."""
    command = asked.message
    actor = command.requested_by.actor
    events: tuple[Happened, ...] = ()
    for entry in await standing_entries_of(work, command.user_id):
        left = await taken_off(work, entry, actor)
        events += () if isinstance(left, Refused) else left
    await clear_free_text(work, command.user_id)
    await destroy_person_key(work, command.user_id)
    answer = COMMANDS["user.complete_erasure"].model_validate(
        {
            "change_id": command.change_id,
            "user_id": command.user_id,
            "requested_by": command.requested_by,
        }
    )
    named = tuple(replace(event, actor=event.actor or actor) for event in events)
    return Done(200, {}, events=named, sends=(Send(answer, work.tenant_id),))
