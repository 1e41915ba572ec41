"""Overrides: each is a version of its resource, and a date has one."""

from uuid import UUID

import orjson

from contracts.resource import commands, queries
from contracts.resource.views import OverrideMade, OverrideView, ResourceView
from contracts.wire.identity import new_id
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.resource.furniture import MORNING, room
from tests.integration.resource.people import STAFF


async def test_an_override_raises_its_resource(desk: Desk, salon: UUID) -> None:
    """An override made or deleted is a new version, event and fact of the resource."""
    made = await room(desk, salon)
    it = {"resource_id": made["id"]}
    later = await desk.ask(
        commands.OverrideCreate, salon, override={"date": "2026-12-25", "closed": True}, **it
    )
    sooner = await desk.ask(
        commands.OverrideCreate,
        salon,
        expected_version=2,
        override={"date": "2026-12-24", "windows": MORNING, "reason": "véspera"},
        **it,
    )
    listed = await desk.ask(queries.OverrideList, salon, STAFF, **it)
    gone = await desk.ask(commands.OverrideDelete, salon, override_id=later.body["id"], **it)

    assert OverrideMade.model_validate_json(orjson.dumps(later.body)).version == 2
    assert (sooner.status, sooner.body["version"]) == (201, 3)
    views = [OverrideView.model_validate_json(orjson.dumps(one)) for one in listed.body["items"]]
    assert [str(view.date) for view in views] == ["2026-12-24", "2026-12-25"]
    assert gone.status == 204
    known = ResourceView.model_validate_json(desk.facts[0].body or b"")
    assert (known.version, [str(one.date) for one in known.overrides]) == (4, ["2026-12-24"])
    events = await desk.events(made["id"])
    assert [(event.type, event.sequence) for event in events] == [
        ("resource.created", 1),
        ("resource.updated", 2),
        ("resource.updated", 3),
        ("resource.updated", 4),
    ]
    said = {"version", "affected_bookings", "affected_bookings_count"}
    closed = {name: value for name, value in later.body.items() if name not in said}
    assert events[1].data["changes"] == {"overrides": {"before": [], "after": [closed]}}
    assert events[3].data["changes"] == {"overrides": {"before": [closed], "after": []}}


async def test_a_date_has_one_override(desk: Desk, salon: UUID) -> None:
    """A second override of a date, a taken id and overlapping windows are refused."""
    made = await room(desk, salon)
    it = {"resource_id": made["id"]}
    first = await desk.ask(
        commands.OverrideCreate, salon, override={"date": "2026-12-25", "closed": True}, **it
    )
    again = await desk.ask(
        commands.OverrideCreate, salon, override={"date": "2026-12-25", "windows": MORNING}, **it
    )
    same_id = await desk.ask(
        commands.OverrideCreate,
        salon,
        id=first.body["id"],
        override={"date": "2026-12-26", "closed": True},
        **it,
    )
    overlapping = await desk.ask(
        commands.OverrideCreate,
        salon,
        override={"date": "2026-12-27", "windows": [*MORNING, {"start": "11:00", "end": "13:00"}]},
        **it,
    )
    missing = await desk.ask(commands.OverrideDelete, salon, override_id=new_id(), **it)
    stale = await desk.ask(
        commands.OverrideDelete, salon, override_id=first.body["id"], expected_version=1, **it
    )

    assert code_of(again) == code_of(overlapping) == (400, "invalid_schedule")
    assert errors_of(again) == {("date", "date_taken")}
    assert errors_of(overlapping) == {("windows.1", "windows_overlap")}
    assert code_of(same_id) == (409, "id_in_use")
    assert code_of(missing) == (404, "not_found")
    assert code_of(stale) == (412, "stale_version")
