"""`dead-letters`: list, show, replay, discard."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
import redis

from ops.commands.book import examples
from ops.commands.task import Task, pass_task
from ops.dead_letters.discarding import discard as thrown_away
from ops.dead_letters.letters import BURYING, Choice, DeadLetter, as_document, letters
from ops.dead_letters.replaying import Outcome, Replayed, Wish
from ops.dead_letters.replaying import replay as tried_again
from ops.dead_letters.showing import console, plain, show_json, show_one, show_table
from ops.dead_letters.times import MOMENT
from ops.errors import StartupError
from ops.reaching import reached_redis
from ops.trail import record

Command = Callable[..., Any]


@click.group(name="dead-letters")
def dead_letters() -> None:
    """What could not be handled: see it, try it again, throw it away.

    An ID is a context and the entry on its stream of dead letters, as `list` shows it:
    reservation/1764489600000-0.
    """


def choosing(command: Command) -> Command:
    """The options that say which dead letters are meant."""
    for option in reversed((
        click.option("--context", "contexts", multiple=True, type=click.Choice(BURYING),
                     help="Whose; may be said several times."),
        click.option("--type", "types", multiple=True, metavar="TYPE",
                     help="Of which messages, such as booking.create; may be said several times."),
        click.option("--tenant", type=click.UUID, help="Of which tenant, by its id."),
        click.option("--reason", default="", help="Why, such as too_many_deliveries."),
        click.option("--since", type=MOMENT, help="From an instant on, or 90m, 6h, 2d ago."),
        click.option("--until", type=MOMENT, help="Before an instant, or 90m, 6h, 2d ago."),
    )):  # fmt: skip
        command = option(command)
    return command


@dead_letters.command(
    name="list",
    epilog=examples("""
        slotstream dead-letters list
        slotstream dead-letters list --context reservation --since 2d
        slotstream dead-letters list --reason too_many_deliveries --json
    """),
)
@choosing
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--count", is_flag=True, help="Only how many they are.")
@pass_task
def list_(task: Task, /, *, as_json: bool, count: bool, **asked: Any) -> None:
    """List dead letters, without what is in them."""
    with _reached(task) as client:
        found = letters(client, _choice((), **asked))
        if count:
            print(sum(1 for _ in found))
        elif as_json:
            show_json(found)
        else:
            show_table(found, console())


@dead_letters.command(
    epilog=examples("""
        slotstream dead-letters show reservation/1764489600000-0
        slotstream dead-letters show reservation/1764489600000-0 --payload
    """)
)
@click.argument("name", metavar="ID")
@click.option("--payload", is_flag=True, help="What it says, too: it may be about people.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON object.")
@pass_task
def show(task: Task, /, *, name: str, payload: bool, as_json: bool) -> None:
    """Show one: why it is dead, its deliveries, its headers.

    What is sealed stays sealed.
    """
    with _reached(task) as client:
        letter = next(letters(client, _choice((name,))), None)
        if letter is None:
            raise StartupError(f"There is no dead letter {name}.")
        if as_json:
            print(json.dumps(as_document(letter, payload=payload)))
        else:
            show_one(letter, console(), payload=payload)
        if payload:
            _note(client, "dead_letters.read", letter.context, [letter.id], "")


@dead_letters.command(
    epilog=examples("""
        slotstream dead-letters replay reservation/1764489600000-0
        slotstream dead-letters replay --type booking.create --since 6h --dry-run
        slotstream dead-letters replay --context webhook --rate 20
    """)
)
@click.argument("names", metavar="[ID]...", nargs=-1)
@choosing
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="How many a second.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each.")
@click.option("--revive", is_flag=True, help="Send what is past its deadline, under a new id.")
@click.option("--raw", is_flag=True, help="Send what is not a message, as it is.")
@click.option("--all", "everything", is_flag=True, help="All that there are.")
@pass_task
def replay(  # what can be said, option by option
    task: Task,
    /,
    *,
    names: tuple[str, ...],
    rate: float | None,
    dry_run: bool,
    revive: bool,
    raw: bool,
    everything: bool,
    **asked: Any,
) -> int:
    """Try them again, after what kept them from being handled is mended.

    A command goes back to its stream under its own id, an event to the one group that could not
    handle it. What was handled meanwhile takes no second effect. The status is 1 when any of them
    could not be sent.
    """
    choice = _deliberate(names, asked, everything=everything)
    wish = Wish(revive=revive, raw=raw, dry=dry_run, rate=rate)
    with _reached(task) as client:
        done = _Done(client, "dead_letters.replayed", choice)
        told: Counter[Outcome] = Counter()
        try:
            for one in tried_again(client, letters(client, _until_now(client, choice)), wish):
                told[one.outcome] += 1
                _tell(one, dry=dry_run)
                if one.outcome.is_done and not dry_run:
                    done.add(one.letter)
        finally:
            done.note()
    _sum_up(told, dry=dry_run)
    return 0 if all(outcome.is_done for outcome in told) else 1


@dead_letters.command(
    epilog=examples("""
        slotstream dead-letters discard reservation/1764489600000-0
        slotstream dead-letters discard --reason invalid_type --until 30d --yes
    """)
)
@click.argument("names", metavar="[ID]...", nargs=-1)
@choosing
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--all", "everything", is_flag=True, help="All that there are.")
@pass_task
def discard(
    task: Task, /, *, names: tuple[str, ...], yes: bool, everything: bool, **asked: Any
) -> None:
    """Throw them away for good, after asking."""
    choice = _deliberate(names, asked, everything=everything)
    with _reached(task) as client:
        meant = _until_now(client, choice)
        count = sum(1 for _ in letters(client, meant))
        if not count:
            print("no dead letters")
            return
        if not yes:
            click.confirm(f"Throw away {count} dead letters for good?", abort=True)
        done = _Done(client, "dead_letters.discarded", choice)
        try:
            for page in thrown_away(client, letters(client, meant)):
                done.add(*page)
        finally:
            done.note()
        print(f"{done.count} dead letters thrown away")


class _Done:
    """What was done so far, as ids; noted for each context, also where it was cut short."""

    def __init__(self, client: "redis.Redis", event_type: str, choice: Choice) -> None:
        self._client, self._event_type, self._choice = client, event_type, choice
        self._of: dict[str, list[str]] = {}

    @property
    def count(self) -> int:
        return sum(map(len, self._of.values()))

    def add(self, *done: DeadLetter) -> None:
        for letter in done:
            self._of.setdefault(letter.context, []).append(letter.id)

    def note(self) -> None:
        for context, ids in self._of.items():
            _note(self._client, self._event_type, context, ids, self._choice.words)


def _note(client: "redis.Redis", event_type: str, context: str, ids: list[str], words: str) -> None:
    """In the platform's trail: which they were, by the first and the last, and how many."""
    if len(ids) == 1:
        record(client, event_type, f"dead_letters/{context}/{ids[0]}", reason=words)
        return
    reason = f"{ids[0]}…{ids[-1]} {words}"
    record(client, event_type, f"dead_letters/{context}", reason=reason, times=len(ids))


@contextmanager
def _reached(task: Task) -> Iterator["redis.Redis"]:
    client = reached_redis(task)
    try:
        yield client
    except redis.RedisError as wrong:
        raise StartupError(f"Redis would not go on: {wrong}.") from wrong
    finally:
        client.close()


def _choice(
    names: Iterable[str],
    contexts: tuple[str, ...] = (),
    types: tuple[str, ...] = (),
    tenant: object = None,
    reason: str = "",
    since: int | None = None,
    until: int | None = None,
) -> Choice:
    wanted = tuple(names)
    for name in wanted:
        context, slash, entry = name.partition("/")
        if context not in BURYING or not slash or not entry:
            raise click.UsageError(f"{name} is no ID: it looks like reservation/1764489600000-0.")
    of_names = {name.partition("/")[0] for name in wanted}
    named = tuple(one for one in BURYING if one in of_names and one in (contexts or BURYING))
    return Choice(
        contexts=named if wanted else (contexts or BURYING),
        types=types,
        tenant="" if tenant is None else str(tenant),
        reason=reason,
        since_ms=since,
        until_ms=until,
        names=wanted,
    )


def _deliberate(names: tuple[str, ...], asked: dict[str, Any], *, everything: bool) -> Choice:
    """Nobody means all of them by saying nothing."""
    says_which = names or any(value not in (None, (), "") for value in asked.values())
    if not says_which and not everything:
        raise click.UsageError("Say which: IDs, filters, or --all.")
    return _choice(names, **asked)


def _until_now(client: "redis.Redis", choice: Choice) -> Choice:
    """Those that there are by now: what dies again is not tried a second time."""
    seconds, micros = client.time()
    now_ms = int(seconds) * 1000 + int(micros) // 1000 + 1
    return replace(choice, until_ms=min(now_ms, choice.until_ms or now_ms))


def _tell(one: Replayed, *, dry: bool) -> None:
    would = "would be " if dry and one.outcome.is_done else ""
    said = f"{would}{one.outcome.value}{f', as {one.new_id}' if one.new_id else ''}"
    console().print(plain(f"{one.letter.name} {one.letter.said('type')}: {said}"))


def _sum_up(told: Counter[Outcome], *, dry: bool) -> None:
    sent = sum(count for outcome, count in told.items() if outcome.is_done)
    left = told.total() - sent
    print(f"{sent} {'would be sent' if dry else 'sent'}{f', {left} left' if left else ''}")
