"""Creating, changing and deleting users."""

from dataclasses import replace
from typing import Any

from contracts.user.commands import UserCreate, UserDelete, UserRestore, UserUpdate
from contracts.wire.envelope import Actor
from contracts.wire.identity import object_id_for_command
from domain.contact.email import is_email
from domain.user.passwords import password_violations
from domain.user.roles import CUSTOMER, owner_remains
from handlers.delivery.attributes import too_large
from handlers.delivery.merging import patched
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused, refused_fields
from handlers.user.passwords import PasswordPool
from handlers.user.rights import outranks, roles_refusal
from handlers.user.views import USER_FIELDS, session_facts, user_event, user_fact, user_view
from storage.delivery.transaction import Writing
from storage.user.accounts import (
    AccountRow,
    active_owners,
    add_account,
    find_account,
    find_by_email,
    lock_owners,
    save_account,
)
from storage.user.calendar_tokens import end_token
from storage.user.codes import end_codes
from storage.user.sessions import revoke_sessions_of

# A page of users has to fit into one reply.
MAX_ATTRIBUTES = 65_536

NOT_FOUND = refused("not_found", "There is no such user.")
EMAIL_TAKEN = refused("email_in_use", "Another user has this e-mail address.")
ABOVE = refused("forbidden", "This user has rights that you lack.")
USE_EMAIL_CHANGE = refused(
    "use_email_change", "POST /auth/email/change changes one's own e-mail address."
)


class NewUsers:
    """Creation: the password is hashed before the transaction begins."""

    def __init__(self, passwords: PasswordPool) -> None:
        self._passwords = passwords

    async def prepare(self, asked: Asked[UserCreate]) -> str | Refused | None:
        """The hash of a password that is good enough; why it is not; None where there is none."""
        command = asked.message
        if command.password is None:
            return None
        return credentials_refusal(command.email, command.password) or await self._passwords.hash(
            command.password
        )

    async def create(self, work: Writing, asked: Asked[UserCreate]) -> Outcome:
        """Afterwards the user can sign in, where a password was given."""
        command = asked.message
        unfit = await self._refusal(work, asked)
        if unfit is not None:
            return unfit
        account = AccountRow(
            tenant_id=work.tenant_id,
            user_id=command.id or object_id_for_command(asked.envelope.id),
            **_values(command),
            password_hash=asked.prepared,
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
        taken = await add_account(work, account)
        if taken == "id":
            return refused("id_in_use", "Another user has this id.")
        return EMAIL_TAKEN if taken else done("user.created", account, None, status=201)

    async def _refusal(self, work: Writing, asked: Asked[UserCreate]) -> Refused | None:
        command = asked.message
        if set(command.roles) != {CUSTOMER} and not asked.actor.may("user:assign_role"):
            return refused("forbidden", "user:assign_role is needed for other than customers.")
        return (
            email_refusal(command.email)
            or await roles_refusal(work, asked.actor, command.roles, command.roles)
            or too_large(command.attributes, MAX_ATTRIBUTES)
            or (asked.prepared if isinstance(asked.prepared, Refused) else None)
        )


async def update_user(work: Writing, asked: Asked[UserUpdate]) -> Outcome:
    """A merge patch. Oneself, or anybody; roles and activity are not one's own to change, and one's
    own address not without proof (handlers/user/email_change.py)."""
    command = asked.message
    if not asked.actor.is_user(command.user_id) and not asked.actor.may("user:update:any"):
        may_see = asked.actor.may("user:read:any")
        seen = may_see and await find_account(work, command.user_id) is not None
        return refused("forbidden", "user:update:any is needed.") if seen else NOT_FOUND
    if {"roles", "active"} & command.model_fields_set:
        await lock_owners(work)
    before = await _loaded(work, command)
    if isinstance(before, Refused):
        return before
    patch = command.model_dump(mode="json", exclude_unset=True, include={*USER_FIELDS})
    wanted = patched(UserCreate, {name: getattr(before, name) for name in USER_FIELDS}, patch)
    if isinstance(wanted, Refused):
        return wanted
    after = replace(before, **_values(wanted))
    if after == before:
        return Done(200, user_view(before), facts=(user_fact(before),), private=True)
    unfit = await _change_refusal(work, asked.actor, before, after)
    if unfit is not None:
        return unfit
    ended = [] if after.active else await revoke_sessions_of(work, after.user_id)
    if after.email != before.email:
        # Those that were mailed to the old address are no longer this person's.
        await end_codes(work, after.user_id)
    outcome = await _saved(work, "user.updated", before, after)
    return replace(outcome, facts=(*outcome.facts, *session_facts(work.tenant_id, ended)))


async def delete_user(work: Writing, asked: Asked[UserDelete]) -> Outcome:
    """Afterwards the user is hidden and signed out everywhere; nothing of them is lost."""
    await lock_owners(work)
    before = await _loaded(work, asked.message)
    if isinstance(before, Refused):
        return before
    if not await outranks(work, asked.actor, before.roles):
        return ABOVE
    if not await owner_stays(work, before, replace(before, active=False)):
        return refused("last_owner", "The tenant would have no owner.")
    ended = await revoke_sessions_of(work, before.user_id)
    await end_token(work, before.user_id)
    gone = replace(before, deleted_at=work.now)
    outcome = await _saved(work, "user.deleted", before, gone)
    facts = (*outcome.facts, *session_facts(work.tenant_id, ended))
    return replace(outcome, status=204, body=None, private=False, facts=facts)


async def restore_user(work: Writing, asked: Asked[UserRestore]) -> Outcome:
    """Afterwards the user is there again, as they were."""
    before = await _loaded(work, asked.message, deleted=True)
    if isinstance(before, Refused):
        return before
    if before.deleted_at is None:
        return refused("not_deleted", "The user is not deleted.")
    if before.erased_at is not None:
        return refused("erased", "The person was erased: there is nothing to restore.")
    if not await outranks(work, asked.actor, before.roles):
        return ABOVE
    if await find_by_email(work, before.email) is not None:
        return EMAIL_TAKEN
    return await _saved(work, "user.restored", before, replace(before, deleted_at=None))


def email_refusal(email: str) -> Refused | None:
    """Why this cannot be anybody's address."""
    return None if is_email(email) else refused("invalid_email", "This is no e-mail address.")


def credentials_refusal(email: str, password: str) -> Refused | None:
    """What is wrong with an address and the password that goes with it."""
    violations = password_violations(password, email)
    found = [(one.field, one.code, one.message) for one in violations]
    return email_refusal(email) or (refused_fields("invalid_password", found) if found else None)


def done(event_type: str, after: AccountRow, before: AccountRow | None, status: int = 200) -> Done:
    """The outcome of a change; the stored reply is sealed."""
    event = user_event(event_type, after, before)
    facts = (user_fact(after),)
    return Done(status, user_view(after), events=(event,), facts=facts, private=True)


async def _loaded(
    work: Writing, command: UserUpdate | UserDelete | UserRestore, *, deleted: bool = False
) -> AccountRow | Refused:
    account = await find_account(work, command.user_id, lock=True, deleted=deleted)
    if account is None:
        return NOT_FOUND
    if command.expected_version not in (None, account.version):
        return refused("stale_version", f"The version is {account.version}.")
    return account


async def _change_refusal(
    work: Writing, actor: Actor, before: AccountRow, after: AccountRow
) -> Refused | None:
    """Which rule the change of a user breaks."""
    changed = {name for name in USER_FIELDS if getattr(before, name) != getattr(after, name)}
    if "email" in changed and actor.is_user(before.user_id):
        return USE_EMAIL_CHANGE
    refusal = await _rights_refusal(work, actor, changed, before, after)
    if refusal is None and "attributes" in changed:
        refusal = too_large(after.attributes, MAX_ATTRIBUTES)
    if refusal is None and "email" in changed:
        refusal = email_refusal(after.email)
        other = await find_by_email(work, after.email)
        if refusal is None and other is not None and other.user_id != after.user_id:
            return EMAIL_TAKEN
    if refusal is None and changed & {"roles", "active"}:
        stays = await owner_stays(work, before, after)
        return None if stays else refused("last_owner", "The tenant would have no owner.")
    return refusal


async def _rights_refusal(
    work: Writing, actor: Actor, changed: set[str], before: AccountRow, after: AccountRow
) -> Refused | None:
    if "active" in changed and not actor.may("user:update:any"):
        return refused("forbidden", "user:update:any is needed.")
    if "roles" in changed and not actor.may("user:assign_role"):
        return refused("forbidden", "user:assign_role is needed.")
    # Who can redirect another's mail can become them.
    if changed & {"email", "active", "roles"} and not (
        actor.is_user(before.user_id) or await outranks(work, actor, before.roles)
    ):
        return ABOVE
    if "roles" in changed:
        touched = set(before.roles) ^ set(after.roles)
        return await roles_refusal(work, actor, after.roles, touched)
    return None


async def owner_stays(work: Writing, before: AccountRow, after: AccountRow) -> bool:
    """Whether somebody still owns the tenant after this change, asked under `lock_owners`."""
    return owner_remains(
        await active_owners(work),
        str(before.user_id),
        roles_after=after.roles,
        active_after=after.active,
    )


async def _saved(work: Writing, event_type: str, before: AccountRow, after: AccountRow) -> Done:
    after = replace(after, version=before.version + 1, updated_at=work.now)
    await save_account(work, after)
    return done(event_type, after, before)


def _values(command: UserCreate) -> dict[str, Any]:
    """The columns that a caller writes; a role named twice is one."""
    values = {name: getattr(command, name) for name in USER_FIELDS}
    return {**values, "roles": tuple(dict.fromkeys(command.roles))}
