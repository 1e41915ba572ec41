"""Whoever changes by what an account is entered gives its password once more.

They hold a session, which may be a stolen one: a wrong password is noted, for whose account it is.
"""

from typing import Any
from uuid import UUID

from contracts.wire.envelope import Actor
from contracts.wire.identity import NIL
from handlers.delivery.work import Asked, Refused, refused
from handlers.user.tools import UserTools
from storage.delivery.transaction import Writing, reading
from storage.user.accounts import AccountRow, find_account

WRONG_PASSWORD = refused("invalid_credentials", "The current password is wrong.")
NO_PERSON = refused("forbidden", "Only a person has a password.")


class Proof:
    """Asks for the password of the caller's account; a wrong one is noted as `failure`."""

    def __init__(self, tools: UserTools, failure: str) -> None:
        self._tools = tools
        self._failure = failure

    async def of(self, asked: Asked[Any]) -> AccountRow | Refused:
        """The caller's account, where the password is right."""
        user_id = person_of(asked.actor)
        if user_id is None:
            return NO_PERSON
        async with reading(self._tools.engine, home_of(asked)) as read:
            account = await find_account(read, user_id)
        before = None if account is None else account.password_hash
        proven = await self._tools.passwords.verify(asked.message.current_password, before)
        return account if proven and account is not None else self._guessed(asked, user_id)

    async def still(
        self, work: Writing, asked: Asked[Any], user_id: UUID, password_hash: str | None
    ) -> AccountRow | Refused:
        """The same account in its transaction, locked until the commit; refused where it is out or
        its password is another by now."""
        await work.enter(home_of(asked))
        account = await find_account(work, user_id, lock=True)
        if account is None or not account.active or account.password_hash != password_hash:
            return self._guessed(asked, user_id)
        return account

    def _guessed(self, asked: Asked[Any], user_id: UUID) -> Refused:
        home = home_of(asked)
        self._tools.trail.notice(
            asked.envelope,
            self._failure,
            None if home == NIL else home,
            subject=f"user/{user_id}",
            reason="invalid_credentials",
        )
        return WRONG_PASSWORD


def person_of(actor: Actor) -> UUID | None:
    """Whose account the caller has, if they are a person."""
    if actor.kind not in ("user", "platform") or actor.id is None:
        return None
    return UUID(actor.id)


def home_of(asked: Asked[Any]) -> UUID:
    """Where the caller's account is: the platform's people are those of no tenant."""
    return NIL if asked.actor.kind == "platform" else asked.tenant_id
