"""All that a tenant has, and nothing of anybody else, comes to another installation, or nothing."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.envelope import ANONYMOUS
from contracts.wire.identity import new_id
from handlers.delivery.beginning_again import missing
from ops.errors import Damaged, Refused, StartupError
from ops.tenants import importing
from ops.tenants.archive import ArchiveWriter, Manifest
from ops.tenants.finding import find_tenant
from ops.tenants.importing import Brought, import_tenant, verified
from ops.tenants.tables import MOVING, STAYING, tables_of
from storage.delivery.moving import put_rows, snapshot
from storage.delivery.transaction import Writing, writing
from tests.integration.moving.conftest import Removal, archived
from tests.integration.moving.houses import PASSPHRASE, Place
from tests.integration.twins_street import Street
from tests.integration.twins_tenants import PASSWORD, slot


async def moved(removal: Removal, file: Path | None = None) -> Brought:
    path = file or removal.file
    manifest = verified(path, PASSPHRASE)
    there = removal.there
    places = (there.engines, there.timers, there.keyring)
    return await import_tenant(*places, path, PASSPHRASE, manifest)


@pytest.mark.parametrize("context", MOVING)
async def test_every_table_of_tenants_moves_or_is_said_to_stay(
    removal: Removal, context: str
) -> None:
    """A new table is put into ops/tenants/tables.py: moving, or staying for a reason."""
    known = {*MOVING[context], *STAYING}
    found = await removal.here.tables(context)
    assert found <= known
    assert found >= set(MOVING[context])


@pytest.mark.parametrize("context", MOVING)
def test_what_others_refer_to_comes_first(context: str) -> None:
    """No row is written before the one that it refers to."""
    order = [table.name for table in tables_of(context)]
    for table in tables_of(context):
        for key in table.foreign_keys:
            assert order.index(key.column.table.name) <= order.index(table.name)


async def test_all_of_it_arrives_and_nobody_elses(removal: Removal, empty: Place) -> None:
    """Row by row what it was, there is something in every table, and no event tells of it."""
    before = await removal.here.rows(removal.twin.id)
    assert not [name for name, rows in before.items() if not rows]
    brought = await moved(removal)
    assert not brought.already
    assert await empty.rows(removal.twin.id) == before
    assert await empty.tenants() == {str(removal.twin.id)}
    for context in MOVING:
        ((told,),) = await empty.ask(context, "SELECT count(*) FROM outbox")
        assert not told


async def test_whoever_begins_again_is_told_that_it_is_not_all(
    removal: Removal, empty: Place
) -> None:
    """What came from elsewhere came without its events: to rebuild from those that there are would
    lose it."""
    outboxes = {context: empty.timers[context] for context in MOVING}
    assert not await missing(outboxes)
    await moved(removal)
    assert {one.context for one in await missing(outboxes)} == set(MOVING)


async def test_secrets_are_sealed_by_the_key_of_where_they_are(
    removal: Removal, empty: Place
) -> None:
    """Nothing that came can be opened with the keys of where it came from."""
    await moved(removal)
    rows = await empty.ask("subscriber", "SELECT secret FROM webhook")
    assert rows
    for (secret,) in rows:
        assert empty.keyring.open(secret).startswith(b"whsec_")


async def test_the_tenant_works_where_it_has_come(
    removal: Removal, empty: Place, street_of: Callable[[Place], Street]
) -> None:
    """Its people sign in with the passwords they have; it has its bookings, and takes others."""
    await moved(removal)
    street, twin = street_of(empty), removal.twin
    proof = {"tenant": twin.words["slug"], "email": twin.words["email"], "password": PASSWORD}
    signed_in = await street.ask("auth.token", None, ANONYMOUS, proof)
    assert signed_in.status == 200
    listed = await street.ask("booking.list", twin.id, twin.owner, {})
    assert twin.words["booking"] in [one["id"] for one in listed.body["items"]]
    wanted = {"resource_id": twin.words["resource"], "user_id": twin.words["user"], **slot(40)}
    booked = await street.ask("booking.create", twin.id, twin.owner, wanted)
    assert booked.status == 201
    span = {"from": "2020-01-01", "to": "2020-12-31"}
    reported = await street.ask("report.bookings", twin.id, twin.owner, span)
    assert reported.status == 200
    history = await street.ask(
        "booking.history", twin.id, twin.owner, {"booking_id": twin.words["booking"]}
    )
    assert twin.canary in str(history.body)
    await street.close()


async def test_the_same_archive_comes_once(removal: Removal, empty: Place) -> None:
    """A second time changes nothing; another archive of the same tenant is refused."""
    await moved(removal)
    before = await empty.rows(removal.twin.id)
    assert (await moved(removal)).already == tuple(MOVING)
    later = removal.file.with_name("later.tenant")
    await archived(removal.here, removal.twin, later)
    with pytest.raises(Refused, match="already"):
        await moved(removal, later)
    assert await empty.rows(removal.twin.id) == before


async def test_a_slug_that_is_taken_is_refused(removal: Removal, empty: Place) -> None:
    """Nothing is written, in any database."""
    values = {"it": new_id(), "slug": removal.twin.words["slug"]}
    await empty.change(
        "tenant",
        "INSERT INTO tenant (tenant_id, name, slug, status, version, created_at, updated_at)"
        " VALUES (:it, 'N', :slug, 'active', 1, now(), now())",
        **values,
    )
    with pytest.raises(Refused, match="has the slug"):
        await moved(removal)
    assert await empty.tenants() == {str(values["it"])}


async def test_what_was_cut_short_goes_on(
    removal: Removal, empty: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two commits: nobody can sign in yet, and the same command does the rest."""
    real = writing

    @asynccontextmanager
    async def cut_short(engine: AsyncEngine, *told: Any, **more: Any) -> AsyncIterator[Any]:
        async with real(engine, *told, **more) as begun:
            yield begun
            if engine is empty.engines["resource"]:
                raise OSError("the line is cut")

    monkeypatch.setattr(importing, "writing", cut_short)
    with pytest.raises(OSError, match="cut"):
        await moved(removal)
    monkeypatch.undo()
    rows = await empty.rows(removal.twin.id)
    there = {name.partition("/")[0] for name, found in rows.items() if found}
    assert there == {"reservation", "subscriber"}
    assert (await moved(removal)).already == ("reservation", "subscriber")
    assert await empty.rows(removal.twin.id) == await removal.here.rows(removal.twin.id)


async def test_a_failure_before_the_end_leaves_nothing(
    removal: Removal, empty: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written in any database is taken back."""
    real, written = put_rows, []

    async def fails_at_last(work: Writing, table: Any, rows: Any) -> None:
        written.append(table.name)
        if table.name == "report_calendar":
            raise OSError("the line is cut")
        await real(work, table, rows)

    monkeypatch.setattr(importing, "put_rows", fails_at_last)
    with pytest.raises(OSError, match="cut"):
        await moved(removal)
    assert "booking" in written
    assert not await empty.tenants()


async def test_a_snapshot_is_of_one_moment(removal: Removal) -> None:
    """What is committed meanwhile is not in it."""
    here, twin = removal.here, removal.twin
    (table, *_) = tables_of("tenant")
    async with snapshot(here.engines["tenant"], twin.id) as view:
        change = "UPDATE tenant SET version = version + :by WHERE tenant_id = :it"
        await here.change("tenant", change, by=1000, it=twin.id)
        ((row,),) = [rows async for rows in view.rows(table)]
        await here.change("tenant", change, by=-1000, it=twin.id)
    assert orjson.loads(row)["version"] < 1000


async def rewritten(
    removal: Removal, file: Path, rows: dict[str, list[str]], **changed: Any
) -> Manifest:
    """An archive of these rows alone, made by somebody who knows the passphrase."""
    with file.open("wb") as out, ArchiveWriter(out, PASSPHRASE) as archive:
        for table, lines in rows.items():
            archive.add(table, lines)
            archive.end(table)
        told = removal.manifest.model_dump() | {"id": new_id()}
        tables = {name: {"rows": 0, "sha256": ""} for name in removal.manifest.tables}
        told["tables"] = tables | archive.sums.contents()
        manifest = Manifest.model_validate(told | changed)
        archive.finish(manifest)
    return manifest


async def test_rows_of_another_tenant_do_not_come_in(
    removal: Removal, empty: Place, tmp_path: Path
) -> None:
    """Not even from an archive that was made for it: row-level security refuses them."""
    foreign = (await removal.here.rows(removal.neighbour.id))["resource/category"]
    await rewritten(removal, tmp_path / "a", {"resource/category": foreign})
    with pytest.raises(Damaged, match="another tenant"):
        await moved(removal, tmp_path / "a")
    assert not await empty.tenants()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"format": 2}, "format 2"),
        ({"revisions": {"tenant": "0001"}}, "export it with the same version"),
        ({"tables": {}}, "tables"),
    ],
)
async def test_what_this_program_does_not_read_is_refused(
    removal: Removal, tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    """Another format, other revisions, other tables: before anything is written."""
    await rewritten(removal, tmp_path / "a", {}, **changed)
    with pytest.raises((Refused, Damaged), match=says):
        verified(tmp_path / "a", PASSPHRASE)


@pytest.mark.parametrize("said", ["nobody", "c0ffee00-0000-4000-8000-000000000000"])
async def test_nobody_is_not_found(removal: Removal, said: str) -> None:
    """Neither by slug nor by id; whoever is there is found by both."""
    engine = removal.here.engines["tenant"]
    with pytest.raises(StartupError, match="There is no tenant"):
        await find_tenant(engine, said)
    twin = removal.twin
    for word in (twin.words["slug"], str(twin.id)):
        assert (await find_tenant(engine, word)).id == UUID(str(twin.id))
