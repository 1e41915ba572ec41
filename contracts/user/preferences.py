"""Which messages a person wants, and by which way."""

from typing import ClassVar

from contracts.wire.saying import ReminderMinutes, Said
from contracts.wire.strict import Command, Id, Query, Strict

Wanted = dict[Said, bool]


class UserGetPreferences(Query):
    type: ClassVar[str] = "user.get_notification_preferences"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("user:read:any", "user:read:own")

    user_id: Id


class UserSetPreferences(Command):
    """All of them anew: of what is not named the installation's own wish counts, which is every
    message by mail and none by SMS. `reminder_minutes_before` null is as the tenant reminds, an
    empty list is no reminder at all."""

    type: ClassVar[str] = "user.set_notification_preferences"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("user:update:any", "user:update:own")

    user_id: Id
    email: Wanted = {}
    sms: Wanted = {}
    reminder_minutes_before: ReminderMinutes | None = None


class Preferences(Strict):
    """Of every message whether it is wanted."""

    email: dict[Said, bool]
    sms: dict[Said, bool]
    reminder_minutes_before: tuple[int, ...] | None


class PreferencesView(Preferences):
    """`version` is the user's."""

    version: int


COMMANDS: tuple[type[Command], ...] = (UserSetPreferences,)
QUERIES: tuple[type[Query], ...] = (UserGetPreferences,)
