"""What the commands say of themselves, and how they end."""

import os
import re
import subprocess
from pathlib import Path

import click
import pytest

from ops.command_line import ROOT, main
from ops.commands import reference
from ops.commands.task import Task
from tests.installation import ROOT as CHECKOUT

PAGES = dict(reference.pages(ROOT, "slotstream", None))


def test_the_page_is_the_help() -> None:
    """docs/commands.md is what the commands say of themselves, word for word."""
    written = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == reference.document(), "python -m ops.commands.reference > docs/commands.md"


def test_the_table_in_portuguese() -> None:
    """README.pt-BR.md has every command."""
    text = (CHECKOUT / "README.pt-BR.md").read_text(encoding="utf-8")
    said = " ".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    listed = {words.split()[0] for words in re.findall(r"`([^`]+)`", said)}
    assert set(ROOT.list_commands(click.Context(ROOT))) <= listed


@pytest.mark.parametrize("name", PAGES)
def test_help_says_what_it_is_for(name: str) -> None:
    """Every command has a sentence, and every one that does something has an example."""
    text = PAGES[name]
    said = text.splitlines()[2].strip()
    assert said[:1].isupper()
    if "COMMAND [ARGS]" not in text:
        example = text.partition("Examples:\n")[2]
        assert name in example


def test_every_option_is_described() -> None:
    """An option without a word of help leaves its user guessing."""
    silent = [
        f"{context.command_path} {option.name}"
        for command, context in every_command(ROOT, click.Context(ROOT, info_name="slotstream"))
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def every_command(
    command: click.Command, context: click.Context
) -> list[tuple[click.Command, click.Context]]:
    found = [(command, context)]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            found += every_command(below, click.Context(below, info_name=name, parent=context))
    return found


@pytest.mark.parametrize(
    "words",
    [["nonsense"], ["worker", "--context", "nowhere"], ["worker", "--name", "Two Words"], ["keys"]],
)
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What there is none of ends with 2 and the way to the help, before any setting is read."""
    assert main(words) == 2
    assert "--help" in capsys.readouterr().err


def test_help_needs_no_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong settings keep nobody from the help."""
    monkeypatch.setenv("GATEWAY_PORT", "eighty")
    assert main(["run", "--help"]) == 0
    assert "Start everything" in capsys.readouterr().out


def test_the_wrapper_works_from_any_folder(tmp_path: Path) -> None:
    """./slotstream is the command line also by a link, from a folder with modules of its own, and
    its settings are those of the checkout."""
    (tmp_path / "ops.py").write_text("raise SystemExit('not this one')\n", encoding="ascii")
    (tmp_path / ".env").write_text("GATEWAY_PORT=not-this-one\n", encoding="ascii")
    link = tmp_path / "slotstream"
    link.symlink_to(CHECKOUT / "slotstream")
    inherited = {name: value for name, value in os.environ.items() if name != "ENV_FILE"}
    done = subprocess.run(
        (str(link), "keys", "rotate"),
        cwd=tmp_path,
        env={**inherited, "DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "run the installation first" in done.stderr


def test_relative_paths_are_the_checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a setting names by a relative path lies in the checkout, wherever it is called."""
    monkeypatch.chdir(tmp_path)
    said = {"ENV_FILE": "", "DATA_DIR": "here", "JWT_JWKS_FILE": "keys.json", "OTHER_FILE": "x"}
    task = Task(said)
    assert task.data_path == CHECKOUT / "here"
    assert task.given.jwt_jwks_file == CHECKOUT / "keys.json"
    assert task.environment["OTHER_FILE"] == "x"
    by_file = Task({"ENV_FILE": "", "SECRET_KEY_FILE": "README.md"})
    assert by_file.given.secret_key is not None
    elsewhere = Task({"ENV_FILE": "", "DATA_DIR": str(tmp_path)})
    assert elsewhere.data_path == tmp_path
