"""What lies in a backup, and under which names."""

from dataclasses import dataclass
from pathlib import Path

from ops.errors import Damaged


@dataclass(frozen=True, slots=True)
class Contents:
    """The places in one backup folder."""

    folder: Path

    @property
    def redis_image(self) -> Path:
        """An RDB file: the keys of Redis at one instant."""
        return self.folder / "redis.rdb"

    @property
    def cluster(self) -> Path:
        """A data folder of PostgreSQL: all five databases and the roles at one, later, instant."""
        return self.folder / "postgres"

    @property
    def note(self) -> Path:
        """When it was taken, written last: without it the backup is not whole."""
        return self.folder / "backup.json"

    def kept(self, name: str) -> Path:
        """The copy of DATA_DIR's folder of that name."""
        return self.folder / name

    def refuse_incomplete(self) -> None:
        for path in (self.note, self.redis_image, self.cluster):
            if not path.exists():
                raise Damaged(f"{self.folder} is no whole backup: it lacks {path.name}.")


# Of DATA_DIR, beside the servers' own: without the secret key nothing that is sealed can be opened.
KEPT = ("secrets", "keys")
