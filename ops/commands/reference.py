"""`python -m ops.commands.reference`: the help of every command, as docs/commands.md has it."""

import sys
from collections.abc import Iterator

import click

from ops.command_line import ROOT

WIDTH = 100
BEFORE = """\
# The commands

What `slotstream --help` and the help of each command say; a test compares, and
`python -m ops.commands.reference > docs/commands.md` writes it anew. `./slotstream` is the command
line from any folder, and `python -m ops` the same in this one. The exit status is 0 when it is
done, 1 when it could not be done (standard error says why in one sentence), and 2 when there is no
such command or option.

For bash, `eval "$(_SLOTSTREAM_COMPLETE=bash_source ./slotstream)"` completes the commands of an
alias or link named `slotstream`; zsh and fish have the same.
"""


def document() -> str:
    """The page."""
    return "\n".join((BEFORE, *(_section(*each) for each in pages(ROOT, "slotstream", None))))


def pages(
    command: click.Command, name: str, above: click.Context | None
) -> Iterator[tuple[str, str]]:
    """The full name and the help of the command, and of all below it."""
    context = click.Context(
        command, info_name=name, parent=above, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None:
                yield from pages(found, below, context)


def _section(name: str, text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"## {name}\n\n```text\n{lines}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(document())
