"""What a person wants to be told, and by which way."""

from dataclasses import replace

from contracts.user.preferences import UserGetPreferences, UserSetPreferences
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused
from handlers.user.accounts import NOT_FOUND
from handlers.user.changing import changeable
from handlers.user.views import shown_preferences, user_event
from storage.delivery.transaction import Reading, Writing
from storage.user.accounts import AccountRow, find_account, save_account


async def get_preferences(read: Reading, asked: Asked[UserGetPreferences]) -> Done | Refused:
    """A PreferencesView. Who may see themselves alone finds nobody else."""
    user_id = asked.message.user_id
    if not asked.actor.is_user(user_id) and not asked.actor.may("user:read:any"):
        return NOT_FOUND
    account = await find_account(read, user_id)
    return NOT_FOUND if account is None else _done(account)


async def set_preferences(work: Writing, asked: Asked[UserSetPreferences]) -> Outcome:
    """Afterwards these count and no others; what is already under way is asked again before it
    is sent."""
    command = asked.message
    before = await changeable(work, asked.actor, command.user_id)
    if isinstance(before, Refused):
        return before
    if command.expected_version not in (None, before.version):
        return refused("stale_version", f"The version is {before.version}.")
    fields = {"email", "sms", "reminder_minutes_before"}
    wished = command.model_dump(mode="json", include=fields)
    if wished == before.notification_preferences:
        return _done(before)
    after = replace(
        before,
        notification_preferences=wished,
        version=before.version + 1,
        updated_at=work.now,
    )
    await save_account(work, after)
    return replace(_done(after), events=(user_event("user.updated", after, before),))


def _done(account: AccountRow) -> Done:
    shown = {**shown_preferences(account), "version": account.version}
    return Done(200, shown, private=True)
