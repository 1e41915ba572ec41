"""The README and the other pages against the files, commands and routes that they name."""

import re
from pathlib import Path

import pytest

from ops import demo

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PAGES = [page for page in PAGES if "node_modules" not in page.parts]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link leads to a file, and every heading it names is there."""
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, link


def test_files_of_a_booking() -> None:
    """The life of a booking names five files that exist, none over 300 lines."""
    life = README.partition("## The life of that booking")[2].partition("##")[0]
    files = re.findall(r"^\d\. `([^`]+)`", life, re.MULTILINE)
    assert len(files) == 5
    for name in re.findall(r"`([a-z_/]+\.py)`", life):
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 300, name


def test_make_targets() -> None:
    """Every `make` line names a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^    make ([a-z]+)", README, re.MULTILINE))
    assert {"run", "test", "check"} <= named <= targets


def test_demonstration_sign_in() -> None:
    """The curl lines sign in as the owner whom `make run` prints."""
    for word in (demo.SLUG, demo.OWNER_EMAIL, demo.OWNER_PASSWORD):
        assert f'"{word}"' in README


def test_five_fields_are_enough() -> None:
    """The redis-cli example publishes the fields that an ingress requires, and no other."""
    script = (ROOT / "docs/clients/redis-cli/book.sh").read_text()
    command = script.partition("redis XADD")[2].partition(">/dev/null")[0]
    words = command.replace("\\\n", " ").split()[2:]
    assert words[::2] == ["specversion", "id", "type", "tenantid", "data"]
