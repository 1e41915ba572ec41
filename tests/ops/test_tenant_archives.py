"""A tenant's archive: nobody reads it without its passphrase, nobody takes or changes a byte."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.wire.identity import new_id
from ops.command_line import main
from ops.errors import Damaged, Refused
from ops.tenants.archive import ArchiveReader, ArchiveWriter, Manifest
from ops.tenants.importing import named
from ops.tenants.sealing import CHUNK, MAGIC, SALT, OpeningReader, SealingWriter

PASSPHRASE = "correct horse battery"
# Lines that end where Python's own splitting sees more of them than there are.
ROWS = ['{"a": 1}', '{"a": "\u2028\x85"}', '{"a": "é"}']


def sealed(plain: bytes) -> bytes:
    file = io.BytesIO()
    writer = SealingWriter(file, PASSPHRASE)
    writer.write(plain)
    writer.close()
    return file.getvalue()


def archive(tables: dict[str, list[str]], *, tells: bool = True) -> bytes:
    file = io.BytesIO()
    with ArchiveWriter(file, PASSPHRASE) as made:
        for table, rows in tables.items():
            for at in range(0, len(rows), 500):
                made.add(table, rows[at : at + 500])
            made.end(table)
        manifest = Manifest(
            format=1,
            id=new_id(),
            tenant_id=new_id(),
            slug="salon",
            name="Salon",
            status="active",
            exported_at=datetime.now(UTC),
            revisions={},
            tables=made.sums.contents() if tells else {},
        )
        made.finish(manifest)
    return file.getvalue()


def read(content: bytes) -> list[tuple[str, list[str]]]:
    return list(ArchiveReader(io.BytesIO(content), PASSPHRASE).parts())


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_is_opened(size: int) -> None:
    """Byte for byte, however many there are and however they are asked for."""
    plain = bytes(number % 251 for number in range(size))
    content = sealed(plain)
    assert OpeningReader(io.BytesIO(content), PASSPHRASE).read() == plain
    in_steps = OpeningReader(io.BytesIO(content), PASSPHRASE)
    assert b"".join(iter(lambda: in_steps.read(10_000), b"")) == plain


def test_two_archives_of_the_same_are_not_alike() -> None:
    """Nobody can tell from outside that nothing has changed."""
    first, second = sealed(b"the same"), sealed(b"the same")
    assert first[: len(MAGIC)] == second[: len(MAGIC)]
    assert first[len(MAGIC) :] != second[len(MAGIC) :]
    assert b"the same" not in first


def test_another_passphrase_is_told_from_a_damage() -> None:
    """Whoever mistyped it knows."""
    reader = OpeningReader(io.BytesIO(sealed(b"x")), "another passphrase")
    with pytest.raises(Refused, match="passphrase"):
        reader.read()


CONTENT = sealed(b"a" * (2 * CHUNK) + b"b")


# Each opening costs what a guess costs.
@settings(max_examples=25)
@given(at=st.integers(0, len(CONTENT) - 1), by=st.integers(1, 255))
def test_a_changed_byte_is_found(at: int, by: int) -> None:
    """Wherever it is."""
    changed = bytearray(CONTENT)
    changed[at] ^= by
    with pytest.raises((Damaged, Refused)):
        OpeningReader(io.BytesIO(bytes(changed)), PASSPHRASE).read()


@pytest.mark.parametrize("left", [0, 5, len(MAGIC) + SALT, len(MAGIC) + SALT + 5 + CHUNK + 16])
def test_what_is_missing_is_found(left: int) -> None:
    """Also where it was cut between two chunks; and so is what was added."""
    for content in (CONTENT[:left], CONTENT[:-1], CONTENT + b"x"):
        with pytest.raises((Damaged, Refused)):
            OpeningReader(io.BytesIO(content), PASSPHRASE).read()


def test_rows_come_back_as_they_were() -> None:
    """In parts of their tables, in their order."""
    many = [f'{{"n": {number}, "text": "{"x" * 1000}"}}' for number in range(10_000)]
    parts = read(archive({"tenant/tenant": ROWS, "user/account": many}))
    assert parts[0] == ("tenant/tenant", ROWS)
    assert len(parts) > 2
    assert [row for table, rows in parts if table == "user/account" for row in rows] == many


def test_what_the_manifest_does_not_say_is_no_archive() -> None:
    """Rows that it does not count, and an archive without one."""
    with pytest.raises(Damaged, match="does not hold what its manifest says"):
        read(archive({"tenant/tenant": ROWS}, tells=False))
    file = io.BytesIO()
    writer = SealingWriter(file, PASSPHRASE)
    tarfile.open(fileobj=writer, mode="w|gz").close()  # type: ignore[call-overload]
    writer.close()
    with pytest.raises(Damaged, match="no manifest"):
        read(file.getvalue())


def test_what_is_no_tar_is_said_to_be_none() -> None:
    """One sentence and no traceback."""
    with pytest.raises(Damaged, match="cannot be read"):
        read(sealed(b"something else"))


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("export", "salon", "--to", "{made}"), 1, "is there already"),
        (("export", "salon", "--to", "{new}/deeper"), 1, "There is no folder"),
        (("export", "salon", "--to", "{new}", "--passphrase-file", "{short}"), 2, "12 characters"),
        (("export", "salon", "--to", "{new}"), 2, "--passphrase-file"),
        (("import", "{new}"), 2, "does not exist"),
        (("import", "{made}", "--passphrase-file", "{phrase}"), 1, "no installation is up on"),
    ],
)
def test_what_cannot_be_done_is_said_before_it_is_begun(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    status: int,
    says: str,
) -> None:
    """One sentence; a mistake in the words is told from what cannot be."""
    monkeypatch.setenv("ENV_FILE", "")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("REDIS_URL", raising=False)
    files = {name: str(tmp_path / name) for name in ("made", "new", "short", "phrase")}
    for name, content in (("made", ""), ("short", "too short"), ("phrase", PASSPHRASE)):
        Path(files[name]).write_text(content)
    assert main(["tenant", *(word.format(**files) for word in words)]) == status
    assert says in " ".join(capsys.readouterr().err.split())
    assert not Path(files["new"]).exists()


def test_an_archive_gives_a_tenant_nobody_elses_name() -> None:
    """People sign in by what the directory says: it gets the tenant's own slug, whatever stands in
    the archive; a tenant's row with another one is refused."""
    manifest = Manifest(
        format=1,
        id=new_id(),
        tenant_id=new_id(),
        slug="salon",
        name="Salon",
        status="active",
        exported_at=datetime.now(UTC),
        revisions={},
        tables={},
    )
    rows = ['{"slug": "clinic", "status": "active", "version": 9000000000000000000}']
    (kept,) = named("user/tenant_directory", rows, manifest)
    assert orjson.loads(kept) == orjson.loads(rows[0]) | {"slug": "salon"}
    with pytest.raises(Damaged, match="slug"):
        named("tenant/tenant", rows, manifest)
    assert named("resource/resource", rows, manifest) is rows
