"""What the OpenAPI document says of the user context's routes."""

# long: a table with a row for each route.

from pydantic import BaseModel

from contracts.user.api_keys import (
    ApiKeyCreate,
    ApiKeyDelete,
    ApiKeyList,
    ApiKeyView,
    NewApiKeyView,
)
from contracts.user.calendar_tokens import (
    UserMintCalendarToken,
    UserRevokeCalendarToken,
    UserVerifyCalendarToken,
)
from contracts.user.commands import (
    AuthLogout,
    AuthRefresh,
    AuthToken,
    UserCreate,
    UserDelete,
    UserRestore,
    UserUpdate,
)
from contracts.user.credentials import (
    EmailChange,
    EmailConfirm,
    PasswordChange,
    PasswordForgot,
    PasswordReset,
    Register,
    RegisterConfirm,
)
from contracts.user.personal_data import ErasureView, UserErase, UserExport, UserExportView
from contracts.user.preferences import PreferencesView, UserGetPreferences, UserSetPreferences
from contracts.user.queries import AuthMe, PermissionList, UserGet, UserList
from contracts.user.roles import (
    RoleCreate,
    RoleDelete,
    RoleGet,
    RoleList,
    RoleRestore,
    RoleUpdate,
    RoleView,
)
from contracts.user.views import MeView, PermissionView, TokenView, UserView
from contracts.wire.feed_tokens import NewFeedToken
from gateway.edge.calendar import TEXT_CALENDAR
from gateway.edge.openapi.rows import Items, Row
from gateway.edge.sign_in import Reach


class Nothing(BaseModel):
    """What a stranger is told: that it was taken, and no more."""


_USER = ("invalid_email", "invalid_attributes", "unknown_role", "unknown_timezone", "email_in_use")

ROWS = (
    Row(
        "auth_token",
        AuthToken,
        TokenView,
        codes=("invalid_credentials",),
        way="tell",
        reach=Reach.ANYBODY,
        creates=True,
        says="`tenant` is the slug, null for platform administrators. After too many failures 429.",
    ),
    Row(
        "auth_refresh",
        AuthRefresh,
        TokenView,
        codes=("invalid_token",),
        way="tell",
        reach=Reach.ANYBODY,
        creates=True,
        says="A refresh token is good once; used twice it ends the session.",
    ),
    Row("auth_logout", AuthLogout, status=204, way="tell", reach=Reach.ANYBODY, creates=True),
    Row("auth_me", AuthMe, MeView, way="ask", reach=Reach.OWN),
    Row(
        "auth_change_password",
        PasswordChange,
        TokenView,
        codes=("forbidden", "invalid_credentials", "invalid_password"),
        way="tell",
        reach=Reach.OWN,
        creates=True,
        waits=True,
        says="Every session ends, and the answer is a new one.",
    ),
    Row(
        "auth_change_email",
        EmailChange,
        status=204,
        codes=("forbidden", "invalid_credentials", "invalid_email"),
        way="tell",
        reach=Reach.OWN,
        creates=True,
        waits=True,
        says="A code is mailed to the new address, and is good for an hour; until it is given back"
        " nothing has changed. Always 204, whether the address is somebody's or not.",
    ),
    Row(
        "auth_confirm_email",
        EmailConfirm,
        status=204,
        codes=("forbidden", "invalid_code"),
        way="tell",
        reach=Reach.OWN,
        creates=True,
        says="By whoever asked for it, signed in. The old address is told.",
    ),
    Row(
        "auth_forgot_password",
        PasswordForgot,
        Nothing,
        status=202,
        way="hand_in",
    ),
    Row(
        "auth_reset_password",
        PasswordReset,
        status=204,
        codes=("invalid_code", "invalid_password"),
        way="tell",
        reach=Reach.ANYBODY,
        creates=True,
    ),
    Row(
        "auth_register",
        Register,
        Nothing,
        status=202,
        codes=("invalid_email",),
        way="tell",
        reach=Reach.ANYBODY,
        creates=True,
        says="Always 202, whether the tenant takes customers in by themselves or not.",
    ),
    Row(
        "auth_confirm_registration",
        RegisterConfirm,
        Nothing,
        status=202,
        codes=("invalid_code", "invalid_password"),
        way="tell",
        reach=Reach.ANYBODY,
        creates=True,
    ),
    Row(
        "apikey_create",
        ApiKeyCreate,
        NewApiKeyView,
        status=201,
        codes=("unknown_permission", "id_in_use", "limit_reached"),
        way="tell",
        creates=True,
        says="The one answer that has the key itself.",
    ),
    Row("apikey_list", ApiKeyList, Items(ApiKeyView), way="ask"),
    Row("apikey_delete", ApiKeyDelete, status=204, way="tell"),
    Row(
        "role_create",
        RoleCreate,
        RoleView,
        status=201,
        codes=("unknown_permission", "name_in_use", "id_in_use", "limit_reached"),
        way="tell",
        creates=True,
        locates=True,
    ),
    Row("role_list", RoleList, Items(RoleView), way="ask"),
    Row("role_get", RoleGet, RoleView, way="ask"),
    Row(
        "role_update",
        RoleUpdate,
        RoleView,
        codes=("unknown_permission", "name_in_use", "in_use"),
        way="tell",
    ),
    Row("role_delete", RoleDelete, status=204, codes=("in_use",), way="tell"),
    Row("role_restore", RoleRestore, RoleView, codes=("not_deleted", "name_in_use"), way="tell"),
    Row("permission_list", PermissionList, Items(PermissionView), way="ask", reach=Reach.NAMED),
    Row(
        "user_create",
        UserCreate,
        UserView,
        status=201,
        codes=(*_USER, "invalid_password", "id_in_use"),
        way="tell",
        creates=True,
        locates=True,
    ),
    Row("user_list", UserList, Items(UserView), way="ask"),
    Row("user_get", UserGet, UserView, way="ask"),
    Row(
        "user_update",
        UserUpdate,
        UserView,
        codes=(*_USER, "use_email_change", "last_owner"),
        way="tell",
        says="`email` changes that of others; one's own by `/auth/email/change`.",
    ),
    Row("user_delete", UserDelete, status=204, codes=("last_owner",), way="tell"),
    Row(
        "user_restore",
        UserRestore,
        UserView,
        codes=("not_deleted", "email_in_use", "erased"),
        way="tell",
    ),
    Row(
        "user_export",
        UserExport,
        UserExportView,
        way="ask",
        says="A page at a time, as far as `next_cursor` leads.",
    ),
    Row("user_preferences", UserGetPreferences, PreferencesView, way="ask"),
    Row(
        "user_set_preferences",
        UserSetPreferences,
        PreferencesView,
        codes=("forbidden",),
        way="tell",
        says="All of them anew: a message that is not named is wanted by mail and not by SMS. "
        "`reminder_minutes_before` null is as the tenant reminds, an empty list is no reminder. "
        "What an account needs, such as a new password, always arrives.",
    ),
    Row(
        "user_erase",
        UserErase,
        ErasureView,
        codes=("forbidden", "last_owner"),
        way="tell",
        says="Bookings stay, and nothing in them says whose they were.",
    ),
    Row(
        "user_mint_calendar_token",
        UserMintCalendarToken,
        NewFeedToken,
        status=201,
        way="tell",
        creates=True,
        says="The one answer that has the token; one that was there before ends. `path` is for a"
        " calendar application: whoever has it reads the feed, without any other proof.",
    ),
    Row("user_revoke_calendar_token", UserRevokeCalendarToken, status=204, way="tell"),
    Row(
        "user_calendar",
        UserVerifyCalendarToken,
        way="ask_by_token",
        revalidates=True,
        media_type=TEXT_CALENDAR,
        says="iCalendar (RFC 5545), from 14 days ago to 400 ahead, 5,000 bookings at most: when,"
        " and nothing about people. Whatever is wrong with the token is the same 404.",
    ),
)
