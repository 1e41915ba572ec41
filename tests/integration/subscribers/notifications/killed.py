"""A postman in a process of its own, that dies by `kill -9` once its mail is sent."""

import asyncio
import sys

from contracts.wire.sealing import Keyring
from handlers.app.tenants import settings_of_tenant
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.tenant_rules import TenantRules
from handlers.subscribers.notifications.choosing import Texts
from handlers.subscribers.notifications.composing import Composer
from handlers.subscribers.notifications.delivering import Ways
from handlers.subscribers.notifications.facts import Facts
from handlers.subscribers.notifications.postman import Postman
from handlers.subscribers.notifications.reminding import Reminding
from handlers.subscribers.notifications.smtp import Smtp, SmtpServer
from storage.delivery.engine import make_engine
from tests.integration.postgres import SECRET
from tests.integration.subscribers.notifications.conftest import SENDER, NothingKnown, owners


async def send(url: str, port: str) -> None:
    """Does not return."""
    engine = make_engine(url.replace("+asyncpg", ""), connections=2, name="killed")
    known, asked = NothingKnown(), owners()
    facts = Facts(known, asked, TenantRules(known, asked, settings_of_tenant))
    ways = Ways(Smtp(SmtpServer.read(f"smtp+plain://127.0.0.1:{port}"), 5))
    postman = Postman(
        engine,
        Composer(facts, SENDER, Texts(engine)),
        Reminding(engine, facts, Keyring(SECRET), ways.channels),
        ways,
        Keyring(SECRET),
        FailPoints("after_send", "subscriber", "development"),
    )
    await postman.round()


if __name__ == "__main__":
    asyncio.run(send(*sys.argv[1:]))
