"""No text promises that something happens "exactly once".

Delivery is at least once and effects are idempotent; a sentence that says more is what somebody
will build on. The way out: say *at least once* and *idempotent*, and put the phrase in quotes where
the text explains that it is not used.
"""

import re
from collections.abc import Iterator

from tests.rules.source import Finding, Source

NAME = "promises"
PHRASE = re.compile(r"exactly[\s#*-]+once", re.IGNORECASE)
QUOTES = "\"'`“‘«"


def check(source: Source) -> Iterator[Finding]:
    for found in PHRASE.finditer(source.text):
        if source.text[found.start() - 1 : found.start()] not in QUOTES or not found.start():
            line = source.text.count("\n", 0, found.start()) + 1
            message = "say `at least once` and `idempotent`; quote the phrase to speak about it"
            yield source.finding(line, NAME, message)
