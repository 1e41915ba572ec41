"""The Dockerfile: what comes into the image, and what does not. Nothing is built here."""

import re
import subprocess
import sysconfig
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from ops.image import SERVERS, runtime_lock

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PINNED = re.compile(r"^([a-z0-9.-]+)(?:\[[^\]]*\])?==", re.MULTILINE)


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9-]+", requirement)
    assert found is not None
    return found[0]


def copied() -> set[str]:
    """What COPY takes from the checkout."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return {source for line in lines for source in line.split()[:-1]}


def is_let_in(path: str) -> bool:
    """Whether .dockerignore leaves it in what is built from: the last line that fits counts."""
    found = True
    for line in IGNORED:
        pattern = line.removeprefix("!").strip()
        above = [path, *(parent.as_posix() for parent in Path(path).parents)]
        if pattern and not line.startswith("#") and any(fnmatch(one, pattern) for one in above):
            found = line.startswith("!")
    return found


def test_linter() -> None:
    """hadolint finds nothing."""
    program = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run(
        [str(program), "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_all_rooms_are_copied() -> None:
    """Every room that runs is in the image, and what is copied is there and let in."""
    rooms = set(PYPROJECT["tool"]["ruff"]["lint"]["isort"]["known-first-party"])
    rooms -= {"bench", "tests"}
    assert rooms | {"pyproject.toml", "requirements.lock", "ops/image.py"} == copied()
    assert [path for path in copied() if not (ROOT / path).exists() or not is_let_in(path)] == []


@pytest.mark.parametrize(
    "path", [".env", ".git/config", ".data/secrets/secret_key", "tests/conftest.py", ".venv/x"]
)
def test_what_stays_outside(path: str) -> None:
    """No setting, no secret, no history and no test can come into a layer."""
    assert not is_let_in(path)


def test_it_runs_as_nobody_in_particular() -> None:
    """The last user is a number other than 0, and what it runs is the command line."""
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert 'ENTRYPOINT ["python", "-m", "ops"]' in DOCKERFILE


def test_images_are_pinned_by_tag() -> None:
    """Each base has a tag that names a version, and no registry's host."""
    (tag,) = re.findall(r"^ARG PYTHON=(.+)$", DOCKERFILE, re.MULTILINE)
    assert re.match(r"3\.\d+-", tag)
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert set(bases) == {"python:${PYTHON}"}


def test_dependencies_of_the_image() -> None:
    """It has every dependency but the embedded servers, at the locked version with its hashes, and
    no tool of the developers'."""
    lock = runtime_lock(LOCK, PROJECT["dependencies"])
    names = set(PINNED.findall(lock))
    asked = {name_of(one) for one in PROJECT["dependencies"]}
    assert asked - names == set(SERVERS)
    tools = {name_of(one) for one in PROJECT["optional-dependencies"]["dev"]}
    # httpx is what schemathesis and the tests use; the runtime's own packages ask for it too.
    assert tools & names <= {"httpx", "pyyaml"}
    for block in re.split(r"\n(?=[a-z])", lock):
        assert block in LOCK
        assert "--hash=sha256:" in block


def test_what_dependencies_need_comes_along() -> None:
    """What a needed package asks for is needed, over however many steps; what only tools ask for is
    not."""
    lock = (
        "aa==1 \\\n    --hash=sha256:1\n    # via bb\n"
        "bb==1 \\\n    --hash=sha256:2\n    # via\n    #   cc\n    #   tool\n"
        "cc[x]==1 \\\n    --hash=sha256:3\n    # via slotstream (pyproject.toml)\n"
        "dd==1 \\\n    --hash=sha256:4\n    # via tool\n"
        "tool==1 \\\n    --hash=sha256:5\n    # via slotstream (pyproject.toml)\n"
    )
    assert PINNED.findall(runtime_lock(lock, ["cc[x]>=1"])) == ["aa", "bb", "cc"]


def test_a_lock_that_is_too_old() -> None:
    """A dependency that the lock does not have stops the build."""
    with pytest.raises(ValueError, match="the lock has no other-thing"):
        runtime_lock("aa==1\n", ["aa", "Other_Thing>=2"])
