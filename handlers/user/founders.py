"""The first people: a new tenant's owner, and the platform's administrator."""

from uuid import UUID

from contracts.catalogue import COMMANDS
from contracts.user.commands import UserCreateOwner, UserEnsurePlatformAdmin
from contracts.wire.identity import NIL, object_id_for_command
from domain.user.roles import OWNER, PLATFORM_ADMIN
from handlers.delivery.work import Asked, Done, Outcome, Refused, Send, refused
from handlers.user.accounts import EMAIL_TAKEN, credentials_refusal, done
from handlers.user.tools import UserTools
from handlers.user.views import user_event, user_fact
from storage.delivery.transaction import Writing, reading
from storage.user.accounts import AccountRow, add_account, find_by_email
from storage.user.directory import ACTIVE, DirectoryRow, keep


class Founders:
    """Both are made with a password, which is hashed before the transaction begins."""

    def __init__(self, tools: UserTools) -> None:
        self._tools = tools

    async def prepare_owner(self, asked: Asked[UserCreateOwner]) -> str | Refused:
        """The password's hash, or what is wrong with it."""
        command = asked.message
        refusal = credentials_refusal(command.email, command.password)
        return refusal or await self._tools.passwords.hash(command.password)

    async def create_owner(self, work: Writing, asked: Asked[UserCreateOwner]) -> Outcome:
        """Afterwards the owner can sign in, and the tenant context knows that it can go on. What
        cannot be is said to it, too: it answers for both."""
        command = asked.message
        if isinstance(asked.prepared, Refused):
            return _told(asked, asked.prepared)
        owner = _founder(work, command.user_id, command.email, command.name, OWNER, asked.prepared)
        taken = await add_account(work, owner)
        if taken is not None:
            problem = refused("id_in_use", "Another user has this id.")
            return _told(asked, problem if taken == "id" else EMAIL_TAKEN)
        # Version 1 is the tenant's creation: all that is heard of it later is newer.
        await keep(work, DirectoryRow(work.tenant_id, command.slug, ACTIVE, 1))
        return Done(
            200,
            {},
            events=(user_event("user.created", owner, None),),
            facts=(user_fact(owner),),
            sends=(_completion(asked, None),),
        )

    async def prepare_admin(self, asked: Asked[UserEnsurePlatformAdmin]) -> str | Refused | None:
        """None when there is one already; else the password's hash, or what is wrong with it."""
        command = asked.message
        async with reading(self._tools.engine, None) as read:
            found = await find_by_email(read, command.email)
        if found is not None:
            return None
        refusal = credentials_refusal(command.email, command.password)
        return refusal or await self._tools.passwords.hash(command.password)

    async def ensure_admin(self, work: Writing, asked: Asked[UserEnsurePlatformAdmin]) -> Outcome:
        """Afterwards there is a platform administrator of this address: 201 made, 200 found."""
        command, prepared = asked.message, asked.prepared
        if isinstance(prepared, Refused):
            return prepared
        await work.enter(NIL)
        if prepared is None or await find_by_email(work, command.email) is not None:
            return Done(200, {})
        admin_id = object_id_for_command(asked.envelope.id)
        name = "Platform administrator"
        admin = _founder(work, admin_id, command.email, name, PLATFORM_ADMIN, prepared)
        if await add_account(work, admin) is not None:
            return Done(200, {})
        made = done("user.created", admin, None)
        return Done(201, {}, events=made.events, facts=made.facts)


def _founder(  # each is one column
    work: Writing, user_id: UUID, email: str, name: str, role: str, password_hash: str
) -> AccountRow:
    return AccountRow(
        tenant_id=work.tenant_id,
        user_id=user_id,
        email=email,
        name=name,
        phone=None,
        locale=None,
        timezone=None,
        roles=(role,),
        attributes={},
        active=True,
        password_hash=password_hash,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )


def _told(asked: Asked[UserCreateOwner], refusal: Refused) -> Done:
    return Done(200, {}, sends=(_completion(asked, refusal),))


def _completion(asked: Asked[UserCreateOwner], refusal: Refused | None) -> Send:
    """What the tenant context is told; of its messages only the name is known here."""
    command = COMMANDS["tenant.complete_provisioning"].model_validate(
        {
            "tenant_id": asked.tenant_id,
            "creation_id": asked.message.creation_id,
            "problem": None if refusal is None else refusal.problem.model_dump(mode="json"),
        }
    )
    return Send(command, None)
