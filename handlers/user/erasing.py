"""Erasing a person: here at once, then in reservation, and only then is it said to be done.

    user.erase ─► booking.erase_person ─► user.complete_erasure

Events and the audit trail never held more of a person than their id, and that stays.
"""

from dataclasses import replace

from contracts.catalogue import COMMANDS
from contracts.user.personal_data import UserCompleteErasure, UserErase
from contracts.wire.requester import Requester
from contracts.wire.strict import rfc3339
from domain.user.email import normalise_email
from handlers.delivery.completing import completed
from handlers.delivery.work import Asked, Done, Outcome, Refused, Send, Waiting, refused
from handlers.user.accounts import ABOVE, NOT_FOUND, done, owner_stays
from handlers.user.rights import outranks
from handlers.user.views import session_facts
from storage.delivery.transaction import Writing
from storage.user.accounts import AccountRow, find_account, lock_owners, save_account
from storage.user.calendar_tokens import end_token
from storage.user.codes import forget_codes
from storage.user.sessions import revoke_sessions_of


async def erase_user(work: Writing, asked: Asked[UserErase]) -> Outcome:
    """Afterwards there is nothing here but an id, which signs in nowhere and is never restored; the
    same of somebody who was deleted. Said again, reservation is asked again."""
    command = asked.message
    await lock_owners(work)
    before = await find_account(work, command.user_id, lock=True, deleted=True)
    if before is None:
        return NOT_FOUND
    if command.expected_version not in (None, before.version):
        return refused("stale_version", f"The version is {before.version}.")
    if before.erased_at is not None:
        return Waiting(sends=(_asked_of_reservation(work, asked),))
    unfit = await _refusal(work, asked, before)
    if unfit is not None:
        return unfit
    ended = await revoke_sessions_of(work, before.user_id)
    await end_token(work, before.user_id)
    await forget_codes(work, before.user_id, normalise_email(before.email))
    gone = _nobody(work, before)
    await save_account(work, gone)
    outcome = done("user.erased", gone, before)
    facts = (*outcome.facts, *session_facts(work.tenant_id, ended))
    return Waiting(outcome.events, facts, (_asked_of_reservation(work, asked),))


async def complete_erasure(work: Writing, asked: Asked[UserCompleteErasure]) -> Outcome:
    """Whoever asked hears that nothing of the person is left."""
    command = asked.message
    account = await find_account(work, command.user_id, deleted=True)
    outcome: Outcome
    if account is None or account.erased_at is None:
        outcome = NOT_FOUND
    else:
        erased_at = rfc3339(account.erased_at)
        outcome = Done(200, {"id": str(account.user_id), "erased_at": erased_at})
    return completed(command.change_id, outcome, asked.envelope, command.requested_by.actor)


async def _refusal(work: Writing, asked: Asked[UserErase], before: AccountRow) -> Refused | None:
    if not await outranks(work, asked.actor, before.roles):
        return ABOVE
    if not await owner_stays(work, before, replace(before, active=False)):
        return refused("last_owner", "The tenant would have no owner.")
    return None


def _nobody(work: Writing, before: AccountRow) -> AccountRow:
    """What is left of an account: that there was one."""
    return replace(
        before,
        email="",
        name="",
        phone=None,
        locale=None,
        timezone=None,
        roles=(),
        attributes={},
        notification_preferences={},
        active=False,
        password_hash=None,
        version=before.version + 1,
        updated_at=work.now,
        deleted_at=before.deleted_at or work.now,
        erased_at=work.now,
    )


def _asked_of_reservation(work: Writing, asked: Asked[UserErase]) -> Send:
    """What reservation is asked for; of its messages only the name is known here."""
    command = COMMANDS["booking.erase_person"].model_validate(
        {
            "change_id": asked.envelope.id,
            "user_id": asked.message.user_id,
            "requested_by": Requester.of(asked.actor),
        }
    )
    return Send(command, work.tenant_id)
