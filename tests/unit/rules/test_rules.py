"""The other rules: one bad and one good example for each way to meet them."""

import re
from pathlib import Path

import pytest

from tests.rules.book import all_breaches
from tests.unit.rules.reading import broken

COMMIT = "async def save(session):\n    await session.commit()\n"
SLEEP = "import asyncio\n\n\nasync def settle():\n    await asyncio.sleep({0})\n"
NAMED_SLEEP = "from time import sleep\n\n\ndef settle():\n    sleep(1)\n"
SWALLOWS = "try:\n    work()\nexcept Exception:{0}\n    log()\n"
CLEANS_UP = "try:\n    work()\nexcept BaseException:\n    undo()\n    raise\n"
HANDS_ON = "try:\n    work()\nexcept Exception:\n    if not known:\n        raise\n    wait()\n"
LONG_FILE = "X = 1\n" * 301
LONG_FUNCTION = "def decide():\n" + "    x = 1\n" * 40
DESCRIBED = (
    'def decide():\n    """Decides.\n\n' + "    More.\n" * 30 + '    """\n' + "    x = 1\n" * 20
)
# Put together, so that this file does not say it.
PHRASE = "exactly" + " once"

BAD = [
    ("one-edge", "storage/reservation/bookings.py", COMMIT),
    ("one-edge", "handlers/reservation/commands.py", "async with engine.begin() as c:\n    pass\n"),
    ("no-waiting", "domain/reservation/booking.py", "async def decide():\n    pass\n"),
    ("no-waiting", "contracts/wire/codec.py", "class C:\n    async def f(self):\n        pass\n"),
    ("no-sleep", "tests/integration/relay.py", SLEEP.format("0.1")),
    ("no-sleep", "tests/integration/relay.py", NAMED_SLEEP),
    ("no-sleep", "tests/waiting.py", NAMED_SLEEP),
    ("sizes", "domain/time/zone.py", LONG_FILE),
    ("sizes", "domain/time/zone.py", LONG_FUNCTION),
    ("names", "storage/utils.py", ""),
    ("names", "storage/common/rows.py", ""),
    ("names", "handlers/booking_service.py", ""),
    ("catch-all", "handlers/reservation/commands.py", SWALLOWS.format("")),
    (
        "catch-all",
        "handlers/reservation/commands.py",
        SWALLOWS.replace(" Exception", "").format(""),
    ),
    ("catch-all", "handlers/reservation/commands.py", SWALLOWS.format("  # the one place: why")),
    ("catch-all", "handlers/delivery/intake.py", SWALLOWS.format("")),
    ("catch-all", "gateway/app.py", "with suppress(ValueError, Exception):\n    work()\n"),
    ("promises", "README.md", f"Each event arrives {PHRASE}.\n"),
    ("promises", "domain/time/zone.py", f'"""Runs {PHRASE.title()}."""\n'),
    ("promises", "docs/promises.md", "delivered " + PHRASE.replace(" ", "\n") + "\n"),
    ("claims", "tests/unit/test_zone.py", "def test_gap():\n    assert True\n"),
    ("syntax", "domain/time/zone.py", "def decide(:\n"),
]
GOOD = [
    ("storage/delivery/transaction.py", COMMIT),
    ("storage/reservation/migrations/env.py", "with engine.begin() as c:\n    pass\n"),
    ("domain/reservation/booking.py", "def decide():\n    pass\n"),
    ("handlers/reservation/commands.py", "async def create():\n    pass\n"),
    ("tests/integration/relay.py", SLEEP.format("0")),
    ("tests/waiting.py", NAMED_SLEEP.replace("settle", "wait_until")),
    ("ops/supervisor.py", NAMED_SLEEP),
    ("domain/time/zone.py", "# long: the table of every zone\n" + LONG_FILE),
    ("domain/time/zone.py", LONG_FUNCTION.replace("x = 1", "x = 1  # long: a table", 1)),
    ("domain/time/zone.py", DESCRIBED),
    ("docs/long.md", "A line.\n" * 400),
    ("storage/database.py", ""),
    ("domain/user/common_passwords.py", ""),
    ("handlers/delivery/intake.py", SWALLOWS.format("  # the one place: redelivery works on")),
    ("handlers/reservation/commands.py", CLEANS_UP),
    ("handlers/delivery/relay.py", HANDS_ON),
    ("gateway/app.py", "with suppress(ValueError):\n    work()\n"),
    ("README.md", f'The word "{PHRASE}" is not used: delivery is at least once.\n'),
    ("tests/unit/test_zone.py", 'def test_gap():\n    """The offset before it holds."""\n'),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_refuses(rule: str, path: str, text: str) -> None:
    """Each bad example breaks its own rule and no other."""
    assert broken(path, text) == [rule]


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_accepts(path: str, text: str) -> None:
    """Each good example breaks no rule."""
    assert broken(path, text) == []


def test_says_where_and_how(tmp_path: Path) -> None:
    """A breach is printed as path, line, rule and message, in the order of the files."""
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "utils.py").write_text(
        '"""Odds and ends."""\n\n\nasync def f():\n    ...\n'
    )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "promises.md").write_text(f"Fine.\n\nSent {PHRASE}.\n")
    expected = (
        r"docs/promises\.md:3: promises: .+\n"
        r"domain/utils\.py:1: names: .+\n"
        r"domain/utils\.py:4: no-waiting: .+"
    )
    assert re.fullmatch(expected, "\n".join(map(str, all_breaches(tmp_path))))
