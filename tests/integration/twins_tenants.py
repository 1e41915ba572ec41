"""Tenants alike in everything but their ids; every text of one carries its own canary."""

# long: a tenant with at least one of everything.

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text

from contracts.subscriber.mail import MailSend
from contracts.wire.codec import decode
from contracts.wire.cursor import make_cursor
from contracts.wire.envelope import ANONYMOUS, SYSTEM, Actor
from contracts.wire.identity import new_id
from contracts.wire.sealing import open_fields
from contracts.wire.strict import rfc3339
from domain.user.roles import BUILT_IN_ROLES
from handlers.delivery.pages import Cursors
from handlers.subscribers.auditing import Recorder
from storage.delivery.transaction import writing
from storage.subscriber.notifications import Queued, queue
from tests.integration.postgres import SECRET
from tests.integration.reservation.salon import ALL_DAY, morning, today
from tests.integration.twins_billing import add_lines
from tests.integration.twins_reports import add_reports
from tests.integration.twins_street import Street
from tests.integration.twins_webhooks import add_webhooks

PASSWORD = "grapes on the window sill"
PLATFORM = Actor(
    "platform",
    str(new_id()),
    ("platform_admin",),
    BUILT_IN_ROLES["owner"] | {"tenant:create", "tenant:suspend"},
)
# What lists are asked one by one for, to have a cursor of theirs.
LISTS = {
    "apikey.list": {},
    "audit.list": {},
    "availability.search": {"date": str(morning(40).date())},
    "booking.list": {},
    "category.list": {},
    "resource.list": {},
    "resource.list_public": {},
    "user.list": {},
    "user.roles": {},
    "waitlist.list": {},
}


@dataclass
class Twin:
    """`words` are ids, and other words by which an object is named, by what they name; `canary`
    stands in every text that is the tenant's and in no name of anything."""

    id: UUID
    canary: str
    words: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)

    @property
    def owner(self) -> Actor:
        """The owner, who would be allowed what only the platform is allowed besides."""
        permissions = BUILT_IN_ROLES["owner"] | {"tenant:create", "tenant:suspend"}
        return Actor("user", self.words["owner"], ("owner",), permissions)


def slot(hours: int) -> dict[str, str]:
    """An hour of its own, a month ahead."""
    start = morning(30, 0) + timedelta(hours=2 * hours)
    return {"starts_at": rfc3339(start), "ends_at": rfc3339(start + timedelta(hours=1))}


WEEKLY = {"frequency": "weekly", "count": 2}


class MovingIn:
    """Furnishes one tenant, by the commands that its people would send."""

    def __init__(self, street: Street, letter: str) -> None:
        self._street = street
        mark = uuid4().hex[:10]
        self.twin = Twin(new_id(), f"canary-{letter}-{mark}")
        self._mark = mark
        self._actor = PLATFORM
        self._tenant: UUID | None = None

    async def furnished(self) -> Twin:
        """The tenant, with at least one object of every kind."""
        await self._found()
        await self._rules()
        await self._people()
        await self._places()
        await self._bookings()
        await self._begun()
        await self._do(
            "notification_template.set",
            tenant_id=self.twin.words["tenant"],
            event="booking.moved",
            channel="email",
            locale="en",
            body=self.twin.canary,
        )
        await add_webhooks(self._do, self._street, self.twin.words, self.twin.canary)
        await add_lines(self._do, self._street, self.twin.words)
        await add_reports(self._street, self.twin.words)
        await self._trail()
        await self._cursors()
        await self._street.forget_what_leaves()
        return self.twin

    async def _do(self, name: str, /, kept_as: str = "", **fields: Any) -> Any:
        """The body of the reply; the object's id is one of the twin's words from now on."""
        reply = await self._street.ask(name, self._tenant, self._actor, fields)
        assert reply.status < 300, (name, reply)
        if kept_as:
            self.twin.words[kept_as] = str(reply.body["id"])
            self.twin.documents[kept_as] = reply.body
        return reply.body

    async def _found(self) -> None:
        twin, canary = self.twin, self.twin.canary
        slug, email = f"slug-{self._mark}", f"{self._mark}@owner.example"
        owner = {"email": email, "name": f"Owner {canary}", "password": PASSWORD}
        founding = {"id": str(twin.id), "name": canary, "slug": slug, "owner": owner}
        reply = await self._street.ask("tenant.create", None, PLATFORM, founding)
        assert reply.status == 201, reply
        self._tenant = twin.id
        twin.words |= {"tenant": str(twin.id), "slug": slug, "email": email}
        await self._enter(slug, email)
        self._actor = twin.owner

    async def _enter(self, slug: str, email: str) -> None:
        """Signed in twice, and a code for a new password is on its way."""
        proof = {"tenant": slug, "email": email, "password": PASSWORD}
        for name in ("refresh", "refresh to end"):
            reply = await self._street.ask("auth.token", None, ANONYMOUS, proof)
            assert reply.status == 200, reply
            self.twin.secrets[name] = reply.body["refresh_token"]
        asked = {"tenant": slug, "email": email}
        await self._street.ask("auth.forgot_password", None, ANONYMOUS, asked)
        ((sealed,),) = await self._street.rows(
            "user",
            "SELECT fields ->> 'data' FROM outbox"
            " WHERE type = 'mail.send' AND fields ->> 'tenantid' = :it",
            it=str(self.twin.id),
        )
        keyring = self._street.desks["user"].keyring
        mail = orjson.loads(open_fields(sealed.encode(), MailSend.secret_fields, keyring))
        self.twin.secrets["code"] = mail["code"]
        # Another can be asked for after a minute.
        async with self._street.desks["user"].administrator.begin() as connection:
            aged = "UPDATE one_time_code SET created_at = created_at - interval '2 minutes'"
            await connection.execute(text(aged))
        rows = await self._street.rows(
            "user", "SELECT user_id FROM account WHERE tenant_id = :it", it=self.twin.id
        )
        self.twin.words["owner"] = str(rows[0][0])

    async def _rules(self) -> None:
        canary, tenant = self.twin.canary, str(self.twin.id)
        opening = {"business_hours": ALL_DAY, "max_advance_days": 3650, "labels": {"a": canary}}
        # Of a hold that lapses while the others are asked for there would be nothing to confirm.
        opening["hold_ttl_seconds"] = 86_400
        await self._do("tenant.update_settings", tenant_id=tenant, patch=opening)
        branding = {"display_name": canary, "address": canary, "extra": {"motto": canary}}
        await self._do("tenant.set_branding", tenant_id=tenant, branding=branding)
        closure = {"date": "2099-12-25", "reason": canary}
        await self._do("closure.create", "closure", tenant_id=tenant, closure=closure)

    async def _people(self) -> None:
        canary, words = self.twin.canary, self.twin.words
        role_name = f"desk-{self._mark}"
        words["role_name"] = role_name
        read = ["tenant:read"]
        await self._do("role.create", "role", name=f"free-{self._mark}", permissions=read)
        await self._do("role.create", "role held", name=role_name, permissions=read)
        await self._do("role.create", "role gone", name=f"gone-{self._mark}", permissions=read)
        await self._do("role.delete", role_id=words["role gone"])
        for name in ("user", "colleague", "user gone", "user erased"):
            await self._do(
                "user.create",
                name,
                email=f"{name.replace(' ', '-')}-{self._mark}@people.example",
                name=canary,
                phone=canary,
                roles=["customer", role_name],
                attributes={"note": canary},
            )
        await self._do("user.delete", user_id=words["user gone"])
        await self._do("user.erase", user_id=words["user erased"])
        for name in ("apikey", "second apikey"):
            made = await self._do("apikey.create", name, name=canary, scopes=["tenant:read"])
            self.twin.secrets["key"] = made["key"]

    async def _places(self) -> None:
        canary, words = self.twin.canary, self.twin.words
        for name in ("category", "free category", "category gone"):
            it = {"name": f"{name} {canary}", "description": canary}
            await self._do("category.create", name, **it)
        await self._do("category.delete", category_id=words["category gone"])
        for name in ("resource", "second", "spare", "to delete", "resource gone"):
            await self._do(
                "resource.create",
                name,
                name=canary,
                description=canary,
                kind="space",
                capacity=1000,
                category_id=words["category"],
                attributes={"colour": canary},
            )
        await self._do("resource.delete", resource_id=words["resource gone"])
        for kind in ("resource", "user"):
            made = await self._do(f"{kind}.mint_calendar_token", **{f"{kind}_id": words[kind]})
            self.twin.secrets[f"feed of {kind}"] = made["token"]
        override = {"date": "2099-12-25", "closed": True, "reason": canary}
        await self._do(
            "override.create", "override", resource_id=words["resource"], override=override
        )

    async def _bookings(self) -> None:
        canary, words = self.twin.canary, self.twin.words
        mine = {"resource_id": words["resource"], "user_id": words["user"]}
        text = {"notes": canary, "attributes": {"note": canary}}
        for place, name in enumerate(("booking", "booking to end", "cancelled booking")):
            await self._do("booking.create", name, **mine, **text, **slot(place), quantity=2)
        ended = words["cancelled booking"]
        await self._do("booking.cancel", booking_id=ended, reason=canary)
        await self._do("booking.create", "hold", **mine, **text, **slot(4), status="held")
        series = await self._do(
            "series.create", "series", **mine, **text, **slot(5), recurring_pattern=WEEKLY
        )
        words["booking of series"] = series["bookings"][0]["id"]
        line = {"from": slot(0)["starts_at"], "to": slot(1)["ends_at"], "duration_minutes": 60}
        for name in ("entry", "second entry"):
            await self._do("waitlist.join", name, **mine, **line)

    async def _begun(self) -> None:
        """Commands that wait for another context, and one that is done."""
        words, tenant = self.twin.words, self.twin.id
        begin = self._street.begin
        deletion = {"resource_id": words["to delete"]}
        words["change"] = str(await begin("resource.delete", tenant, self.twin.owner, deletion))
        closing = {"tenant_id": str(tenant), "closure": {"date": "2099-12-26"}}
        begun = await begin("closure.create", tenant, self.twin.owner, closing)
        words["tenant change"] = str(begun)
        words["operation"] = str(new_id())
        await self._street.ask(
            "role.create",
            tenant,
            self.twin.owner,
            {"name": f"asked-{self._mark}", "permissions": ["tenant:read"]},
            UUID(words["operation"]),
        )

    async def _trail(self) -> None:
        """What happened so far stands in the audit trail."""
        desk = self._street.desks["audit"]
        for context in ("tenant", "resource", "user", "reservation"):
            rows = await self._street.rows(
                context,
                "SELECT fields FROM outbox WHERE tenant_id = :it AND sequence IS NOT NULL",
                it=self.twin.id,
            )
            for (fields,) in rows:
                event = decode({name: text.encode() for name, text in fields.items()})
                transaction = writing(
                    desk.engine,
                    self.twin.id,
                    event.id,
                    fingerprint="",
                    actor=SYSTEM.label,
                    reply_to="",
                    traceparent="",
                )
                async with transaction as (work, _):
                    await Recorder(desk.keyring).record(work, event)
                    if event.type == "booking.created":
                        await queue(work, self._said(event.id))

    def _said(self, notification_id: UUID) -> Queued:
        """Something that was said to the user, at some time."""
        user_id = UUID(self.twin.words["user"])
        return Queued(notification_id, "booking_created", "email", "sealed", None, user_id)

    async def _cursors(self) -> None:
        words = self.twin.words
        for name, fields in LISTS.items():
            await self._cursor(name, **fields)
        self._actor = SYSTEM
        await self._cursor("audit.export_person", user_id=words["owner"])
        await self._cursor("notification.export_person", user_id=words["user"])
        await self._cursor("booking.feed", user_id=words["user"])
        await self._cursor("booking.export_person", user_id=words["user"], kind="bookings")
        # Its pages are long: where a second one would begin is said here.
        export = Cursors.of(SECRET, f"export/{words['user']}")
        second = make_cursor(export.key, self.twin.id, export.listing, ["series", ""])
        words["cursor of user.export"] = second
        history = Cursors.of(SECRET, f"history/{words['booking']}")
        first = make_cursor(history.key, self.twin.id, history.listing, ["0"])
        words["cursor of booking.history"] = first

    async def _cursor(self, name: str, **fields: Any) -> None:
        body = await self._do(name, **fields, limit=1)
        assert body["next_cursor"] is not None, name
        self.twin.words[f"cursor of {name}"] = body["next_cursor"]


def nobodys(words: dict[str, str]) -> dict[str, str]:
    """Words of the same form that name nothing."""
    return {name: _another(name, word) for name, word in words.items()}


def _another(name: str, word: str) -> str:
    if name.startswith("cursor"):
        return "AAAA"
    if word.count("-") == 4:
        return str(uuid4())
    return f"no{uuid4().hex[:10]}{word[word.index('-') if '-' in word else word.index('@') :]}"


def moment(days: int) -> str:
    """Midnight, so many days from today."""
    return rfc3339(today() + timedelta(days=days))
