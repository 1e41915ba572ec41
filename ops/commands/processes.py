"""`gateway`, `worker`, `relay`, `subscriber`, `mirror`: one process, in the foreground.

The command works out what the supervisor of a whole installation would tell that process, and then
is that process: same id, same signals, same exit status.
"""

import os
import shlex
from collections.abc import Iterable
from typing import NoReturn

import click

from contracts.wire.streams import (
    HANDLED,
    PUBLISHING,
    SUBSCRIBERS,
    commands_of,
    events_of,
    ingress_of,
)
from ops.alone import Alone
from ops.commands.book import examples
from ops.commands.task import Task, pass_task
from ops.consumer_names import Group, Readers, default_name, is_name, own_name
from ops.errors import StartupError, Taken
from ops.part import Part
from ops.reloading import keep_reloading

# The groups of whoever works for more than one context.
INGRESS, MIRROR = "ingress", "kafka"


def _called(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not is_name(value):
        raise click.BadParameter(
            "lower-case letters, digits, dots and hyphens, at most 64.", param=parameter
        )
    return value


named = click.option(
    "--name",
    callback=_called,
    help="What the process calls itself in streams and logs; default: CONSUMER_NAME, else its kind "
    "and the machine's name. Keep it the same over restarts, and no two the same at a time.",
)
reloaded = click.option(
    "--reload", is_flag=True, help="Start again when a source file changes; not in production."
)


@click.command(
    epilog=examples("""
        slotstream gateway
        GATEWAY_HOST=0.0.0.0 GATEWAY_PORT=8080 slotstream gateway
        slotstream gateway --reload
    """)
)
@reloaded
@pass_task
def gateway(task: Task, *, reload: bool) -> int:
    """Serve HTTP.

    It needs Redis and the public keys, and no database. Several share one port of a machine.
    """
    alone = Alone(task.gateway_settings, task.environment, task.programs, task.data_path)
    # Replies to a gateway stand in a stream of its name: no two may share one.
    name = f"{default_name('gateway')[:50]}-{os.getpid()}"
    return _become(alone.lineup(keys=alone.public_keys()).gateway(name), task, reload=reload)


@click.command(
    epilog=examples("""
        slotstream worker
        slotstream worker --context reservation --context ingress
        slotstream worker --context reservation --reload
    """)
)
@click.option(
    "--context",
    "contexts",
    multiple=True,
    type=click.Choice(HANDLED),
    help="What it works on; may be given more than once. Default: all.",
)
@named
@reloaded
@pass_task
def worker(task: Task, contexts: tuple[str, ...], name: str | None, *, reload: bool) -> int:
    """Carry out commands and queries.

    Any number may work beside each other, on any number of machines. Beside `slotstream run` one
    takes the servers of that run, and a share of its work.
    """
    chosen = tuple(dict.fromkeys(contexts))
    alone = _alone(task)
    publishers = [ingress_of(publisher.name) for publisher in task.part_settings.publishers]
    groups = [(commands_of(one), one) for one in chosen or HANDLED if one != INGRESS]
    if not chosen or INGRESS in chosen:
        groups += [(stream, INGRESS) for stream in publishers]
    own = _own_name(alone, name, ("worker", *chosen), groups)
    databases = alone.databases_of(chosen) if chosen else alone.databases
    keys = alone.pair_of_keys() if not chosen or "user" in chosen else None
    return _become(alone.lineup(databases, keys).handler(own, chosen), task, reload=reload)


@click.command(epilog=examples("slotstream relay"))
@reloaded
@pass_task
def relay(task: Task, *, reload: bool) -> int:
    """Publish events, and run the timers.

    Of several, one is active for each context; the others stand by.
    """
    alone = _alone(task)
    return _become(alone.lineup(alone.databases).relay(default_name("relay")), task, reload=reload)


@click.command(
    epilog=examples("""
        slotstream subscriber
        slotstream subscriber --only webhook --only notification
    """)
)
@click.option(
    "--only",
    "chosen",
    multiple=True,
    type=click.Choice(SUBSCRIBERS),
    help="Which of them; may be given more than once. Default: all.",
)
@named
@reloaded
@pass_task
def subscriber(task: Task, chosen: tuple[str, ...], name: str | None, *, reload: bool) -> int:
    """Do what follows from events: trail, mails and SMS, webhooks, bills, reports."""
    chosen = tuple(dict.fromkeys(chosen))
    alone = _alone(task)
    groups = [(commands_of(one), one) for one in chosen or SUBSCRIBERS]
    own = _own_name(alone, name, ("subscriber", *chosen), groups)
    part = alone.lineup(alone.databases_of({"subscriber"})).subscriber(own, chosen)
    return _become(part, task, reload=reload)


@click.command(
    epilog=examples("""
        KAFKA_BOOTSTRAP_SERVERS=kafka-1.example.org:9092 slotstream mirror
    """)
)
@named
@reloaded
@pass_task
def mirror(task: Task, name: str | None, *, reload: bool) -> int:
    """Publish every event to Kafka as well.

    There may be one: two would change the order in which one booking's events arrive.
    """
    if task.part_settings.kafka_bootstrap_servers is None:
        raise StartupError("There is nothing to mirror to: KAFKA_BOOTSTRAP_SERVERS is not set.")
    alone = _alone(task)
    groups = [(events_of(context), MIRROR) for context in PUBLISHING]
    own = _own_name(alone, name, ("mirror",), groups)
    others = Readers(alone.redis_url, tuple(groups[:1])).others_than(own)
    if others:
        raise Taken(f"A mirror is at work already ({others[0]}): one at a time keeps the order.")
    lineup = alone.lineup(alone.databases_of({"subscriber"}))
    return _become(lineup.mirror(own), task, reload=reload)


def _alone(task: Task) -> Alone:
    return Alone(task.part_settings, task.environment, task.programs, task.data_path)


def _own_name(
    alone: Alone, given: str | None, words: tuple[str, ...], groups: Iterable[Group]
) -> str:
    """The name that was asked for, else one that nobody has."""
    wanted = given or alone.environment.get("CONSUMER_NAME")
    if wanted is not None and not is_name(wanted):
        raise StartupError(
            "CONSUMER_NAME takes lower-case letters, digits, dots and hyphens, at most 64."
        )
    name = wanted or default_name(*words)
    return own_name(name, alone.data_dir, alone.redis_url, groups, numbered=wanted is None)


def _become(part: Part, task: Task, *, reload: bool) -> int:
    """Does not return, but with --reload: then the exit status."""
    if not reload:
        replace_this_process(part)
    if task.part_settings.is_production:
        raise StartupError("--reload is for development: production runs what was installed.")
    return keep_reloading(part)


def replace_this_process(part: Part) -> NoReturn:
    """From here on this process is the part."""
    click.echo(f"slotstream: {part.name} is {shlex.join(part.argv[1:])}", err=True)
    os.chdir(part.folder)
    environment = {**part.environment, **part.first_environment}
    os.execve(part.argv[0], part.argv, environment)  # noqa: S606 - no shell is what is wanted
