"""What .importlinter holds, shown on a small house with one wrong import planted in it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
CONTEXTS = ["tenant", "resource", "user", "reservation"]
ROOMS = {
    "contracts": [*CONTEXTS, "subscriber", "wire", "catalogue"],
    "domain": [*CONTEXTS, "time", "contact"],
    "storage": [*CONTEXTS, "subscriber", "delivery"],
    "handlers": [*CONTEXTS, "subscribers", "delivery", "app", "__main__"],
    "gateway": [*CONTEXTS, "subscribers", "edge", "app", "__main__"],
    "journal": [],
    "ops": [],
    "tests": [],
}
# What a house that stands has in it.
RIGHT = {
    "contracts/catalogue": "import contracts.tenant, contracts.reservation, contracts.wire",
    "contracts/tenant": "import pydantic, contracts.wire",
    "domain/tenant": "import domain.contact, domain.time",
    "domain/reservation": "import domain.tenant, domain.resource, domain.time",
    "storage/reservation": "import sqlalchemy, domain.reservation, domain.tenant, storage.delivery",
    "journal/__init__": "import contracts.wire, structlog, opentelemetry",
    "storage/delivery": "import contracts.wire, journal",
    "handlers/reservation": (
        "import contracts.reservation, contracts.catalogue, domain.tenant, storage.reservation"
    ),
    "handlers/app": "import handlers.tenant, handlers.reservation, handlers.subscribers",
    "gateway/edge": "import contracts.catalogue, journal, redis",
    "gateway/app": "import gateway.tenant, gateway.edge, litestar",
    "ops/__init__": "import storage.delivery",
    "tests/__init__": "import handlers.app, gateway.app, ops",
}
# The place, the wrong import, and the contract that is there for it.
WRONG = [
    ("domain/time", "import contracts.wire", "rooms"),
    ("contracts/wire", "import domain.time", "rooms"),
    ("handlers/app", "import gateway.app", "rooms"),
    ("gateway/app", "import ops", "rooms"),
    ("storage/delivery", "import tests", "rooms"),
    ("gateway/edge", "import domain.time", "gateway"),
    ("gateway/edge", "import asyncpg", "gateway"),
    ("domain/time", "import pydantic", "domain"),
    ("contracts/wire", "import redis", "contracts"),
    ("storage/tenant", "import contracts.tenant", "storage"),
    ("journal/__init__", "import contracts.tenant", "journal"),
    ("journal/__init__", "import storage.delivery", "rooms"),
    ("journal/__init__", "import redis", "journal"),
    ("gateway/edge", "import opentelemetry", "traces"),
    ("contracts/wire", "import contracts.user", "inside-contracts"),
    ("domain/resource", "import domain.reservation", "inside-domain"),
    ("domain/contact", "import domain.time", "inside-domain"),
    ("domain/contact", "import domain.user", "inside-domain"),
    ("storage/delivery", "import storage.user", "inside-storage"),
    ("handlers/delivery", "import handlers.user", "inside-handlers"),
    ("gateway/edge", "import gateway.user", "inside-gateway"),
    ("handlers/tenant", "import storage.user", "tenant"),
    ("gateway/resource", "import contracts.user", "resource"),
    ("handlers/user", "import domain.reservation", "user"),
    ("gateway/reservation", "import contracts.tenant", "reservation"),
    ("handlers/subscribers", "import storage.reservation", "subscribers"),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The folders of the repository with next to nothing in them, and its contracts."""
    shutil.copy(REPOSITORY / ".importlinter", tmp_path)
    for room, packages in ROOMS.items():
        for name in ["__init__", *packages]:
            path = tmp_path / room / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(RIGHT.get(f"{room}/{name}", "") + "\n")
    return tmp_path


def broken(house: Path) -> set[str]:
    """The contracts that the house breaks, by the name of their section."""
    config = (house / ".importlinter").read_text()
    sections = {name: key for key, name in re.findall(r"contract:(.+)\]\nname = (.+)", config)}
    run = subprocess.run(
        [*LINT, "--no-cache"],
        cwd=house,
        env={"COLUMNS": "500", "PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        check=False,
    )
    kept = re.findall(r"^(.+) KEPT", run.stdout, re.MULTILINE)
    failed = re.findall(r"^(.+) BROKEN", run.stdout, re.MULTILINE)
    assert {*kept, *failed} == set(sections), run.stdout + run.stderr
    return {sections[name] for name in failed}


def test_a_house_that_stands_breaks_nothing(house: Path) -> None:
    """What the architecture allows is allowed."""
    assert broken(house) == set()


def test_every_wrong_import_breaks_its_contract(house: Path) -> None:
    """Each wrong import breaks the contract that is there for it, and perhaps others behind it."""
    missed = []
    for place, statement, contract in WRONG:
        path = house / f"{place}.py"
        right = path.read_text()
        path.write_text(f"{statement}\n{right}")
        if contract not in broken(house):
            missed.append((place, statement, contract))
        path.write_text(right)
    assert missed == []


def test_a_new_package_needs_its_place(house: Path) -> None:
    """A second-level module that no layer names breaks its room's contract."""
    (house / "handlers" / "odds.py").touch()
    assert broken(house) == {"inside-handlers"}
