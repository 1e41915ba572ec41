"""Sealed replies, and commands that were sent on."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.reservation import commands as bookings
from contracts.wire.identity import new_id
from storage.delivery.purging import wipe_replies
from tests.integration.desk import code_of
from tests.integration.forgetting.clock import aged
from tests.integration.reservation.salon import Salon, morning


async def test_sealed_replies_are_wiped_and_stay_known(
    salon: Salon, timers: dict[str, AsyncEngine]
) -> None:
    """After 72 hours a repetition hears that it was carried out, and no more; what was never sealed
    is answered as before."""
    told, plain = new_id(), new_id()

    async def said(command_id: UUID, **fields: Any) -> Any:
        return await salon.desk.ask(
            bookings.BookingCreate,
            salon.tenant_id,
            salon.staff,
            command_id=command_id,
            resource_id=salon.resource_id,
            starts_at=morning(hour=9 if fields else 12),
            ends_at=morning(hour=10 if fields else 13),
            **fields,
        )

    first = await said(told, notes="plums")
    other = await said(plain)
    assert first.status == other.status == 201
    await wipe_replies(timers["reservation"], 72)
    assert (await said(told, notes="plums")).body == first.body
    await aged(
        salon.desk,
        "UPDATE inbox SET created_at = created_at - interval '73 hours' WHERE tenant_id = :it",
        it=salon.tenant_id,
    )
    until = await wipe_replies(timers["reservation"], 72)
    assert until is not None
    assert code_of(await said(told, notes="plums")) == (409, "outcome_not_kept")
    assert (await said(plain)).body == other.body
    ((reply,),) = await salon.desk.rows("SELECT reply FROM inbox WHERE command_id = :it", it=told)
    assert reply == '{"status" : 201, "wiped" : true}'
    # The next time goes on from there.
    again = await wipe_replies(timers["reservation"], 72, until)
    assert again is not None
    assert timedelta(0) <= again - until < timedelta(minutes=5)


async def test_what_was_sent_on_is_deleted_and_events_stay(
    salon: Salon, timers: dict[str, AsyncEngine]
) -> None:
    """Commands for other contexts leave the outbox after 72 hours, once they were sent."""
    ids = {}
    for kind, sequence, published in (("sent", None, 73), ("event", 1, 73), ("new", None, 71)):
        ids[kind] = new_id()
        await aged(
            salon.desk,
            "INSERT INTO outbox (event_id, tenant_id, aggregate_id, sequence, type, stream, fields,"
            " published_at) VALUES (:id, :tenant, :id, :sequence, 'mail.send', 's', '{}',"
            " clock_timestamp() - make_interval(hours => :published))",
            id=ids[kind],
            tenant=salon.tenant_id,
            sequence=sequence,
            published=published,
        )
    unsent = new_id()
    await aged(
        salon.desk,
        "INSERT INTO outbox (event_id, tenant_id, aggregate_id, type, stream, fields, created_at)"
        " VALUES (:id, :tenant, :id, 'mail.send', 's', '{}', now() - interval '9 days')",
        id=unsent,
        tenant=salon.tenant_id,
    )
    await wipe_replies(timers["reservation"], 72)
    rows = await salon.desk.rows(
        "SELECT event_id FROM outbox WHERE tenant_id = :it", it=salon.tenant_id
    )
    assert {UUID(str(row[0])) for row in rows} == {ids["event"], ids["new"], unsent}
