"""What containers and pods are started with is what the command line knows."""

from typing import Any

import click
import pytest

from ops.command_line import ROOT as COMMAND_LINE
from tests.deploy.composed import resolved
from tests.deploy.manifests import containers

COMPOSED = [
    tuple(one["command"])
    for one in resolved()["services"].values()
    if one.get("command") and one["image"].startswith("slotstream") and not one["entrypoint"]
]
IN_PODS = [tuple(container["args"]) for _, container in containers()]


@pytest.mark.parametrize("words", sorted({*COMPOSED, *IN_PODS}), ids=" ".join)
def test_the_command_line_knows_it(words: tuple[str, ...]) -> None:
    """The command is there, and takes these options."""
    command: Any = COMMAND_LINE
    rest = list(words)
    context = click.Context(command)
    while isinstance(command, click.Group):
        name = rest.pop(0)
        command = command.get_command(context, name)
        assert command is not None, name
    # Raises for an option or a choice that there is none of.
    command.make_context(words[0], rest, parent=context)


def test_every_kind_is_started_in_both() -> None:
    """What runs with Compose runs on Kubernetes, and the other way round."""
    plain = {words for words in IN_PODS if words[0] != "admin"}
    assert plain == set(COMPOSED)
