"""Changes the databases' schema; a process of its own, so that the supervisor stays small.

`upgrade` brings every context's database to its newest revision, and with `--progress` says how far
it is; `revision CONTEXT MESSAGE` writes a new one. The administrator's URLs come as
MIGRATION_URL_TENANT … in the environment.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from ops.commands.progress import steps
from storage.delivery import schema

PROGRESS = "--progress"


def change(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """What the words say has been done."""
    if PROGRESS in words:
        with steps(len(schema.CONTEXTS)) as under_way:
            for context in schema.CONTEXTS:
                with under_way.step(f"database {context}"):
                    schema.upgrade(context, _url(context, environment))
        return
    for context in schema.CONTEXTS:
        schema.upgrade(context, _url(context, environment))
    if words[0] == "revision":
        context, message = words[1:]
        schema.revision(context, message, _url(context, environment))


def _url(context: str, environment: Mapping[str, str]) -> str:
    return environment[f"MIGRATION_URL_{context.upper()}"]


if __name__ == "__main__":
    change(sys.argv[1:], os.environ)
