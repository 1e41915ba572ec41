"""The map of the user context: which message goes to which function."""

from contracts.user import api_keys as key_messages
from contracts.user import calendar_tokens as token_messages
from contracts.user import commands, credentials, personal_data, platform, preferences, queries
from contracts.user import roles as role_messages
from handlers.delivery.named_tenant import command_in_tenant, query_in_tenant
from handlers.delivery.work import CommandRoute, QueryRoute
from handlers.user import (
    accounts,
    administrators,
    api_keys,
    calendar_tokens,
    erasing,
    questions,
    roles,
)
from handlers.user.credentials import Credentials
from handlers.user.email_change import EmailChanges
from handlers.user.exporting import Asking, PersonExport
from handlers.user.founders import Founders
from handlers.user.preferences import get_preferences, set_preferences
from handlers.user.registration import Registration
from handlers.user.sign_in import SignIn
from handlers.user.tools import UserTools


def user_routes(
    tools: UserTools, asker: Asking | None = None
) -> tuple[CommandRoute | QueryRoute, ...]:
    """Every message that the user context handles; without an `asker` nothing is exported."""
    new_users = accounts.NewUsers(tools.passwords)
    door = SignIn(tools)
    passwords = Credentials(tools, door)
    addresses = EmailChanges(tools)
    registration = Registration(tools)
    lists = questions.UserLists(tools.secret)
    return (
        command_in_tenant(commands.UserCreate, new_users.create, new_users.prepare),
        command_in_tenant(commands.UserUpdate, accounts.update_user),
        command_in_tenant(commands.UserDelete, accounts.delete_user),
        command_in_tenant(commands.UserRestore, accounts.restore_user),
        *_founding_routes(tools),
        CommandRoute(commands.AuthToken, door.sign_in, door.prove),
        CommandRoute(commands.AuthRefresh, door.refresh, door.stop_thieves),
        CommandRoute(commands.AuthLogout, door.sign_out),
        CommandRoute(credentials.PasswordChange, passwords.change, passwords.prepare_change),
        CommandRoute(credentials.PasswordForgot, passwords.forgot),
        CommandRoute(credentials.PasswordReset, passwords.reset, passwords.prepare_reset),
        CommandRoute(credentials.EmailChange, addresses.change, addresses.prepare),
        CommandRoute(credentials.EmailConfirm, addresses.confirm),
        CommandRoute(credentials.Register, registration.register, registration.prepare),
        CommandRoute(
            credentials.RegisterConfirm, registration.confirm, registration.prepare_confirmation
        ),
        query_in_tenant(queries.UserGet, questions.get_user, private=True),
        query_in_tenant(queries.UserList, lists.list, private=True),
        QueryRoute(queries.PermissionList, questions.list_permissions),
        command_in_tenant(preferences.UserSetPreferences, set_preferences),
        query_in_tenant(preferences.UserGetPreferences, get_preferences, private=True),
        *_personal_data_routes(tools, asker),
        *_role_routes(tools.secret),
        *_key_routes(tools),
        *_feed_routes(),
        QueryRoute(queries.AuthMe, questions.who_am_i, private=True),
    )


def _founding_routes(tools: UserTools) -> tuple[CommandRoute | QueryRoute, ...]:
    founders = Founders(tools)
    return (
        command_in_tenant(commands.UserCreateOwner, founders.create_owner, founders.prepare_owner),
        CommandRoute(
            commands.UserEnsurePlatformAdmin, founders.ensure_admin, founders.prepare_admin
        ),
        CommandRoute(platform.PlatformAdminSet, administrators.set_administrator),
        QueryRoute(platform.PlatformAdminList, administrators.list_administrators, private=True),
    )


def _personal_data_routes(
    tools: UserTools, asker: Asking | None
) -> tuple[CommandRoute | QueryRoute, ...]:
    export = PersonExport(tools, asker)
    return (
        command_in_tenant(personal_data.UserErase, erasing.erase_user),
        command_in_tenant(personal_data.UserCompleteErasure, erasing.complete_erasure),
        query_in_tenant(personal_data.UserExport, export.answer, export.prepare, private=True),
    )


def _role_routes(secret: str) -> tuple[CommandRoute | QueryRoute, ...]:
    return (
        command_in_tenant(role_messages.RoleCreate, roles.create_role),
        command_in_tenant(role_messages.RoleUpdate, roles.update_role),
        command_in_tenant(role_messages.RoleDelete, roles.delete_role),
        command_in_tenant(role_messages.RoleRestore, roles.restore_role),
        query_in_tenant(role_messages.RoleGet, roles.get_role),
        query_in_tenant(role_messages.RoleList, roles.RoleLists(secret).list),
    )


def _key_routes(tools: UserTools) -> tuple[CommandRoute | QueryRoute, ...]:
    return (
        command_in_tenant(key_messages.ApiKeyCreate, api_keys.create_key),
        command_in_tenant(key_messages.ApiKeyDelete, api_keys.delete_key),
        command_in_tenant(key_messages.ApiKeyMarkUsed, api_keys.mark_key_used),
        QueryRoute(key_messages.ApiKeyVerify, api_keys.KeyChecks(tools.trail).verify),
        query_in_tenant(key_messages.ApiKeyList, api_keys.KeyLists(tools.secret).list),
    )


def _feed_routes() -> tuple[CommandRoute | QueryRoute, ...]:
    return (
        command_in_tenant(token_messages.UserMintCalendarToken, calendar_tokens.mint_token),
        command_in_tenant(token_messages.UserRevokeCalendarToken, calendar_tokens.revoke_token),
        QueryRoute(token_messages.UserVerifyCalendarToken, calendar_tokens.verify_token),
    )
