"""Every message type there is, and the context that it belongs to."""

from contracts.reservation import commands as reservation_commands
from contracts.reservation import feeds as reservation_feeds
from contracts.reservation import gates as reservation_gates
from contracts.reservation import personal_data as reservation_personal_data
from contracts.reservation import queries as reservation_queries
from contracts.reservation import series as reservation_series
from contracts.reservation import views as reservation_views
from contracts.reservation import waitlist
from contracts.resource import calendar_tokens as resource_calendar_tokens
from contracts.resource import commands as resource_commands
from contracts.resource import completions as resource_completions
from contracts.resource import queries as resource_queries
from contracts.resource import views as resource_views
from contracts.subscriber import (
    audit,
    billing,
    mail,
    notifications,
    reports,
    templates,
    webhooks,
)
from contracts.tenant import commands as tenant_commands
from contracts.tenant import queries as tenant_queries
from contracts.tenant import views as tenant_views
from contracts.user import api_keys as user_api_keys
from contracts.user import calendar_tokens as user_calendar_tokens
from contracts.user import commands as user_commands
from contracts.user import credentials as user_credentials
from contracts.user import personal_data as user_personal_data
from contracts.user import platform as user_platform
from contracts.user import preferences as user_preferences
from contracts.user import queries as user_queries
from contracts.user import roles as user_roles
from contracts.user import views as user_views
from contracts.wire.strict import Command, Query, Strict

COMMANDS: dict[str, type[Command]] = {
    command.type: command
    for commands in (
        tenant_commands.COMMANDS,
        resource_commands.COMMANDS,
        resource_completions.COMMANDS,
        resource_calendar_tokens.COMMANDS,
        user_commands.COMMANDS,
        user_credentials.COMMANDS,
        user_roles.COMMANDS,
        user_api_keys.COMMANDS,
        user_personal_data.COMMANDS,
        user_platform.COMMANDS,
        user_calendar_tokens.COMMANDS,
        user_preferences.COMMANDS,
        reservation_commands.COMMANDS,
        reservation_series.COMMANDS,
        reservation_gates.COMMANDS,
        reservation_personal_data.COMMANDS,
        waitlist.COMMANDS,
        audit.COMMANDS,
        mail.COMMANDS,
        templates.COMMANDS,
        webhooks.COMMANDS,
        reports.COMMANDS,
    )
    for command in commands
}

QUERIES: dict[str, type[Query]] = {
    query.type: query
    for queries in (
        tenant_queries.QUERIES,
        resource_queries.QUERIES,
        resource_calendar_tokens.QUERIES,
        user_queries.QUERIES,
        user_roles.QUERIES,
        user_api_keys.QUERIES,
        user_personal_data.QUERIES,
        user_platform.QUERIES,
        user_calendar_tokens.QUERIES,
        user_preferences.QUERIES,
        reservation_queries.QUERIES,
        reservation_series.QUERIES,
        reservation_personal_data.QUERIES,
        reservation_feeds.QUERIES,
        waitlist.QUERIES,
        audit.QUERIES,
        notifications.QUERIES,
        templates.QUERIES,
        webhooks.QUERIES,
        billing.QUERIES,
        reports.QUERIES,
    )
    for query in queries
}

# By the context whose they are.
EVENTS_OF: dict[str, dict[str, type[Strict]]] = {
    "tenant": dict(tenant_views.EVENTS),
    "resource": dict(resource_views.EVENTS),
    "user": {**user_views.EVENTS, **user_roles.EVENTS, **user_api_keys.EVENTS},
    "reservation": {**reservation_views.EVENTS, **waitlist.EVENTS},
    "notification": dict(templates.EVENTS),
    "webhook": dict(webhooks.EVENTS),
}
EVENTS: dict[str, type[Strict]] = {
    name: view for events in EVENTS_OF.values() for name, view in events.items()
}

# What is answered to strangers, by the query: their page is another context's than its parts.
SHOWN_TO_STRANGERS: dict[str, type[Strict]] = {
    "category.list_public": resource_views.PublicCategoryView,
    "resource.list_public": resource_views.PublicResourceView,
    "availability.get": reservation_views.AvailabilityView,
}
