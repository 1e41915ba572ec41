"""`admin` and `demo`: the first people of an installation that runs."""

import asyncio
import sys
from http.client import HTTPException
from pathlib import Path

import click
from pydantic import ValidationError

from contracts.user.commands import UserEnsurePlatformAdmin
from contracts.user.platform import PlatformAdminList, PlatformAdminSet
from contracts.wire.reply import Reply
from contracts.wire.sealing import Keyring
from contracts.wire.strict import Message
from handlers.delivery.ensuring import ensure
from handlers.delivery.work import Unavailable
from ops import demo as demonstration
from ops.alone import Alone
from ops.commands.book import examples
from ops.commands.task import Task, pass_task
from ops.errors import StartupError
from ops.lineup import gateway_url
from ops.settings import Settings

ANSWER_SECONDS = 15.0


@click.group()
def admin() -> None:
    """Those who administer the platform."""


@admin.command(
    epilog=examples("""
        slotstream admin create --email root@example.org
        slotstream admin create --email root@example.org --password-file /run/secrets/root
        generate-password | slotstream admin create --email root@example.org --password-file -
    """)
)
@click.option("--email", required=True, help="The address that they sign in with.")
@click.option(
    "--password-file",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="A file that holds the password, `-` for standard input; without it, it is asked for.",
)
@click.option(
    "--if-missing", is_flag=True, help="One who is there already is no failure; for scripts."
)
@pass_task
def create(task: Task, email: str, password_file: Path | None, *, if_missing: bool) -> None:
    """Make a platform administrator, in an installation that runs.

    One who is there already stays as they are, password and all, and the exit status is 1.
    """
    reply = _asked(task, _command(email, _password(password_file)))
    _say(email, reply, if_missing=if_missing)


@admin.command("list", epilog=examples("slotstream admin list"))
@pass_task
def listed(task: Task) -> None:
    """Show who administers the platform, and who is kept out."""
    reply = _asked(task, PlatformAdminList())
    if reply.status != 200:
        raise StartupError(f"They cannot be listed: {_reason(reply)}")
    for one in reply.body["items"]:
        state = "active" if one["active"] else "disabled"
        click.echo(f"{state:<10}{one['created_at']}  {one['email']}")


@admin.command(epilog=examples("slotstream admin disable --email root@example.org"))
@click.option("--email", required=True, help="The address that they sign in with.")
@pass_task
def disable(task: Task, email: str) -> None:
    """Keep a platform administrator out, within seconds and with every session.

    What they did stays in the audit trails. The last one who can sign in cannot be disabled.
    """
    _set(task, email, active=False)


@admin.command(epilog=examples("slotstream admin enable --email root@example.org"))
@click.option("--email", required=True, help="The address that they sign in with.")
@pass_task
def enable(task: Task, email: str) -> None:
    """Let a platform administrator in again, who was disabled."""
    _set(task, email, active=True)


@click.command(
    epilog=examples("""
        slotstream demo
        slotstream demo --url http://127.0.0.1:8080
    """)
)
@click.option("--url", help="Where the gateway is; default: the one that runs on DATA_DIR.")
@pass_task
def demo(task: Task, url: str | None) -> None:
    """Make the demonstration tenant, in an installation that runs.

    A barber's shop with an owner, two people and a category; whatever of it is there already stays.
    Its password is known to all, and so production has none.
    """
    settings = task.settings
    if settings.is_production:
        raise StartupError(
            "The demonstration tenant's password is known to all: not in production."
        )
    alone = Alone(settings, task.environment, task.programs, task.data_path)
    where = url or (alone.run.gateway if alone.run else gateway_url(settings))
    try:
        demonstration.make_demonstration(
            where,
            settings.platform_admin_email,
            settings.platform_admin_password.get_secret_value(),
        )
    except demonstration.Refused as wrong:
        raise StartupError(f"The demonstration tenant could not be made: {wrong}.") from wrong
    except (OSError, HTTPException, ValueError) as wrong:
        raise StartupError(
            f"The gateway at {where} does not answer as it should: {wrong}."
        ) from wrong
    click.echo(
        f"tenant {demonstration.SLUG}  {demonstration.OWNER_EMAIL}  "
        f"password {demonstration.OWNER_PASSWORD}"
    )


def _set(task: Task, email: str, *, active: bool) -> None:
    try:
        command = PlatformAdminSet(email=email.strip(), active=active)
    except ValidationError as wrong:
        raise StartupError(f"{email} is no e-mail address.") from wrong
    reply = _asked(task, command)
    if reply.status != 200:
        done = "let in" if active else "kept out"
        raise StartupError(f"{email} was not {done}: {_reason(reply)}")
    click.echo(f"{email} {'administers the platform' if active else 'is kept out'} from now on")


def _asked(task: Task, message: Message) -> Reply:
    """The user context's reply."""
    alone = Alone(task.part_settings, task.environment, task.programs, task.data_path)
    keyring = _keyring(task.part_settings, alone.secret_key)
    try:
        return asyncio.run(ensure(alone.redis_url, message, keyring, ANSWER_SECONDS))
    except Unavailable as wrong:
        raise StartupError(f"{wrong}: does a worker for the context `user` run?") from wrong


def _keyring(settings: Settings, secret_key: str) -> Keyring:
    previous = settings.secret_key_previous
    return Keyring.of(secret_key, previous.get_secret_value() if previous else "")


def _password(file: Path | None) -> str:
    if file is None:
        if not sys.stdin.isatty():
            raise click.UsageError("There is no terminal to ask at: say --password-file.")
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as wrong:
        raise StartupError(f"{file} cannot be read: {wrong.strerror}.") from wrong
    except UnicodeDecodeError as wrong:
        raise StartupError(f"{file} is not text in UTF-8.") from wrong
    return text.rstrip("\r\n")


def _command(email: str, password: str) -> UserEnsurePlatformAdmin:
    try:
        return UserEnsurePlatformAdmin(email=email.strip(), password=password)
    except ValidationError as wrong:
        is_email = wrong.errors(include_input=False)[0]["loc"][0] == "email"
        which = f"{email} is no e-mail address" if is_email else "The password is empty or too long"
        raise StartupError(f"{which}.") from wrong


def _say(email: str, reply: Reply, *, if_missing: bool) -> None:
    if reply.status == 201:
        click.echo(f"{email} administers the platform from now on")
        return
    if reply.status == 200:
        there = f"{email} administers the platform already: nothing was changed."
        if not if_missing:
            raise StartupError(there)
        click.echo(there)
        return
    raise StartupError(f"{email} was not made an administrator: {_reason(reply)}")


def _reason(reply: Reply) -> str:
    problem = reply.problem or {}
    wrong = "; ".join(str(one.get("message")) for one in problem.get("errors") or ())
    return wrong or problem.get("detail") or problem.get("code") or f"status {reply.status}"
