"""Bringing an installation back from a backup, into a DATA_DIR that holds none."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from ops.backup import redis_image
from ops.backup.contents import KEPT, Contents
from ops.backup.following import followed
from ops.commands.progress import steps
from ops.embedded.placement import owned_folder, place, wheel_programs
from ops.errors import Damaged, Refused, Taken
from ops.leftovers import exclusive
from ops.settings import Settings


def restore(settings: Settings, data_dir: Path, folder: Path) -> str:
    """DATA_DIR is the installation as of the backup, not yet started; answers when that was."""
    contents = Contents(folder)
    contents.refuse_incomplete()
    if settings.redis_url is not None or not settings.needs_embedded_postgres:
        raise Refused(
            "DATABASE_URL and REDIS_URL name servers of your own, whose data folders are not ours:"
            " docs/operations.md says how the backup gets into them."
        )
    data_dir.mkdir(parents=True, exist_ok=True)
    with exclusive(data_dir):
        _refuse_what_is_there(data_dir)
        with steps(2) as under_way:
            with under_way.step("comparing with what was copied") as reached:
                _verify(contents, reached)
            with under_way.step("placing"):
                _place(contents, settings, data_dir)
    made_at: str = json.loads(contents.note.read_text(encoding="ascii"))["made_at"]
    return made_at


def _place(contents: Contents, settings: Settings, data_dir: Path) -> None:
    for name in KEPT:
        if contents.kept(name).is_dir():
            shutil.copytree(contents.kept(name), data_dir / name)
    placement = place(data_dir, settings.state_dir)
    shutil.copytree(contents.cluster, placement.postgres_data, dirs_exist_ok=True)
    redis_image.place(contents.redis_image, placement.valkey_data)
    for path in (placement.postgres_data, placement.valkey_data):
        owned_folder(path, placement.account)


def _refuse_what_is_there(data_dir: Path) -> None:
    for name in (*KEPT, "postgres", "valkey"):
        if (data_dir / name).exists() or (data_dir / name).is_symlink():
            raise Taken(
                f"{data_dir} holds an installation: move it away, or choose another folder."
            )


def _verify(contents: Contents, reached: Callable[[float], None]) -> None:
    """Every file of the cluster is the one that was copied, and none is missing."""
    program = wheel_programs().postgres / "bin" / "pg_verifybackup"
    words = (str(program), "--progress", str(contents.cluster))
    why = followed(words, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, reached)
    if why is not None:
        raise Damaged(f"{contents.cluster} is not as it was taken: {why}.")
