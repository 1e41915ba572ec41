"""nginx with the project's own configuration, laid out as in the container by compose.yaml."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.composed import PLAIN, resolved
from tests.installation import free_port, new_folder
from tests.waiting import wait_until

HOME = "/etc/nginx/"
GENEROUS = {
    "NGINX_ADDRESS_RATE": "10000r/s",
    "NGINX_ADDRESS_BURST": "10000",
    "NGINX_TENANT_RATE": "10000r/s",
    "NGINX_TENANT_BURST": "10000",
}


def program() -> str:
    """nginx, wherever the machine has it; the test is skipped where it has none."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        assert os.environ.get("REQUIRE_NGINX") != "1", "REQUIRE_NGINX=1, and there is no nginx"
        pytest.skip("there is no nginx on this machine (apt-get install nginx-light)")
    return found


@dataclass
class Nginx:
    """`told` goes over what the container is told; `changes` are replacements in the texts."""

    gateway: str
    files: tuple[str, ...] = PLAIN
    told: Mapping[str, str] = field(default_factory=lambda: GENEROUS)
    changes: Mapping[str, str] = field(default_factory=dict)
    # Lines of the tests' own, beside those of the templates.
    more: str = ""
    certificate: tuple[bytes, bytes] | None = None

    def __post_init__(self) -> None:
        self.program = program()
        self.port, self.tls_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.tls_address = f"https://localhost:{self.tls_port}"
        self.folder = new_folder()
        self._lay_out(resolved(self.files)["services"]["nginx"])

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def check(self) -> subprocess.CompletedProcess[str]:
        """`nginx -t`."""
        return subprocess.run(
            [*self._words, "-t"], capture_output=True, text=True, check=False, cwd=self.folder
        )

    @contextmanager
    def running(self) -> Iterator["Nginx"]:
        """It serves as long as the block lasts, and leaves nothing."""
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*self._words, "-g", "daemon off;"], stdout=log, stderr=log, cwd=self.folder
            )
        try:
            wait_until(lambda: process.poll() is not None or self._serves(), within_seconds=20)
            assert process.poll() is None, self.log
            yield self
        finally:
            process.terminate()
            process.wait(timeout=20)
            self.remove()

    def remove(self) -> None:
        """Nothing of it is on the disk."""
        shutil.rmtree(self.folder)

    @property
    def _words(self) -> list[str]:
        folder = str(self.folder)
        return [self.program, "-e", "stderr", "-p", folder, "-c", f"{folder}/nginx.conf"]

    def _serves(self) -> bool:
        try:
            httpx.get(f"{self.address}/ready", timeout=5)
        except httpx.TransportError:
            return False
        return True

    def _lay_out(self, service: dict[str, Any]) -> None:
        for mount in service["volumes"]:
            there, here = Path(mount["source"]), self._inside(mount["target"])
            here.parent.mkdir(parents=True, exist_ok=True)
            if there.is_dir():
                shutil.copytree(there, here)
            elif there.is_file():
                shutil.copy(there, here)
            elif self.certificate is not None:
                here.mkdir()
                for name, content in zip(("tls.crt", "tls.key"), self.certificate, strict=True):
                    (here / name).write_bytes(content)
        for mount in service["tmpfs"]:
            if mount.startswith(HOME):
                self._inside(mount.partition(":")[0]).mkdir()
        self._render({**service["environment"], **self._of_this_machine(), **self.told})
        (self.folder / "conf.d" / "tests.conf").write_text(self.more, encoding="utf-8")
        for path in self.folder.rglob("*.conf"):
            text = path.read_text(encoding="utf-8")
            for old, new in self.changes.items():
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")

    def _inside(self, target: str) -> Path:
        assert target.startswith(HOME), target
        return self.folder / target.removeprefix(HOME)

    def _of_this_machine(self) -> dict[str, str]:
        return {
            "NGINX_GATEWAY": self.gateway,
            "NGINX_HTTP_PORT": f"127.0.0.1:{self.port}",
            "NGINX_HTTPS_PORT": f"127.0.0.1:{self.tls_port}",
        }

    def _render(self, environment: Mapping[str, str]) -> None:
        """As the image's `20-envsubst-on-templates.sh` does it."""
        wanted = re.compile(environment["NGINX_ENVSUBST_FILTER"])
        for template in (self.folder / "templates").glob("*.template"):
            text = template.read_text(encoding="utf-8")
            for name, value in environment.items():
                if wanted.match(name):
                    text = text.replace(f"${{{name}}}", value)
            (self.folder / "conf.d" / template.stem).write_text(text, encoding="utf-8")
