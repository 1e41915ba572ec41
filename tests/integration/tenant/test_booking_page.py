"""A tenant's booking page: found by its slug, where it is switched on."""

from uuid import UUID

import orjson

from contracts.tenant import commands, queries
from contracts.tenant.views import PublicTenantView
from contracts.wire.identity import new_id
from contracts.wire.reply import Reply
from tests.integration.desk import Desk, code_of
from tests.integration.tenant.asking import ask
from tests.integration.tenant.test_tenants import begin, made


async def page(desk: Desk, slug: str) -> Reply:
    return await ask(desk, queries.TenantGetPublic, None, slug=slug)


async def opened(desk: Desk, slug: str) -> UUID:
    """A tenant whose page is switched on."""
    return await made(desk, slug=slug, settings={"public_booking": True, "locale": "pt-BR"})


async def test_a_page_is_what_a_stranger_may_see(desk: Desk) -> None:
    """Name, labels, branding and rules, as the contract says and no more."""
    slug = f"s{new_id().hex}"
    tenant_id = await opened(desk, slug)
    branding = {"display_name": "Salon", "extra": {"font": "serif"}}
    await ask(desk, commands.BrandingSet, tenant_id, tenant_id=tenant_id, branding=branding)
    await ask(desk, commands.LabelsSet, tenant_id, tenant_id=tenant_id, labels={"user": "Client"})
    reply = await page(desk, slug)
    assert reply.status == 200
    shown = PublicTenantView.model_validate_json(orjson.dumps(reply.body))
    assert (shown.tenant_id, shown.slug, shown.locale) == (tenant_id, slug, "pt-BR")
    assert (shown.branding.display_name, shown.branding.extra) == ("Salon", {"font": "serif"})
    assert shown.labels["user"] == "Client"
    assert shown.rules.slot_interval_minutes == 30


async def test_without_a_page_every_slug_answers_alike(desk: Desk) -> None:
    """Unknown, not switched on, provisioning, suspended, renamed and deleted: the same 404."""
    slugs = {name: f"{name}{new_id().hex}" for name in ("off", "new", "still", "old", "gone")}
    await made(desk, slug=slugs["off"])
    await begin(desk, slug=slugs["new"], settings={"public_booking": True})
    still = await opened(desk, slugs["still"])
    await ask(desk, commands.TenantSuspend, None, tenant_id=still)
    old = await opened(desk, slugs["old"])
    await ask(desk, commands.TenantUpdate, old, tenant_id=old, slug=f"now{old.hex}")
    gone = await opened(desk, slugs["gone"])
    await ask(desk, commands.TenantDelete, None, tenant_id=gone)
    replies = [await page(desk, slug) for slug in ("nobody", *slugs.values())]
    assert {code_of(reply) for reply in replies} == {(404, "not_found")}
    assert len({(reply.problem or {})["detail"] for reply in replies}) == 1
    assert (await page(desk, f"now{old.hex}")).status == 200
