"""The marks that a test has from the words of its path."""

import re
from pathlib import PurePath

# A word of a path below tests/ (or its plural) → the mark it gives.
MARK_OF_WORD = {
    "tenant": "tenant",
    "organization": "tenant",
    "resource": "resource",
    "category": "resource",
    "user": "user",
    "reservation": "reservation",
    "booking": "reservation",
    "availability": "reservation",
    "subscriber": "subscriber",
    "audit": "subscriber",
    "domain": "domain",
    "ops": "ops",
    "faults": "faults",
}
PLURALS = {"categories": "category"} | {
    f"{word}s": word for word in MARK_OF_WORD if not word.endswith(("s", "y"))
}


def marks_of(path: PurePath) -> set[str]:
    """The marks for a test file, given its path below tests/."""
    words = re.split(r"[^a-z0-9]+", str(path.with_suffix("")).lower())
    singular = (PLURALS.get(word, word) for word in words)
    return {MARK_OF_WORD[word] for word in singular if word in MARK_OF_WORD}
