"""`python -m handlers <role>`: handler, relay, subscriber, mirror, prepare or admin."""

import gc
import sys
from collections.abc import Awaitable, Callable

import uvloop

from handlers.app import (
    admin,
    handler_process,
    mirror,
    prepare,
    relay_process,
    subscriber_process,
)
from handlers.delivery.logs import set_up_logging
from handlers.delivery.settings import ProcessSettings

Run = Callable[[ProcessSettings], Awaitable[int]]

ROLES: dict[str, Run] = {
    "handler": lambda settings: handler_process(settings).run(),
    "subscriber": lambda settings: subscriber_process(settings).run(),
    "relay": lambda settings: relay_process(settings).run(),
    "mirror": mirror,
    "prepare": prepare,
    "admin": admin,
}


def main() -> int:
    """The exit status."""
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        print(f"usage: python -m handlers {{{'|'.join(ROLES)}}}", file=sys.stderr)
        return 2
    settings = ProcessSettings()
    set_up_logging(settings.log_level, settings.log_format)
    # What was imported stays for ever: full collections would look at it again and again.
    gc.freeze()
    gc.set_threshold(10_000, 50, 50)
    return uvloop.run(_run(ROLES[sys.argv[1]], settings))


async def _run(run: Run, settings: ProcessSettings) -> int:
    return await run(settings)


if __name__ == "__main__":
    sys.exit(main())
