"""The archive of a tenant: rows as JSON Lines in a tar, and a manifest that says what is there.

    tenant/settings/000001.jsonl … subscriber/report_calendar/000001.jsonl, manifest.json

It is written and read from front to back, a part of a table at a time.
"""

import hashlib
import io
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import IO, Any, BinaryIO, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from ops.errors import Damaged
from ops.tenants.sealing import OpeningReader, SealingWriter

FORMAT = 1
MANIFEST = "manifest.json"
PART_BYTES = 4 << 20


class Contents(BaseModel):
    """How many rows there are of a table, and the SHA-256 of all their lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: int
    sha256: str


class Manifest(BaseModel):
    """Whose archive it is, and at which revisions the databases stood. `id` is the archive's own:
    it is imported once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    id: UUID
    tenant_id: UUID
    slug: str
    name: str
    status: str
    exported_at: datetime
    revisions: Mapping[str, str]
    tables: Mapping[str, Contents]

    @property
    def digest(self) -> str:
        """Two archives with the same one say the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Sums:
    """Rows and checksums of the tables that went by."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._digests: dict[str, Any] = {}

    def see(self, table: str, lines: bytes) -> None:
        self._digests.setdefault(table, hashlib.sha256()).update(lines)
        self._rows[table] += lines.count(b"\n")

    def contents(self) -> dict[str, Contents]:
        return {
            table: Contents(rows=self._rows[table], sha256=digest.hexdigest())
            for table, digest in self._digests.items()
        }


class ArchiveWriter:
    """Open between `with`; an archive is whole once its manifest is in it."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._sealed = SealingWriter(file, passphrase)
        sealed = cast(IO[bytes], self._sealed)
        self._tar = tarfile.open(fileobj=sealed, mode="w|gz")  # noqa: SIM115 - closed by __exit__
        self._parts: Counter[str] = Counter()
        self._held: list[bytes] = []
        self.sums = Sums()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self._tar.close()
            self._sealed.close()

    def add(self, table: str, rows: Sequence[str]) -> None:
        """Rows of `context/table`; all of one come before the next one's."""
        lines = "".join(f"{row}\n" for row in rows).encode()
        self.sums.see(table, lines)
        self._held.append(lines)
        if sum(map(len, self._held)) >= PART_BYTES:
            self.end(table)

    def end(self, table: str) -> None:
        """What is held of the table is in the archive."""
        if any(self._held):
            self._parts[table] += 1
            self._put(f"{table}/{self._parts[table]:06}.jsonl", b"".join(self._held))
        self._held.clear()

    def finish(self, manifest: Manifest) -> None:
        self._put(MANIFEST, manifest.model_dump_json(indent=2).encode())

    def _put(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, io.BytesIO(content))


class ArchiveReader:
    """Reads an archive once; `manifest` is there when all `parts` have been taken, and then they
    are known to be what it says."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._opened = OpeningReader(file, passphrase)
        self._manifest: Manifest | None = None

    @property
    def manifest(self) -> Manifest:
        if self._manifest is None:
            raise Damaged("The archive has no manifest.")
        return self._manifest

    def parts(self) -> Iterator[tuple[str, list[str]]]:
        """`context/table` and some of its rows."""
        sums = Sums()
        try:
            with tarfile.open(fileobj=cast(IO[bytes], self._opened), mode="r|gz") as tar:
                for member in tar:
                    inside = tar.extractfile(member)
                    content = b"" if inside is None else inside.read()
                    if member.name == MANIFEST:
                        self._manifest = _manifest_of(content)
                        continue
                    table = member.name.rpartition("/")[0]
                    sums.see(table, content)
                    yield table, content.decode().split("\n")[:-1]
            self._opened.read()
        except (tarfile.TarError, zlib.error, EOFError, UnicodeDecodeError) as wrong:
            raise Damaged(f"The archive cannot be read: {wrong}.") from wrong
        told = {name: found for name, found in self.manifest.tables.items() if found.rows}
        if told != sums.contents():
            raise Damaged("The archive does not hold what its manifest says.")


def _manifest_of(content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Damaged(f"The archive's manifest cannot be used: {where} {first['msg']}.") from wrong
