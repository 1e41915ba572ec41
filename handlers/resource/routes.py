"""The map of the resource context: which message goes to which function."""

from contracts.resource import calendar_tokens as token_messages
from contracts.resource import commands, completions, queries
from handlers.delivery.completing import answer_waiting
from handlers.delivery.named_tenant import command_in_tenant, query_in_tenant
from handlers.delivery.work import CommandRoute, QueryRoute
from handlers.resource import (
    booking_page,
    calendar_tokens,
    categories,
    closing,
    overrides,
    questions,
    resources,
)


def resource_routes(secret: str) -> tuple[CommandRoute | QueryRoute, ...]:
    """Every message that the resource context handles; `secret` signs the cursors of its lists."""
    lists = questions.ResourceLists(secret)
    page = booking_page.BookingPageLists(secret)
    return (
        command_in_tenant(commands.CategoryCreate, categories.create_category),
        command_in_tenant(commands.CategoryUpdate, categories.update_category),
        command_in_tenant(commands.CategoryDelete, categories.delete_category),
        command_in_tenant(commands.CategoryRestore, categories.restore_category),
        command_in_tenant(commands.ResourceCreate, resources.create_resource),
        command_in_tenant(commands.ResourceUpdate, resources.update_resource),
        command_in_tenant(commands.ResourceDelete, closing.delete_resource),
        command_in_tenant(commands.ResourceRestore, closing.restore_resource),
        command_in_tenant(completions.ResourceCompleteUpdate, resources.complete_update),
        command_in_tenant(completions.ResourceCompleteDeletion, closing.complete_deletion),
        command_in_tenant(completions.ResourceCompleteRestoration, closing.complete_restoration),
        command_in_tenant(completions.ResourceAnswerChange, answer_waiting),
        command_in_tenant(token_messages.ResourceMintCalendarToken, calendar_tokens.mint_token),
        command_in_tenant(token_messages.ResourceRevokeCalendarToken, calendar_tokens.revoke_token),
        QueryRoute(token_messages.ResourceVerifyCalendarToken, calendar_tokens.verify_token),
        command_in_tenant(commands.OverrideCreate, overrides.create_override),
        command_in_tenant(commands.OverrideDelete, overrides.delete_override),
        query_in_tenant(queries.CategoryGet, questions.get_category),
        query_in_tenant(queries.CategoryList, lists.categories),
        query_in_tenant(queries.ResourceGet, questions.get_resource),
        query_in_tenant(queries.ResourceList, lists.resources),
        query_in_tenant(queries.OverrideList, questions.get_overrides),
        query_in_tenant(queries.CategoryListPublic, booking_page.list_shown_categories),
        query_in_tenant(queries.ResourceListPublic, page.resources),
    )
