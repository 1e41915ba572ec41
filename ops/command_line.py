"""The command line `slotstream`, which is `python -m ops`: all commands, and how each ends."""

import os
import sys
import tomllib
from collections.abc import Mapping, Sequence

import click

from ops.commands.book import Book, examples
from ops.commands.task import Task
from ops.errors import StartupError
from ops.lineup import PROGRAMS
from ops.lineup import ROOT as CHECKOUT

DONE, COULD_NOT, USAGE = 0, 1, 2

ROOT = Book(
    name="slotstream",
    help="""Runs Slotstream, and whatever is done to it by hand.

    Settings come from the environment and from the file .env beside this program; .env.example
    has all of them. A setting NAME that is a secret may be given as NAME_FILE, a file that holds
    it.""",
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=lambda context, _, asked: _say_version(context) if asked else None,
            help="Show the version and exit.",
        )
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("""
        slotstream run
        slotstream doctor
        slotstream worker --context reservation --reload
        slotstream keys rotate --help
    """),
    chapters={
        "A whole installation": {
            "run": "ops.commands.whole:run",
            "doctor": "ops.commands.checking:doctor",
            "demo": "ops.commands.people:demo",
        },
        "One process of it": {
            "prepare": "ops.commands.preparing:prepare",
            "gateway": "ops.commands.processes:gateway",
            "worker": "ops.commands.processes:worker",
            "relay": "ops.commands.processes:relay",
            "subscriber": "ops.commands.processes:subscriber",
            "mirror": "ops.commands.processes:mirror",
        },
        "What is done to it by hand": {
            "admin": "ops.commands.people:admin",
            "backup": "ops.commands.backups:backup",
            "dead-letters": "ops.dead_letters.commands:dead_letters",
            "keys": "ops.commands.signing:keys",
            "tenant": "ops.tenants.commands:tenant",
            "migrate": "ops.commands.databases:migrate",
            "migration": "ops.commands.databases:migration",
            "rebuild": "ops.commands.rebuilding:rebuild",
        },
    },
)


def main(arguments: Sequence[str], programs: Mapping[str, tuple[str, ...]] = PROGRAMS) -> int:
    """The exit status: 0 when asked to stop or done, 1 with one sentence on standard error, 2 when
    there is no such command or option. A command may return a status of its own."""
    task = Task(dict(os.environ), programs)
    try:
        status = ROOT.main(list(arguments), prog_name="slotstream", standalone_mode=False, obj=task)
    except click.UsageError as wrong:
        wrong.show()
        return USAGE
    except click.ClickException as wrong:
        return _could_not(wrong.format_message())
    except (click.Abort, KeyboardInterrupt):
        return _could_not("given up.")
    except StartupError as wrong:
        return _could_not(wrong.sentence)
    except PermissionError as wrong:
        return _could_not(f"this user may not use {wrong.filename}.")
    return status if isinstance(status, int) else DONE


def _say_version(context: click.Context) -> None:
    project = CHECKOUT / "pyproject.toml"
    if not project.is_file():
        raise StartupError(f"The version stands in {project}, which is not there.")
    version = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
    click.echo(f"slotstream {version}")
    context.exit()


def _could_not(sentence: str) -> int:
    print(f"slotstream: {sentence}", file=sys.stderr)
    return COULD_NOT
