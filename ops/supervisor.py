"""The supervisor: starts parts, restarts what dies, stops everything in order, leaves nothing."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence

from ops.errors import StartupError
from ops.leftovers import ProcessRegister
from ops.log_lines import LineReader, LogPrinter
from ops.part import Part, adopt_orphans, spawn
from ops.process_table import children_of, kill, remember, session_of
from ops.running import Running

# Who stops after whom, and how long each may take before it is killed; together under 15 s. Time
# that one does not need is the next one's.
STOPPING = (
    ("gateway", 4.0),
    ("handler", 3.5),
    ("relay", 1.5),
    ("subscriber", 1.0),
    # What it has in hand stays pending, and is published again.
    ("mirror", 0.5),
    ("redis", 1.5),
    ("postgres", 2.0),
)
# Those of no role: a migration under way, whose transaction the database takes back.
OTHERS_SECONDS = 1.0
# A second Ctrl-C: what is left has this long each.
HURRIED_SECONDS = 0.4
ECHO_SECONDS = 1.0
KILLED_SECONDS = 2.0
POLL_SECONDS = 0.03
# A life shorter than this counts as dying at once; after a long one the count begins anew.
SHORT_LIFE_SECONDS, LONG_LIFE_SECONDS = 5.0, 30.0
LONGEST_PAUSE_SECONDS = 15.0


def pause_before_restart(short_lives: int) -> float:
    """None the first time, then 1, 2, 4, 8, 15 s while the part keeps dying at once."""
    if short_lives <= 1:
        return 0.0
    return min(float(2 ** min(short_lives - 2, 8)), LONGEST_PAUSE_SECONDS)


class Supervisor:
    """Owns every process of the installation; used from the event loop of the main thread."""

    def __init__(
        self,
        log: LogPrinter,
        register: ProcessRegister,
        on_change: Callable[[], None] = lambda: None,
        stopping: Sequence[tuple[str, float]] = STOPPING,
    ) -> None:
        self._log = log
        self._register = register
        self._on_change = on_change
        self._stopping_order = stopping
        self._running: dict[str, Running] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._incarnations: dict[str, int] = {}
        self._hurry = asyncio.Event()
        self._adopts = False
        self._interrupted_at = 0.0
        self.stop_requested = asyncio.Event()

    def take_over_signals(self) -> None:
        """SIGTERM, Ctrl-C and a closed terminal stop everything; the second time in a hurry."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self.interrupt)
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        self._adopts = adopt_orphans()

    def interrupt(self) -> None:
        """The first asks for a stop; one that comes later than an echo of it asks for haste.

        `make` and `timeout` hand on a signal that also reached the whole process group.
        """
        now = asyncio.get_running_loop().time()
        if not self.stop_requested.is_set():
            self._interrupted_at = now
        elif now - self._interrupted_at > ECHO_SECONDS:
            self._hurry.set()
        self.stop_requested.set()

    def pids(self, role: str) -> list[int]:
        """The processes of a role that live, in the order of their names."""
        return [
            running.process.pid
            for _, running in sorted(self._running.items())
            if running.part.role == role and running.process.returncode is None
        ]

    async def start(self, part: Part) -> None:
        """The part runs, and will be restarted under its name whenever it dies."""
        running = await self._spawn(part)
        self._keepers[part.name] = asyncio.create_task(self._keep(running))

    async def start_until(
        self, part: Part, is_ready: Callable[[], bool], seconds: float, sentence: str
    ) -> None:
        """The same for a part that others need; StartupError when it is not ready in time."""
        running = await self._spawn(part)
        deadline = asyncio.get_running_loop().time() + seconds
        while not is_ready():
            if running.exited.is_set():
                await running.ended()
                raise StartupError(f"{sentence}: {running.last_words or running.status}")
            if asyncio.get_running_loop().time() > deadline:
                raise StartupError(f"{sentence}: it was not ready within {seconds:g} s.")
            await asyncio.sleep(POLL_SECONDS)
        self._keepers[part.name] = asyncio.create_task(self._keep(running))

    async def run_to_end(self, part: Part, seconds: float | None) -> Running:
        """A part that has an end, as it ended; killed when it takes longer than that."""
        running = await self._spawn(part)
        try:
            async with asyncio.timeout(seconds):
                await running.exited.wait()
        except TimeoutError:
            running.send(signal.SIGKILL)
        await running.ended()
        del self._running[part.name]
        return running

    async def stop(self) -> None:
        """No process of ours lives. Never raises for one that will not go: it is killed."""
        self.stop_requested.set()
        for keeper in self._keepers.values():
            keeper.cancel()
        roles = [role for role, _ in self._stopping_order]
        loop = asyncio.get_running_loop()
        deadline = loop.time()
        others = [r for r in self._running.values() if r.part.role not in roles]
        await self._stop_all(others, deadline + OTHERS_SECONDS)
        for role, share in self._stopping_order:
            deadline += share
            members = [r for r in self._running.values() if r.part.role == role]
            await self._stop_all(members, deadline)
        await self._end_adopted()
        self._register.remove()

    async def _keep(self, running: Running) -> None:
        short_lives = 0
        while True:
            await running.exited.wait()
            if self.stop_requested.is_set():
                return
            lived = asyncio.get_running_loop().time() - running.started_at
            if lived >= LONG_LIFE_SECONDS:
                short_lives = 0
            short_lives += lived < SHORT_LIFE_SECONDS
            pause = pause_before_restart(short_lives) if lived < SHORT_LIFE_SECONDS else 0.0
            running = await self._restart(running, pause)

    async def _restart(self, dead: Running, pause: float) -> Running:
        """The part again; a start that fails is tried again after a pause."""
        name = dead.part.name
        while True:
            self._log.say(f"{name} is gone ({dead.status}); next one in {pause:g} s", "warning")
            self._on_change()
            await asyncio.sleep(pause)
            try:
                return await self._spawn(dead.part)
            except (StartupError, OSError) as wrong:
                self._log.say(f"{name} does not start: {wrong}", "error")
                pause = min(max(pause * 2, 1.0), LONGEST_PAUSE_SECONDS)

    async def _spawn(self, part: Part) -> Running:
        if part.before_start is not None:
            await asyncio.to_thread(part.before_start)
        if self.stop_requested.is_set():
            raise asyncio.CancelledError
        incarnation = self._incarnations.get(part.name, 0)
        self._incarnations[part.name] = incarnation + 1
        environment = dict(part.environment)
        if incarnation == 0:
            environment |= part.first_environment
        reading, writing = os.pipe()
        try:
            process = spawn(part, environment, writing)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        loop = asyncio.get_running_loop()
        running = Running(part, process, remember(process.pid), loop.time())
        self._running[part.name] = running
        self._register.write(other.known for other in self._running.values())
        await loop.connect_read_pipe(
            lambda: LineReader(
                lambda line: self._log.line(part.name, line), running.last_lines, running.silent
            ),
            os.fdopen(reading, "rb", buffering=0),
        )
        self._reap()
        self._on_change()
        return running

    async def _stop_all(self, members: list[Running], deadline: float) -> None:
        await asyncio.gather(*(self._stop_one(member, deadline) for member in members))

    async def _stop_one(self, running: Running, deadline: float) -> None:
        """The signals in turn, each with its part of the time, then SIGKILL to the whole group."""
        signals = running.part.stop_signals
        loop = asyncio.get_running_loop()
        for index, number in enumerate(signals):
            if running.exited.is_set():
                return
            running.send(number)
            left = (deadline - loop.time()) / (len(signals) - index)
            await self._exit_within(running, left)
        if not running.exited.is_set():
            self._log.say(f"{running.part.name} did not stop in time and is killed", "warning")
        running.kill_group()
        await self._exit_within(running, KILLED_SECONDS, hurried=KILLED_SECONDS)

    async def _exit_within(
        self, running: Running, seconds: float, hurried: float = HURRIED_SECONDS
    ) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not running.exited.is_set():
            allowed = min(seconds, hurried) if self._hurry.is_set() else seconds
            if loop.time() - began > allowed:
                return
            await asyncio.sleep(POLL_SECONDS)

    def _reap(self) -> None:
        for running in self._running.values():
            if not running.exited.is_set() and running.process.poll() is not None:
                # What the dead one left in its own session must not outlive it.
                running.kill_group()
                running.exited.set()
        if self._adopts:
            self._reap_adopted()

    def _reap_adopted(self) -> None:
        """Zombies that came to us from a dead part; a child that we wait for ourselves stays.

        Those are told apart by the session: ours is never an orphan's.
        """
        if sys.platform != "linux":
            return
        own = os.getsid(0)
        for pid in children_of(os.getpid()):
            if not self._is_known(pid) and session_of(pid) != own:
                try:
                    os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    continue

    async def _end_adopted(self) -> None:
        if not self._adopts:
            return
        own = os.getsid(0)
        for pid in children_of(os.getpid()):
            if not self._is_known(pid) and session_of(pid) != own:
                kill(pid)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + KILLED_SECONDS
        while loop.time() < deadline:
            self._reap_adopted()
            if not [pid for pid in children_of(os.getpid()) if session_of(pid) != own]:
                return
            await asyncio.sleep(POLL_SECONDS)

    def _is_known(self, pid: int) -> bool:
        return any(running.process.pid == pid for running in self._running.values())
