"""Changes the databases' schema; a process of its own, so that the supervisor stays small.

`upgrade` brings every context's database to its newest revision; `revision CONTEXT MESSAGE` writes
a new one. The administrator's URLs come as MIGRATION_URL_TENANT … in the environment.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from storage.delivery import schema


def change(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """What the words say has been done."""
    for context in schema.CONTEXTS:
        schema.upgrade(context, _url(context, environment))
    if words[0] == "revision":
        context, message = words[1:]
        schema.revision(context, message, _url(context, environment))


def _url(context: str, environment: Mapping[str, str]) -> str:
    return environment[f"MIGRATION_URL_{context.upper()}"]


if __name__ == "__main__":
    change(sys.argv[1:], os.environ)
