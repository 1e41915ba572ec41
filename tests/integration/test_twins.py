"""Nothing of one tenant is read, changed or revealed by another: every type of message, and every
place in it where an id stands, in the words of the tenant's twin.

The twin's word and one that names nothing come to the same: the same answer and the same events
but for ids and times; nothing of the twin is told, and not a row of it is another afterwards. Once
as the application runs; once with its filters by tenant taken out of every statement, so that
row-level security alone holds it; and once as a role that no policy concerns, so that the filters
do.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError, MultipleResultsFound
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.wire.identity import NIL
from contracts.wire.reply import Reply
from contracts.wire.strict import Command
from handlers.delivery.settings import ProcessSettings
from storage.delivery import schema
from storage.delivery.errors import sqlstate
from storage.delivery.known import KnownObjects
from tests.integration.postgres import SECRET, Databases, MigratedDatabase, in_a_thread
from tests.integration.twins_rows import Rows, Shelves
from tests.integration.twins_schemas import id_paths
from tests.integration.twins_seeds import BY_POLICY, FREE, SEEDS, UNSEEN, Seed
from tests.integration.twins_street import MESSAGES, Street
from tests.integration.twins_telling import (
    Place,
    betrays,
    fresh,
    left,
    places_of,
    plain,
    reply_text,
    sender,
    with_word,
)
from tests.integration.twins_tenants import MovingIn, Twin, nobodys
from tests.integration.twins_unfiltered import take_filters_out


def _as_app(database: MigratedDatabase) -> str:
    return database.app


def _as_administrator(database: MigratedDatabase) -> str:
    return database.administrator


def _nothing(_: AsyncEngine) -> None:
    """The statements are sent as they are."""


# As which role, and what is done to its statements.
NETS: dict[str, tuple[Callable[[MigratedDatabase], str], Callable[[AsyncEngine], None]]] = {
    "both": (_as_app, _nothing),
    "row-level security alone": (_as_app, take_filters_out),
    "filters alone": (_as_administrator, _nothing),
    "neither": (_as_administrator, take_filters_out),
}

SEVERAL = "several objects of one id"


@dataclass
class Neighbourhood:
    """Two tenants, and the streets on which the same handlers work with other nets below them."""

    streets: dict[str, Street]
    ours: Twin
    twin: Twin
    shelves: Shelves
    rows: Rows
    twins_rows: Rows

    async def begin_again(self) -> None:
        """Everybody but the twin is as they moved in."""
        await self.shelves.put_back(self.rows, self.ours.id, NIL)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ProcessSettings:
    file = tmp_path_factory.mktemp("keys") / "jwt_private_key.pem"
    file.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return ProcessSettings(
        _env_file=None,
        redis_url="redis://unused",
        secret_key=SecretStr(SECRET),
        jwt_private_key_file=str(file),
    )


@pytest_asyncio.fixture(scope="module")
async def neighbourhood(
    databases: Databases, known: KnownObjects, settings: ProcessSettings
) -> AsyncIterator[Neighbourhood]:
    made = {}
    for context in schema.CONTEXTS:
        empty = databases.empty(context, f"twins_{context}")
        in_a_thread(partial(schema.upgrade, context, empty.url))
        made[context] = MigratedDatabase(empty)
    async with AsyncExitStack() as closing:
        streets = {}
        for name, (url_of, prepared) in NETS.items():
            streets[name] = Street(made, known, settings, url_of, prepared)
            closing.push_async_callback(streets[name].close)
        ours, twin = [await MovingIn(streets["both"], letter).furnished() for letter in "ab"]
        shelves = await Shelves.of(streets["both"])
        rows, twins_rows = await shelves.rows_of(ours.id, NIL), await shelves.rows_of(twin.id)
        yield Neighbourhood(streets, ours, twin, shelves, rows, twins_rows)


def test_every_type_has_a_seed() -> None:
    """A new type of message is given one in tests/integration/twins_seeds.py."""
    assert set(SEEDS) == set(MESSAGES)


@pytest.mark.parametrize("name", SEEDS)
def test_every_place_of_an_id_has_a_seed(neighbourhood: Neighbourhood, name: str) -> None:
    """Wherever a contract has an id or a cursor, one of the type's seeds puts the tenant's own."""
    found = {place.dotted for seed in SEEDS[name] for place in places_of(seed, neighbourhood.ours)}
    free = {path for kind, path in FREE if kind == name}
    assert id_paths(MESSAGES[name][1].model_json_schema(by_alias=True)) - free <= found


@pytest.mark.parametrize("name", SEEDS)
async def test_a_seed_does_something(neighbourhood: Neighbourhood, name: str) -> None:
    """In its own words a tenant gets what it asks for: what another's word comes to is its due."""
    street = neighbourhood.streets["both"]
    for seed in SEEDS[name]:
        twin = fresh(neighbourhood.ours, seed)
        reply = await street.try_out(name, *sender(seed, twin), seed.fields(twin))
        assert reply.status in seed.done, (reply.status, reply.body, reply.problem)


@pytest.mark.parametrize(
    ("nets", "name"),
    [
        *(("both", name) for name in SEEDS),
        *(("row-level security alone", name) for name in SEEDS),
        *(("filters alone", name) for name in SEEDS if name not in BY_POLICY),
    ],
)
async def test_the_twins_word_is_like_nobodys(
    neighbourhood: Neighbourhood, name: str, nets: str
) -> None:
    """The same answer, the same events; nothing of the twin in either, and no row of it changed."""
    twin = neighbourhood.twin
    for seed in SEEDS[name]:
        for place in places_of(seed, neighbourhood.ours) or [Place(seed, (), "")]:
            theirs = await said(neighbourhood, nets, name, place, twin.words)
            nobody = await said(neighbourhood, nets, name, place, nobodys(neighbourhood.ours.words))
            assert theirs.plain == nobody.plain, place.dotted
            assert theirs.status != 500 or nets != "both", place.dotted
            assert not betrays(theirs.whole, twin, theirs.word), place.dotted
            assert twin.id not in theirs.whose, place.dotted
    assert await neighbourhood.shelves.rows_of(twin.id) == neighbourhood.twins_rows


@dataclass(frozen=True)
class Said:
    """What a message came to: `whole` as it is, `plain` apart from ids and times; `whose` are the
    tenants that its events and facts are about."""

    word: str
    status: int
    whole: str
    plain: str
    whose: frozenset[UUID]


async def said(
    neighbourhood: Neighbourhood, nets: str, name: str, place: Place, words: dict[str, str]
) -> Said:
    """With one of these words in the place of our own."""
    street, ours = neighbourhood.streets[nets], neighbourhood.ours
    word = words.get(place.name, "nothing")
    fields = with_word(place, ours, word) if place.name else place.seed.fields(ours)
    since = await street.forget_what_leaves()
    reply = await refused_or(street.ask(name, *sender(place.seed, ours), fields))
    events = await left(street, since)
    whole = "\n".join([reply_text(reply), *(text for _, text in events)])
    whose = {tenant_id for tenant_id, _ in events}
    if issubclass(MESSAGES[name][1], Command):
        whose |= {fact.tenant_id for fact in street.desks[MESSAGES[name][0]].facts}
        if events or reply.status < 300:
            await neighbourhood.begin_again()
    return Said(word, reply.status, whole, plain(whole, word), frozenset(whose))


async def refused_or(asking: Coroutine[Any, Any, Reply]) -> Reply:
    """The reply; 500 where the database refuses what the handler would write, or shows more than
    one object where there can be one."""
    try:
        return await asking
    except DBAPIError as failure:
        return Reply(500, sqlstate(failure))
    except MultipleResultsFound:
        return Reply(500, SEVERAL)


@pytest.mark.parametrize("name", SEEDS)
async def test_with_neither_net_the_twin_is_met(neighbourhood: Neighbourhood, name: str) -> None:
    """As an administrator, whom no policy concerns, and without the filters, the same messages meet
    the twin, but for those of which it is said why not: it is the nets that keep it apart above,
    and nothing else."""
    street, ours, twin = neighbourhood.streets["neither"], neighbourhood.ours, neighbourhood.twin

    async def told(seed: Seed, fields: dict[str, Any]) -> str:
        asking = street.try_out(name, *sender(seed, ours), fields)
        return reply_text(await refused_or(asking))

    met = []
    for seed in SEEDS[name]:
        own = await told(seed, seed.fields(fresh(ours, seed)))
        met.append(betrays(own, twin, "") or SEVERAL in own)
        for place in places_of(seed, ours):
            word, nobody = twin.words[place.name], nobodys(ours.words)[place.name]
            theirs = await told(seed, with_word(place, ours, word))
            other = await told(seed, with_word(place, ours, nobody))
            met.append(betrays(theirs, twin, word) or SEVERAL in theirs)
            met.append(plain(theirs, word) != plain(other, nobody))
    assert any(met) is (name not in UNSEEN)
