"""The groups of commands: loaded when they are called, listed in the order they are written in."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Book(click.Group):
    """A group whose commands are `module:name`, below the headings that its help shows.

    Only what is called is imported: a supervisor that runs for months carries nothing of the tools
    beside it.
    """

    def __init__(self, *args: Any, chapters: Mapping[str, Mapping[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.chapters = chapters
        self._places = {
            name: place for commands in chapters.values() for name, place in commands.items()
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in self._places:
            return None
        module, _, name = self._places[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, click.Command):
            raise TypeError(f"{self._places[cmd_name]} is no command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, commands in self.chapters.items():
            rows = []
            for name in commands:
                command = self.get_command(ctx, name)
                rows.append((name, command.get_short_help_str(200) if command else ""))
            with formatter.section(heading):
                formatter.write_dl(rows)


def examples(text: str) -> str:
    """Lines to copy, for a command's `epilog`: shown as they stand."""
    lines = inspect.cleandoc(text).splitlines()
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
