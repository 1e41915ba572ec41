"""Who administers the platform: listing them, keeping them out and letting them in again."""

from dataclasses import replace

from contracts.user.platform import PlatformAdminList, PlatformAdminSet
from contracts.wire.identity import NIL
from contracts.wire.strict import rfc3339
from domain.user.roles import PLATFORM_ADMIN
from handlers.delivery.work import Asked, Done, Outcome, refused
from handlers.user.accounts import done
from handlers.user.views import session_facts
from storage.delivery.transaction import Reading, Writing
from storage.user.accounts import (
    AccountFilter,
    AccountRow,
    find_account,
    find_by_email,
    list_accounts,
    lock_owners,
    save_account,
)
from storage.user.sessions import revoke_sessions_of

# Nobody has more of them; the answer is one message.
MOST = 1_000

NOT_FOUND = refused("not_found", "There is no such platform administrator.")
LAST = refused("last_owner", "Nobody else administers the platform.")


async def list_administrators(read: Reading, _asked: Asked[PlatformAdminList]) -> Done:
    """Disabled ones, too."""
    await read.enter(NIL)
    rows = await list_accounts(read, AccountFilter(role=PLATFORM_ADMIN), MOST, None)
    return Done(200, {"items": [_shown(row) for row in rows]})


async def set_administrator(work: Writing, asked: Asked[PlatformAdminSet]) -> Outcome:
    """Afterwards they sign in, or do not, within seconds, and somebody else does in any case."""
    command = asked.message
    await work.enter(NIL)
    await lock_owners(work)
    found = await find_by_email(work, command.email)
    before = None if found is None else await find_account(work, found.user_id, lock=True)
    if before is None or PLATFORM_ADMIN not in before.roles:
        return NOT_FOUND
    if before.active == command.active:
        return Done(200, _shown(before), private=True)
    if not command.active and not await _others(work, before):
        return LAST
    after = replace(before, active=command.active, version=before.version + 1, updated_at=work.now)
    await save_account(work, after)
    ended = [] if after.active else await revoke_sessions_of(work, after.user_id)
    outcome = done("user.updated", after, before)
    facts = (*outcome.facts, *session_facts(work.tenant_id, ended))
    return replace(outcome, body=_shown(after), facts=facts)


async def _others(read: Reading, but_for: AccountRow) -> bool:
    wanted = AccountFilter(role=PLATFORM_ADMIN, active=True)
    rows = await list_accounts(read, wanted, 2, None)
    return any(row.user_id != but_for.user_id for row in rows)


def _shown(row: AccountRow) -> dict[str, str | bool]:
    return {
        "id": str(row.user_id),
        "email": row.email,
        "active": row.active,
        "created_at": rfc3339(row.created_at),
    }
