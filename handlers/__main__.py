"""`python -m handlers <role>`: handler, relay, subscriber, mirror, prepare or admin."""

import argparse
import gc
import sys
from collections.abc import Awaitable, Callable, Sequence

import uvloop

from contracts.wire.streams import HANDLED, SUBSCRIBERS
from handlers.app.handling import handler_process
from handlers.app.preparing import admin, prepare
from handlers.app.subscribing import mirror, subscriber_process
from handlers.app.timing import relay_process
from handlers.delivery.logs import set_up_logging
from handlers.delivery.settings import ProcessSettings

Run = Callable[[ProcessSettings, Sequence[str]], Awaitable[int]]

ROLES: dict[str, Run] = {
    "handler": lambda settings, chosen: handler_process(settings, chosen).run(),
    "subscriber": lambda settings, chosen: subscriber_process(settings, chosen).run(),
    "relay": lambda settings, _: relay_process(settings).run(),
    "mirror": lambda settings, _: mirror(settings),
    "prepare": lambda settings, _: prepare(settings),
    "admin": lambda settings, _: admin(settings),
}
# What a process may have of its role alone: the option, and what it takes.
PARTS = {"handler": ("--context", HANDLED), "subscriber": ("--only", SUBSCRIBERS)}


def main() -> int:
    """The exit status."""
    told = parser().parse_args()
    settings = ProcessSettings()
    set_up_logging(settings.log_level, settings.log_format)
    # What was imported stays for ever: full collections would look at it again and again.
    gc.freeze()
    gc.set_threshold(10_000, 50, 50)
    chosen = tuple(dict.fromkeys(getattr(told, "chosen", None) or ()))
    return uvloop.run(_run(ROLES[told.role], settings, chosen))


def parser() -> argparse.ArgumentParser:
    """Roles, and for some which of their parts: none means all."""
    whole = argparse.ArgumentParser(prog="python -m handlers")
    roles = whole.add_subparsers(dest="role", required=True, metavar="|".join(ROLES))
    for role in ROLES:
        one = roles.add_parser(role)
        if role in PARTS:
            option, choices = PARTS[role]
            one.add_argument(
                option, dest="chosen", action="append", choices=choices, help="all, when not given"
            )
    return whole


async def _run(run: Run, settings: ProcessSettings, chosen: Sequence[str]) -> int:
    return await run(settings, chosen)


if __name__ == "__main__":
    sys.exit(main())
