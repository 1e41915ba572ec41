"""Lowering the capacity of a resource of which something is booked."""

from contracts.resource import commands, queries
from tests.integration.desk import Desk, code_of
from tests.integration.reservation.salon import Salon, morning
from tests.integration.resource.furniture import furnished
from tests.integration.resource.people import MANAGER, STAFF


async def test_a_capacity_is_not_lowered_below_what_is_booked(desk: Desk, house: Salon) -> None:
    """At the true peak of what is to come: 409 below it, 200 at it, and it holds from there on."""
    made = await furnished(desk, house, capacity=4)
    it = {"resource_id": made["id"]}
    for hour, quantity in ((9, 2), (10, 3), (10, 0)):
        if quantity:
            reply = await house.book(morning(hour=hour), quantity=quantity, **it)
            assert reply.status == 201
    low = await desk.ask(commands.ResourceUpdate, house.tenant_id, MANAGER, capacity=2, **it)
    assert code_of(low) == (409, "has_future_bookings")
    assert low.problem is not None
    assert low.problem["booked"] == 3
    read = await desk.ask(queries.ResourceGet, house.tenant_id, STAFF, **it)
    assert (read.body["capacity"], read.body["version"]) == (4, 1)

    fits = await desk.ask(
        commands.ResourceUpdate, house.tenant_id, MANAGER, capacity=3, name="Small", **it
    )
    assert (fits.status, fits.body["capacity"], fits.body["name"]) == (200, 3, "Small")
    changed = (await desk.events(made["id"]))[-1]
    assert str(MANAGER.id) in changed.fields["actor"]


async def test_a_smaller_capacity_binds_those_who_know_the_larger(desk: Desk, house: Salon) -> None:
    """From the moment the gate has it, although the resource is changed only afterwards; who knows
    a later version is not bound."""
    made = await furnished(desk, house, capacity=3)
    it = {"resource_id": made["id"]}
    change = await desk.begin(commands.ResourceUpdate, house.tenant_id, MANAGER, capacity=1, **it)
    (limit,) = await desk.leaving(["reservation"])
    await house.desk.deliver(limit)
    assert (await house.book(morning(), **it)).status == 201
    assert code_of(await house.book(morning(), **it)) == (409, "booking_conflict")

    assert (await desk.end(change)).body["capacity"] == 1
    raised = await desk.ask(commands.ResourceUpdate, house.tenant_id, MANAGER, capacity=3, **it)
    await house.knows(raised.body)
    assert (await house.book(morning(), **it)).status == 201


async def test_a_change_that_meets_another_is_decided_anew(desk: Desk, house: Salon) -> None:
    """A capacity that was raised meanwhile is lowered from there, and both changes stand."""
    made = await furnished(desk, house, capacity=3)
    it = {"resource_id": made["id"]}
    change = await desk.begin(commands.ResourceUpdate, house.tenant_id, MANAGER, capacity=2, **it)
    await desk.ask(commands.ResourceUpdate, house.tenant_id, MANAGER, name="New name", **it)
    done = await desk.end(change)
    assert (done.status, done.body["capacity"], done.body["name"]) == (200, 2, "New name")
    assert desk.told.count("gate.limit") >= 2


async def test_a_change_refused_after_all_binds_nobody(desk: Desk, house: Salon) -> None:
    """Its category went while reservation was asked: 404, and the old capacity is there to book."""
    made = await furnished(desk, house, capacity=2)
    it = {"resource_id": made["id"]}
    category = await desk.ask(commands.CategoryCreate, house.tenant_id, MANAGER, name="Short-lived")
    change = await desk.begin(
        commands.ResourceUpdate,
        house.tenant_id,
        MANAGER,
        capacity=1,
        category_id=category.body["id"],
        **it,
    )
    gone = await desk.ask(
        commands.CategoryDelete, house.tenant_id, MANAGER, category_id=category.body["id"]
    )
    assert gone.status == 204
    assert code_of(await desk.end(change)) == (404, "not_found")
    (unlimit,) = await desk.leaving(["reservation"])
    await house.desk.deliver(unlimit)
    assert [(await house.book(morning(), **it)).status for _ in range(2)] == [201, 201]


async def test_a_stale_version_is_told_before_and_after(desk: Desk, house: Salon) -> None:
    """If-Match holds when the change begins, and still when it is completed."""
    made = await furnished(desk, house, capacity=2)
    it = {"resource_id": made["id"], "capacity": 1}
    early = await desk.ask(
        commands.ResourceUpdate, house.tenant_id, MANAGER, expected_version=5, **it
    )
    assert code_of(early) == (412, "stale_version")
    change = await desk.begin(
        commands.ResourceUpdate, house.tenant_id, MANAGER, expected_version=1, **it
    )
    await desk.ask(
        commands.ResourceUpdate,
        house.tenant_id,
        MANAGER,
        resource_id=made["id"],
        name="Somebody was first",
    )
    assert code_of(await desk.end(change)) == (412, "stale_version")
