"""`doctor`: what is well, what is not, and what to do about it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from urllib.parse import urlsplit

import click

from ops.commands.book import examples
from ops.commands.task import Task, pass_task
from ops.doctor.examination import examine
from ops.doctor.finding import Finding, is_well
from ops.lineup import ROOT

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red", "skip": "bright_black"}


def _is_http(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Past TLS somebody else answers, who does not pass on whether a gateway is ready."""
    if value is not None and (urlsplit(value).scheme != "http" or not urlsplit(value).hostname):
        raise click.BadParameter("http://host:port, as in http://gateway:8000.", param=parameter)
    return value


@click.command(
    epilog=examples("""
        slotstream doctor
        slotstream doctor --json | jq '.findings[] | select(.state == "fail")'
        slotstream doctor --gateway http://gateway:8000
    """)
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option(
    "--gateway",
    metavar="URL",
    callback=_is_http,
    help="Where a gateway has to answer, when it is on another machine or in another container.",
)
@pass_task
def doctor(task: Task, *, as_json: bool, gateway: str | None) -> int:
    """Look at everything that an installation depends on, and say what to do.

    Settings, packages, the data folder, Redis, PostgreSQL, clocks, streams, and what is configured
    outside. It changes nothing, and works while nothing runs: what it could not look at is a line
    that begins with `skip`. The exit status is 1 when a line begins with `fail`.
    """
    found = examine(task.environment, task.programs, ROOT, gateway)
    findings = list(found if as_json else _shown(found))
    well = is_well(findings)
    if as_json:
        document = {"well": well, "findings": [asdict(one) for one in findings]}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        counts = (f"{sum(one.state == state for one in findings)} {state}" for state in COLOURS)
        click.echo(", ".join(counts))
    return 0 if well else 1


def _shown(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The same, each written as soon as it is known."""
    for one in findings:
        state = click.style(f"{one.state:4}", fg=COLOURS[one.state])
        advice = f". {one.advice}" if one.advice else ""
        click.echo(f"{state}  {one.about:20}  {one.said.rstrip('.')}{advice}")
        yield one
