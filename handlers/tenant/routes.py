"""The map of the tenant context: which message goes to which function."""

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.tenant import commands, queries
from handlers.delivery.completing import answer_waiting
from handlers.delivery.work import CommandRoute, QueryRoute
from handlers.tenant import closures, questions, settings, suspending, tenants
from handlers.tenant.calendar_import import CalendarImport


def tenant_routes(engine: AsyncEngine, secret: str) -> tuple[CommandRoute | QueryRoute, ...]:
    """Every message that the tenant context handles; `secret` signs the cursors of its lists."""
    importing = CalendarImport(engine)
    lists = questions.TenantLists(secret)
    return (
        CommandRoute(commands.TenantCreate, tenants.create_tenant),
        CommandRoute(commands.TenantCompleteProvisioning, tenants.complete_provisioning),
        CommandRoute(commands.TenantUpdate, tenants.update_tenant),
        CommandRoute(commands.TenantDelete, tenants.delete_tenant),
        CommandRoute(commands.TenantRestore, tenants.restore_tenant),
        CommandRoute(commands.TenantSuspend, suspending.suspend_tenant),
        CommandRoute(commands.TenantResume, suspending.resume_tenant),
        CommandRoute(commands.SettingsUpdate, settings.update_settings),
        CommandRoute(commands.TenantAnswerChange, answer_waiting),
        CommandRoute(commands.LabelsSet, settings.set_labels),
        CommandRoute(commands.BrandingSet, settings.set_branding),
        CommandRoute(commands.ClosureCreate, closures.create_closure),
        CommandRoute(commands.ClosureImport, importing.decide, importing.prepare),
        CommandRoute(commands.ClosureDelete, closures.delete_closure),
        QueryRoute(queries.TenantGet, questions.get_tenant),
        QueryRoute(queries.TenantList, lists.list),
        QueryRoute(queries.SettingsGet, questions.get_settings),
        QueryRoute(queries.LabelsGet, questions.get_labels),
        QueryRoute(queries.BrandingGet, questions.get_branding),
        QueryRoute(queries.ClosureList, closures.list_closures),
        QueryRoute(queries.TenantGetPublic, questions.get_public),
    )
