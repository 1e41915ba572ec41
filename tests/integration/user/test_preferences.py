"""What people want to be told: kept, shown, and nobody else's to see or change."""

from typing import Any, get_args

import orjson

from contracts.user.commands import UserUpdate
from contracts.user.preferences import PreferencesView, UserGetPreferences, UserSetPreferences
from contracts.wire.envelope import Actor
from contracts.wire.saying import Said
from tests.integration.desk import Desk, code_of
from tests.integration.user.accounts import made
from tests.integration.user.conftest import Tenant
from tests.integration.user.people import MANAGER, OWNER, STAFF, person

ALL = get_args(Said)


async def read(desk: Desk, salon: Tenant, actor: Actor, user_id: Any) -> Any:
    return await desk.ask(UserGetPreferences, salon.id, actor, user_id=user_id)


async def test_everything_is_wanted_by_mail_and_nothing_by_sms(desk: Desk, salon: Tenant) -> None:
    """Who never said anything is mailed everything, and reminded as the tenant reminds."""
    bia = await made(desk, salon, "Bia")

    answer = await read(desk, salon, person("customer", bia["id"]), bia["id"])

    view = PreferencesView.model_validate_json(orjson.dumps(answer.body))
    assert set(view.email) == set(view.sms) == set(ALL)
    assert all(view.email.values())
    assert not any(view.sms.values())
    assert (view.reminder_minutes_before, view.version) == (None, 1)


async def test_what_is_set_counts_and_nothing_that_was_set_before(
    desk: Desk, salon: Tenant
) -> None:
    """Each setting begins anew; the user's own view and version show it, other changes keep it."""
    bia = await made(desk, salon, "Bia")
    herself = person("customer", bia["id"])
    set_to: tuple[dict[str, Any], ...] = (
        {"email": {"booking.moved": False}, "reminder_minutes_before": [30, 60]},
        {"sms": {"booking.reminder": True}, "reminder_minutes_before": []},
    )
    answers = [
        await desk.ask(UserSetPreferences, salon.id, herself, user_id=bia["id"], **one)
        for one in set_to
    ]

    first, second = (answer.body for answer in answers)
    assert [name for name, on in first["email"].items() if not on] == ["booking.moved"]
    assert (first["reminder_minutes_before"], first["version"]) == ([30, 60], 2)
    assert all(second["email"].values())
    assert second["sms"]["booking.reminder"]
    assert (second["reminder_minutes_before"], second["version"]) == ([], 3)
    changed = await desk.ask(UserUpdate, salon.id, herself, user_id=bia["id"], name="Beatriz")
    version = second.pop("version")
    assert changed.body["notification_preferences"] == second
    assert changed.body["version"] == version + 1


async def test_events_say_that_preferences_changed_and_not_to_what(
    desk: Desk, salon: Tenant
) -> None:
    """One event for a change, none for saying the same again; a stale version is refused."""
    bia = await made(desk, salon, "Bia")
    wish: dict[str, Any] = {"user_id": bia["id"], "sms": {"booking.moved": True}}
    await desk.ask(UserSetPreferences, salon.id, OWNER, **wish)
    again = await desk.ask(UserSetPreferences, salon.id, OWNER, **wish)
    stale = await desk.ask(
        UserSetPreferences, salon.id, OWNER, user_id=bia["id"], expected_version=1
    )

    assert (again.status, again.body["version"], code_of(stale)) == (200, 2, (412, "stale_version"))
    _, changed = await desk.events(bia["id"])
    assert changed.data["changes"] == {
        "notification_preferences": {"before": None, "after": None, "redacted": True}
    }
    assert "booking.moved" not in orjson.dumps(changed.data).decode()


async def test_what_others_want_is_theirs_to_say(desk: Desk, salon: Tenant) -> None:
    """A customer finds nobody else; staff sees; a manager changes whom they outrank, no owner."""
    bia = await made(desk, salon, "Bia")
    boss = await made(desk, salon, "Boss", roles=["owner"])
    other = person("customer")

    async def change(actor: Actor, user: dict[str, Any]) -> str | None:
        reply = await desk.ask(UserSetPreferences, salon.id, actor, user_id=user["id"])
        return "done" if reply.status == 200 else code_of(reply)[1]

    assert code_of(await read(desk, salon, other, bia["id"])) == (404, "not_found")
    assert await change(other, bia) == "not_found"
    assert await change(STAFF, bia) in ("forbidden", "not_found")
    assert [await change(MANAGER, one) for one in (bia, boss)] == ["done", "forbidden"]
