"""A process of a test's own: `python -m tests.integration.delivery.worker handler|relay`.

It is the production's process around the handlers of `notes`; settings come by environment.
"""

import asyncio
import os
import sys

from handlers.delivery import intake, reclaimer
from handlers.delivery.failpoints import FailPoints
from handlers.delivery.operations import own_queries
from handlers.delivery.process import Process
from handlers.delivery.relay import Relay
from handlers.delivery.relaying import RelayProcess
from handlers.delivery.settings import ProcessSettings
from journal.notes import set_up_logging
from storage.delivery.engine import make_engine
from tests.integration.delivery.notes import CONTEXT, Owner, note_routes

DATABASE = "subscriber"


def handler(settings: ProcessSettings) -> Process:
    process = Process(settings, "handler", tenant_question=None, built_in={})
    engine = process.engine(DATABASE)
    about_itself = own_queries(CONTEXT, engine, process.client, process.keyring)
    process.serve(CONTEXT, DATABASE, (*note_routes(Owner()), *about_itself))
    for found, _ in process._reclaimers:
        found._min_idle = int(os.environ.get("TEST_MIN_IDLE", "30000"))
    return process


def relay(settings: ProcessSettings) -> RelayProcess:
    url = settings.database_url(DATABASE)
    process = RelayProcess(settings, {})
    engine = make_engine(url, connections=1, name="test relay")
    failpoints = FailPoints(settings.fail_point, "relay", settings.environment)
    process._engines.append(engine)
    process._relays.append(Relay(CONTEXT, engine, process.client, failpoints))
    return process


def main() -> int:
    settings = ProcessSettings(_env_file=None)
    set_up_logging("INFO", "text")
    intake.HARD_LIMIT_SECONDS = float(os.environ.get("TEST_HARD_LIMIT", "10"))
    reclaimer.EVERY = 0.1
    process = handler(settings) if sys.argv[1] == "handler" else relay(settings)
    return asyncio.run(process.run())


if __name__ == "__main__":
    sys.exit(main())
