"""The README and the other pages against the files, commands and routes that they name."""

import re
from pathlib import Path

import pytest

from ops import demo

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PAGES = [page for page in PAGES if "node_modules" not in page.parts]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
ROOMS = r"(?:\.ci|bench|contracts|docs|domain|gateway|handlers|journal|ops|storage|tests)"
PATH = re.compile(rf"^{ROOMS}/[\w./-]*(?:::\w+)?$")


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


def spans(page: Path) -> set[str]:
    """What a page says in code: its spans, and the lines of its blocks."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^(?: {4}|```\w*\n)(.*?)$", text, re.MULTILINE)
    blocks += re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = {line.strip() for block in blocks for line in block.splitlines()}
    return lines | set(re.findall(r"`([^`\n]+)`", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_targets_are_there(page: Path) -> None:
    """Every `make` that a page says is a target of the Makefile."""
    named = {found[1] for said in spans(page) if (found := re.match(r"make ([a-z-]+)", said))}
    assert named <= TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_are_there(page: Path) -> None:
    """Every path below the repository that a page names leads to a file or folder."""
    named = {said.partition("::")[0] for said in spans(page) if re.match(PATH, said)}
    # The files of docs/quality.md are below tests/, as it says.
    roots = (ROOT, ROOT / "tests") if page.name == "quality.md" else (ROOT,)
    assert [
        name for name in sorted(named) if not any((root / name).exists() for root in roots)
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_modules_are_there(page: Path) -> None:
    """Every `python -m` of ours that a page says is a module."""
    said = " \n".join(spans(page))
    named = set(re.findall(r"python -m ((?:ops|handlers|gateway|tests|bench)[\w.]*)", said))
    places = {name: ROOT / name.rstrip(".").replace(".", "/") for name in named}
    assert [
        name
        for name, place in places.items()
        if not place.with_suffix(".py").is_file() and not (place / "__main__.py").is_file()
    ] == []


def test_something_is_looked_at() -> None:
    """The pages name targets, paths and modules, and one that is not there is noticed."""
    said = set().union(*map(spans, PAGES))
    assert {"make run", "make check"} <= said
    assert len([one for one in said if re.match(PATH, one)]) > 40
    assert not (ROOT / "handlers/nowhere.py").exists()
    assert re.match(PATH, "handlers/nowhere.py")
    assert {"run", "test", "check"} <= TARGETS
    assert "nothing" not in TARGETS


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
