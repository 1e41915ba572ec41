"""The keys that tokens are signed with, and verified."""

import os
from collections.abc import Iterator

from ops.alone import Alone
from ops.doctor.finding import Finding, fail, ok, skip
from ops.errors import StartupError
from ops.keys import is_published

ABOUT = "signing keys"


def keys(alone: Alone) -> Iterator[Finding]:
    """Whether they are there, and belong together."""
    settings, kept = alone.settings, alone.data_dir / "keys"
    given = (settings.jwt_private_key_file, settings.jwt_jwks_file)
    if given == (None, None) and not kept.exists():
        yield skip(ABOUT, f"{kept} is not there: they are made at the first start")
        return
    if settings.jwt_private_key_file is not None and settings.jwt_jwks_file is None:
        yield ok(ABOUT, "the public ones follow from JWT_PRIVATE_KEY_FILE at each start")
        return
    try:
        found = alone.pair_of_keys()
        if not os.access(found.private_key_file, os.R_OK):
            yield skip(ABOUT, f"this user may not read {found.private_key_file}, as a gateway's")
            return
        together = is_published(found)
    except StartupError as wrong:
        yield fail(ABOUT, wrong.sentence, "Put it there: without it nobody signs in.")
        return
    if together:
        yield ok(ABOUT, f"{found.jwks_file} has what {found.private_key_file} signs with")
    else:
        said = f"{found.jwks_file} lacks the key of {found.private_key_file}"
        yield fail(ABOUT, said, "Publish it there: every token would be refused.")
