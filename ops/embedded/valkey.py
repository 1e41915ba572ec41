"""The embedded Redis-compatible server: its configuration, its users, and how it is started."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ops.embedded.placement import owned_folder
from ops.embedded.ports import LOOPBACK
from ops.part import Account, Part
from ops.redis.users import RedisPasswords, access_list

CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
daemonize no
loglevel warning
dir "{folder}"
aclfile "{folder}/users.acl"
appendonly yes
appendfsync {fsync}
aof-load-truncated yes
save ""
maxmemory-policy noeviction
"""


@dataclass(frozen=True, slots=True)
class EmbeddedValkey:
    """One server: its program, its folder, its port and its users."""

    program: Path
    data: Path
    port: int
    passwords: RedisPasswords
    account: Account | None = None
    # False only for tests: a machine without power then loses more than a second's.
    durable: bool = True

    @property
    def administrator_url(self) -> str:
        return self._url("default", self.passwords.administrator)

    @property
    def url(self) -> str:
        """What our own processes use."""
        return self._url("slotstream", self.passwords.slotstream)

    def publisher_url(self, name: str) -> str:
        return self._url(f"publisher-{name}", self.passwords.publishers[name])

    def prepare(self) -> None:
        """The folder, the configuration and the list of users are in place."""
        owned_folder(self.data, self.account)
        # A disk that is busy for longer than two seconds is waited for even by `everysec`.
        fsync = "everysec" if self.durable else "no"
        text = CONFIGURATION.format(host=LOOPBACK, port=self.port, folder=self.data, fsync=fsync)
        self._write("valkey.conf", text)
        self._write("users.acl", access_list(self.passwords))

    def part(self) -> Part:
        return Part(
            name="redis",
            role="redis",
            argv=(str(self.program), "./valkey.conf"),
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            folder=self.data,
            account=self.account,
            orphan_signal=signal.SIGTERM,
        )

    def _url(self, user: str, password: str) -> str:
        return f"redis://{user}:{quote(password)}@{LOOPBACK}:{self.port}/0"

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)
