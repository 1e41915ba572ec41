"""The map of the tenant context: which message goes to which function."""

from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.tenant import commands, queries
from contracts.wire.identity import NIL
from handlers.delivery.completing import answer_waiting
from handlers.delivery.work import (
    Asked,
    CommandRoute,
    Done,
    Outcome,
    QueryRoute,
    Refused,
    refused,
)
from handlers.tenant import closures, questions, settings, suspending, tenants
from handlers.tenant.calendar_import import CalendarImport
from storage.delivery.transaction import Reading, Writing

NOT_FOUND = refused("not_found", "There is no such tenant.")


def tenant_routes(engine: AsyncEngine, secret: str) -> tuple[CommandRoute | QueryRoute, ...]:
    """Every message that the tenant context handles; `secret` signs the cursors of its lists."""
    importing = CalendarImport(engine)
    lists = questions.TenantLists(secret)
    about_a_tenant: tuple[CommandRoute | QueryRoute, ...] = (
        CommandRoute(commands.TenantUpdate, tenants.update_tenant),
        CommandRoute(commands.TenantDelete, tenants.delete_tenant),
        CommandRoute(commands.TenantRestore, tenants.restore_tenant),
        CommandRoute(commands.TenantSuspend, suspending.suspend_tenant),
        CommandRoute(commands.TenantResume, suspending.resume_tenant),
        CommandRoute(commands.SettingsUpdate, settings.update_settings),
        CommandRoute(commands.LabelsSet, settings.set_labels),
        CommandRoute(commands.BrandingSet, settings.set_branding),
        CommandRoute(commands.ClosureCreate, closures.create_closure),
        CommandRoute(commands.ClosureImport, importing.decide, importing.prepare),
        CommandRoute(commands.ClosureDelete, closures.delete_closure),
        QueryRoute(queries.TenantGet, questions.get_tenant),
        QueryRoute(queries.SettingsGet, questions.get_settings),
        QueryRoute(queries.LabelsGet, questions.get_labels),
        QueryRoute(queries.BrandingGet, questions.get_branding),
        QueryRoute(queries.ClosureList, closures.list_closures),
    )
    return (
        CommandRoute(commands.TenantCreate, tenants.create_tenant),
        CommandRoute(commands.TenantCompleteProvisioning, tenants.complete_provisioning),
        CommandRoute(commands.TenantAnswerChange, answer_waiting),
        QueryRoute(queries.TenantList, lists.list),
        QueryRoute(queries.TenantGetPublic, questions.get_public),
        *(within_its_tenant(route) for route in about_a_tenant),
    )


def within_its_tenant(route: CommandRoute | QueryRoute) -> CommandRoute | QueryRoute:
    """The route of a message that names a tenant, which for anybody in another one is not there.
    What the platform sends in no tenant may name any."""

    def is_another(asked: Asked[Any]) -> bool:
        return asked.tenant_id not in (NIL, asked.message.tenant_id)

    async def prepare(asked: Asked[Any]) -> Any:
        if is_another(asked) or route.prepare is None:
            return None
        return await route.prepare(asked)

    if isinstance(route, QueryRoute):
        answer = route.answer

        async def answered(read: Reading, asked: Asked[Any]) -> Done | Refused:
            return NOT_FOUND if is_another(asked) else await answer(read, asked)

        return replace(route, answer=answered)
    decide = route.decide

    async def decided(work: Writing, asked: Asked[Any]) -> Outcome:
        return NOT_FOUND if is_another(asked) else await decide(work, asked)

    return replace(route, decide=decided, prepare=prepare if route.prepare else None)
