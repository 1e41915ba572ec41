"""`python -m handlers <role>`: handler, relay, subscriber, mirror, prepare, admin or rebuild."""

import argparse
import gc
import logging
import sys
from collections.abc import Awaitable, Callable

import uvloop

from contracts.wire.streams import HANDLED, SUBSCRIBERS
from handlers.app.handling import handler_process
from handlers.app.preparing import admin, prepare
from handlers.app.rebuilding import REBUILT, rebuild
from handlers.app.subscribing import mirror, subscriber_process
from handlers.app.timing import relay_process
from handlers.delivery.metrics_server import CannotListen
from handlers.delivery.settings import ProcessSettings
from journal.notes import note, set_up_logging
from journal.spans import stop_tracing

Run = Callable[[ProcessSettings, argparse.Namespace], Awaitable[int]]

ROLES: dict[str, Run] = {
    "handler": lambda settings, told: handler_process(settings, told.chosen).run(),
    "subscriber": lambda settings, told: subscriber_process(settings, told.chosen).run(),
    "relay": lambda settings, _: relay_process(settings).run(),
    "mirror": lambda settings, _: mirror(settings),
    "prepare": lambda settings, _: prepare(settings),
    "admin": lambda settings, _: admin(settings),
    "rebuild": lambda settings, told: rebuild(settings, told.chosen, whatever=told.whatever),
}
# What a process may have of its role alone: the option, and what it takes.
PARTS = {"handler": ("--context", HANDLED), "subscriber": ("--only", SUBSCRIBERS)}


def main() -> int:
    """The exit status."""
    told = parser().parse_args()
    settings = ProcessSettings()
    set_up_logging(settings.log_level, settings.log_format, settings.consumer_name)
    settings.collector.trace(told.role, settings.consumer_name)
    # What was imported stays for ever: full collections would look at it again and again.
    gc.freeze()
    gc.set_threshold(10_000, 50, 50)
    try:
        return uvloop.run(_run(ROLES[told.role], settings, told))
    finally:
        stop_tracing()


def parser() -> argparse.ArgumentParser:
    """Roles, and for some which of their parts: none means all."""
    whole = argparse.ArgumentParser(prog="python -m handlers")
    roles = whole.add_subparsers(dest="role", required=True, metavar="|".join(ROLES))
    for role in ROLES:
        one = roles.add_parser(role)
        if role in PARTS:
            option, choices = PARTS[role]
            one.add_argument(
                option,
                dest="chosen",
                action="append",
                default=[],
                choices=choices,
                help="all, when not given",
            )
    again = roles.choices["rebuild"]
    again.add_argument("chosen", nargs="+", choices=REBUILT)
    again.add_argument(
        "--whatever-is-kept",
        dest="whatever",
        action="store_true",
        help="also where not every event is kept any more",
    )
    return whole


async def _run(run: Run, settings: ProcessSettings, told: argparse.Namespace) -> int:
    try:
        return await run(settings, told)
    except CannotListen as failure:
        note(logging.ERROR, "the process cannot start", error=str(failure))
        return 1


if __name__ == "__main__":
    sys.exit(main())
