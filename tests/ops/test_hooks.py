"""What holds a commit: each hook lets a clean repository pass, and is seen to stop its fault."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.installation import ROOT

CONFIGURATION = ROOT / ".pre-commit-config.yaml"
HOOKS = {
    hook["id"]: hook
    for source in yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))["repos"]
    for hook in source["hooks"]
}
ROOMS = ("contracts", "domain", "gateway", "handlers", "journal", "ops", "storage", "tests")
IMPORTS = """\
[importlinter]
root_packages =
    gateway
    domain
[importlinter:contract:rooms]
name = The gateway does not know the domain
type = forbidden
source_modules = gateway
forbidden_modules = domain
"""
DOCSTRING = '"""A file of a test."""\n'
# By hook: a file, what is wrong in it, and what the hook says.
FAULTS = {
    "env-file": (".env", "SECRET_KEY=x\n", "stay on it"),
    "private-key": ("docs/key.txt", "-----BEGIN PRIVATE" + " KEY-----\n", "docs/key.txt:1"),
    "large-file": ("docs/data.txt", "line\n" * 50_000, "200 at most"),
    "merge-mark": ("docs/page.md", "one\n" + "<" * 7 + " HEAD\n", "docs/page.md:2"),
    "trailing-space": ("docs/page.md", "one \n", "docs/page.md:1"),
    "last-line": ("docs/page.md", "one", "does not end with one line feed"),
    "parses": ("docs/list.yaml", "[one, two\n", "docs/list.yaml: while parsing"),
    "ruff-check": ("domain/late.py", DOCSTRING + "def f(x=[]):\n    return x\n", "B006"),
    "ruff-format": ("domain/wide.py", DOCSTRING + "ONE  =  1\n", "reformatted"),
    "imports": ("gateway/deep.py", DOCSTRING + "import domain\n", "BROKEN"),
    "rules": ("domain/utils.py", DOCSTRING, "`utils`"),
    "types": ("domain/wrong.py", DOCSTRING + 'ONE: int = "one"\n', "Incompatible types"),
}


class Scratch:
    """A small repository with our configuration and our tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (".pre-commit-config.yaml", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        (folder / ".importlinter").write_text(IMPORTS)
        (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
        (folder / ".gitignore").write_text(".venv\n*_cache/\n__pycache__/\n")
        for room in ROOMS:
            self.write(f"{room}/__init__.py", DOCSTRING)
        shutil.copytree(ROOT / "tests" / "rules", folder / "tests" / "rules")
        shutil.copy(ROOT / "tests" / "hooks.py", folder / "tests")
        self.run("git", "init", "--quiet")
        self.run("git", "add", "--all")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        inherited = {name: value for name, value in os.environ.items() if "GIT_" not in name}
        return subprocess.run(
            words,
            cwd=self.folder,
            env={**inherited, "PRE_COMMIT_HOME": str(self.folder.parent / "home"), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def hooks(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.run(".venv/bin/pre-commit", "run", "--color=never", *words)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    if shutil.which("git") is None:
        pytest.skip("pre-commit works on a git repository, and git is not installed")
    folder = tmp_path_factory.mktemp("scratch") / "repository"
    folder.mkdir()
    yield Scratch(folder)
    shutil.rmtree(folder.parent)


def test_every_hook_is_local() -> None:
    """Nothing is fetched from anybody's repository: a commit needs no network, and the versions are
    those of the lock file."""
    sources = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))["repos"]
    assert [source["repo"] for source in sources] == ["local"]
    assert {hook["language"] for hook in HOOKS.values()} <= {"fail", "pygrep", "unsupported"}
    programs = {
        hook["entry"].split()[0] for hook in HOOKS.values() if hook["language"] == "unsupported"
    }
    assert all((ROOT / program).exists() for program in programs)


def test_a_clean_repository_passes(scratch: Scratch) -> None:
    """Without a fault no hook has an objection, so that one that objects has found the fault."""
    done = scratch.hooks("--all-files")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("Passed") >= len(HOOKS) - 2, done.stdout


@pytest.mark.parametrize("hook", HOOKS)
def test_a_fault_is_stopped(scratch: Scratch, hook: str) -> None:
    """The hook refuses a commit with its fault in it, and says where."""
    name, text, says = FAULTS[hook]
    scratch.write(name, text)
    scratch.run("git", "add", "--force", name)
    try:
        done = scratch.hooks(hook)
        assert done.returncode == 1, done.stdout
        assert says in done.stdout
    finally:
        scratch.run("git", "rm", "--quiet", "--force", name)


def test_the_example_of_an_env_file_may_be_committed(scratch: Scratch) -> None:
    """`.env.example` is meant for everybody."""
    scratch.write(".env.example", "#SECRET_KEY=\n")
    scratch.run("git", "add", ".env.example")
    assert scratch.hooks("env-file").returncode == 0
