"""What every command works with: the settings, read when they are first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import click

from ops.errors import StartupError
from ops.kafka import refuse_incomplete
from ops.lineup import PROGRAMS, ROOT
from ops.production import refuse_unsafe
from ops.settings import SECRETS_BY_FILE, Settings, environment_of

# Settings that name a file.
FILES = {
    *(f"{secret}_file" for secret in SECRETS_BY_FILE),
    *(name for name in Settings.model_fields if name.endswith("_file")),
}


@dataclass(frozen=True)
class Task:
    """What a command gets by `@pass_task`; `process` is the environment that it was called in.

    `.env`, and what settings name by a relative path, are those of this checkout, from whatever
    folder it is called.
    """

    process: Mapping[str, str]
    programs: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: PROGRAMS)

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """The process's environment over `.env`."""
        said = environment_of({"ENV_FILE": str(ROOT / ".env"), **self.process})
        return {
            name: str(ROOT / value) if value and name.lower() in FILES else value
            for name, value in said.items()
        }

    @cached_property
    def given(self) -> Settings:
        """The settings as they were given; each is right by itself."""
        return Settings.read(dict(self.environment))

    @cached_property
    def settings(self) -> Settings:
        """The settings of a whole installation, which production accepts."""
        refuse_unsafe(self.given)
        refuse_incomplete(self.given)
        return self.given

    @cached_property
    def part_settings(self) -> Settings:
        """The settings of one process or tool, which is not told who administers the platform."""
        refuse_unsafe(self.given, makes_administrator=False, speaks_http=False)
        refuse_incomplete(self.given)
        return self.given

    @cached_property
    def gateway_settings(self) -> Settings:
        """Those of a gateway, which has to know under which names it is spoken to."""
        refuse_unsafe(self.given, makes_administrator=False)
        refuse_incomplete(self.given)
        return self.given

    @cached_property
    def data_path(self) -> Path:
        """DATA_DIR as an absolute path, whether it is there or not."""
        return (ROOT / self.given.data_dir.expanduser()).resolve()

    @cached_property
    def data_dir(self) -> Path:
        """DATA_DIR, made when it is not there."""
        try:
            self.data_path.mkdir(parents=True, exist_ok=True)
        except OSError as wrong:
            raise StartupError(
                f"DATA_DIR {self.data_path} cannot be made: {wrong.strerror}."
            ) from wrong
        return self.data_path


pass_task = click.make_pass_decorator(Task)
