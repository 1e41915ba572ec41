"""The token of a user's calendar feed: one at a time, shown once."""

from typing import ClassVar

from contracts.wire.feed_tokens import FeedToken
from contracts.wire.strict import Command, Id, Query


class UserMintCalendarToken(Command):
    """Makes the user's token; one that it had is good for nothing any more."""

    type: ClassVar[str] = "user.mint_calendar_token"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("user:update:any", "user:update:own")

    user_id: Id


class UserRevokeCalendarToken(Command):
    type: ClassVar[str] = "user.revoke_calendar_token"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("user:update:any", "user:update:own")

    user_id: Id


class UserVerifyCalendarToken(Query):
    """Asked by a gateway before it is known who calls, and in which tenant."""

    type: ClassVar[str] = "user.verify_calendar_token"
    context: ClassVar[str] = "user"
    permissions: ClassVar[tuple[str, ...]] = ("*",)
    secret_fields: ClassVar[tuple[str, ...]] = ("token",)
    before_sign_in: ClassVar[bool] = True

    user_id: Id
    token: FeedToken


COMMANDS: tuple[type[Command], ...] = (UserMintCalendarToken, UserRevokeCalendarToken)
QUERIES: tuple[type[Query], ...] = (UserVerifyCalendarToken,)
