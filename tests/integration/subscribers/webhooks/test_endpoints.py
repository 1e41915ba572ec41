"""Endpoints: who may have them, what is refused, and where their secrets stand."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.catalogue import EVENTS
from contracts.subscriber.webhooks import (
    WebhookCreate,
    WebhookDelete,
    WebhookGet,
    WebhookList,
    WebhookRotateSecret,
    WebhookUpdate,
)
from contracts.wire.envelope import Actor
from contracts.wire.identity import new_id
from contracts.wire.sealing import Keyring
from domain.user.roles import BUILT_IN_ROLES
from handlers.subscribers.webhooks.addresses import Reach
from handlers.subscribers.webhooks.hearing_rights import READS
from handlers.subscribers.webhooks.routes import webhook_routes
from tests.integration.desk import Desk, code_of, errors_of
from tests.integration.postgres import SECRET
from tests.integration.subscribers.webhooks.conftest import Shop

URL = "https://shop.example/hooks?key=canary-of-the-url"


async def test_a_secret_is_shown_once_and_kept_sealed(shop: Shop, desk: Desk) -> None:
    """In the answer to the creation and nowhere else: not in the row, the inbox, the outbox, nor in
    what is read later; and a repetition gets the same one."""
    command_id = new_id()
    fields = {"tenant_id": str(shop.id), "url": URL, "event_types": ["booking.*"]}
    made, again = [
        await desk.ask(WebhookCreate, shop.id, shop.owner, command_id=command_id, **fields)
        for _ in range(2)
    ]
    secret = made.body["secret"]
    assert secret.startswith("whsec_")
    assert again.body == made.body
    rows = await desk.rows(
        "SELECT w::text FROM webhook w WHERE tenant_id = :it"
        " UNION ALL SELECT i::text FROM inbox i WHERE tenant_id = :it"
        " UNION ALL SELECT o::text FROM outbox o WHERE tenant_id = :it",
        it=shop.id,
    )
    assert len(rows) == 3
    assert not any(secret.removeprefix("whsec_") in row[0] for row in rows)
    assert "secret" not in await shop.read(made.body)
    (listed,) = (await shop.ask(WebhookList)).body["items"]
    assert "secret" not in listed


def test_every_event_is_somebodys_to_read() -> None:
    """A new kind of object says by which permission it is read."""
    assert {name.partition(".")[0] for name in EVENTS} == set(READS)


async def test_who_may_not_read_it_does_not_have_it_sent(shop: Shop, desk: Desk) -> None:
    """Managing endpoints is no way to hear what one may not see; one that others made is switched
    on and off, and neither led elsewhere nor given more."""
    clerk = Actor("user", str(new_id()), ("clerk",), frozenset({"webhook:manage", "resource:read"}))

    async def tried(*names: str) -> tuple[int, set[tuple[str, str]]]:
        fields: dict[str, Any] = {"url": URL, "event_types": list(names)}
        made = await desk.ask(WebhookCreate, shop.id, clerk, tenant_id=str(shop.id), **fields)
        return made.status, set() if made.status == 201 else errors_of(made)

    assert await tried("resource.*", "category.created", "webhook.test") == (201, set())
    assert await tried("*") == (403, {("event_types.0", "forbidden")})
    assert await tried("resource.*", "booking.created", "waitlist.*", "user.*") == (
        403,
        {
            ("event_types.1", "forbidden"),
            ("event_types.2", "forbidden"),
            ("event_types.3", "forbidden"),
        },
    )
    hook = await shop.hook(URL, "booking.*")

    async def changed(**fields: Any) -> int:
        said = {"tenant_id": str(shop.id), "webhook_id": hook["id"], **fields}
        return (await desk.ask(WebhookUpdate, shop.id, clerk, **said)).status

    assert await changed(url=URL + "2") == 403
    assert await changed(event_types=["booking.*", "resource.*"]) == 403
    assert await changed(enabled=False) == 200
    assert await changed(event_types=["resource.*"]) == 200


async def test_what_is_told_of_a_url_is_its_host(shop: Shop, desk: Desk) -> None:
    """The rest of it is often a secret: events go to the trail and to other endpoints."""
    hook = await shop.hook(URL, "booking.*")
    await shop.ask(WebhookUpdate, webhook_id=hook["id"], url=URL + "2")
    created, updated = await desk.events(hook["id"])
    assert (created.type, created.stream, created.sequence) == (
        "webhook.created",
        "webhook.events",
        1,
    )
    assert created.data["host"] == "shop.example"
    assert updated.data["changes"]["url"]["redacted"]
    assert "canary-of-the-url" not in str(created) + str(updated)


async def test_an_endpoint_is_changed_by_a_merge_patch(shop: Shop) -> None:
    """What is not named stays; what a new endpoint must say cannot be taken away; an old version is
    412."""
    hook = await shop.hook(URL, "booking.*")
    at = {"webhook_id": hook["id"]}
    off = await shop.ask(WebhookUpdate, **at, enabled=False)
    assert (off.body["enabled"], off.body["url"], off.body["version"]) == (False, URL, 2)
    missing = await shop.ask(WebhookUpdate, **at, url=None)
    assert errors_of(missing) == {("url", "missing_field")}
    stale = await shop.ask(WebhookUpdate, **at, enabled=True, expected_version=1)
    assert code_of(stale) == (412, "stale_version")


async def test_a_deleted_endpoint_is_gone_with_its_secrets(shop: Shop, desk: Desk) -> None:
    """It is neither read nor listed, and nobody can sign in its name any more."""
    hook = await shop.hook(URL)
    assert (await shop.ask(WebhookDelete, webhook_id=hook["id"])).status == 204
    assert (await shop.ask(WebhookGet, webhook_id=hook["id"])).status == 404
    assert (await shop.ask(WebhookDelete, webhook_id=hook["id"])).status == 404
    assert (await shop.ask(WebhookList)).body["items"] == []
    rows = await desk.rows(
        "SELECT secret, old_secret FROM webhook WHERE webhook_id = :it", it=hook["id"]
    )
    assert [tuple(row) for row in rows] == [("", None)]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://shop.example/",
            "ftp://shop.example/",
            "//shop.example",
            "shop.example",
            "https:",
        ),
        *("https://u:p@shop.example/", "https://shop.example/#x", "https://shop.example:99999/"),
        *("https://shop.example%2f@x/", "https://[::1/", "https://\\\\shop.example/"),
        *("https://hooks..example/x", "https://./", "https://.shop.example/", "https://a.../"),
        *(f"https://{'a' * 64}.example/", f"https://{'a.' * 126}example/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/", "https://169.254.169.254/"),
        *("https://[::ffff:127.0.0.1]/", "https://[64:ff9b::a00:1]/"),
    ],
)
async def test_urls_that_are_refused(shop: Shop, desk: Desk, url: str) -> None:
    """Plain HTTP, credentials, fragments, nonsense, and addresses that lead inside."""
    found = Desk(desk.context, desk.engine, desk.administrator)
    found.serve(webhook_routes(SECRET, Keyring(SECRET), Reach()))
    fields: dict[str, Any] = {"tenant_id": str(shop.id), "url": url, "event_types": ["*"]}
    reply = await found.ask(WebhookCreate, shop.id, shop.owner, **fields)
    assert code_of(reply) == (400, "validation_failed")
    assert {field for field, _ in errors_of(reply)} == {"url"}


async def test_names_as_long_as_names_may_be(shop: Shop) -> None:
    """63 characters between dots, 253 in all, and a dot at the end are a name."""
    for host in (f"{'a' * 63}.example", f"{'a.' * 123}example", "shop.example."):
        assert (await shop.hook(f"https://{host}/x"))["url"] == f"https://{host}/x"


async def test_filters_name_events_that_there_are(shop: Shop) -> None:
    """A type that nobody ever sends is a mistake."""
    filters = ["booking.*", "booking.creatd", "nobody.*"]
    reply = await shop.ask(WebhookCreate, url=URL, event_types=filters)
    assert errors_of(reply) == {
        ("event_types.1", "unknown_event_type"),
        ("event_types.2", "unknown_event_type"),
    }


async def test_only_who_may_manage_webhooks(shop: Shop) -> None:
    """Managers may not."""
    manager = Actor("user", str(new_id()), ("manager",), frozenset(BUILT_IN_ROLES["manager"]))
    for message in (WebhookList, WebhookGet):
        reply = await shop.desk.ask(message, shop.id, manager, **_about(message))
        assert code_of(reply) == (403, "forbidden")


def _about(message: type[Any]) -> dict[str, Any]:
    return {"webhook_id": str(new_id())} if message is WebhookGet else {}


async def test_another_tenants_endpoint_is_not_there(new_shop: Callable[[], Shop]) -> None:
    """Whatever is tried with it is what it would be with an id that names nothing."""
    ours, theirs = new_shop(), new_shop()
    hook = await theirs.hook(URL)
    at = {"webhook_id": hook["id"]}
    assert code_of(await ours.ask(WebhookGet, **at)) == (404, "not_found")
    assert code_of(await ours.ask(WebhookUpdate, **at, enabled=False)) == (404, "not_found")
    assert code_of(await ours.ask(WebhookRotateSecret, **at)) == (404, "not_found")
    assert (await theirs.read(hook))["version"] == 1
