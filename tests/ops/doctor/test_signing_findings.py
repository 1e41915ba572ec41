"""What the doctor finds about the keys that tokens are signed with."""

import os
from pathlib import Path

import pytest

from ops.alone import Alone
from ops.doctor.finding import Finding
from ops.doctor.signing import keys
from ops.keys import signing_keys
from ops.settings import Settings


def found(folder: Path, said: dict[str, str] | None = None) -> Finding:
    (one,) = keys(Alone(Settings.read(said or {}), {}, {}, folder))
    return one


def test_kept_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made at the first start, they belong together from then on, and are missed. Who may not read
    the private one cannot tell."""
    assert found(tmp_path).state == "skip"
    made = signing_keys(None, None, tmp_path / "keys")
    assert found(tmp_path).state == "ok"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert found(tmp_path).state == "skip"
    monkeypatch.undo()
    made.private_key_file.unlink()
    lost = found(tmp_path)
    assert (lost.state, str(made.private_key_file) in lost.said) == ("fail", True)


def test_given_keys(tmp_path: Path) -> None:
    """A set that lacks the key that signs would have every token refused."""
    mine = signing_keys(None, None, tmp_path / "mine")
    others = signing_keys(None, None, tmp_path / "others")
    private = {"JWT_PRIVATE_KEY_FILE": str(mine.private_key_file)}
    assert found(tmp_path, private).state == "ok"
    assert found(tmp_path, {**private, "JWT_JWKS_FILE": str(mine.jwks_file)}).state == "ok"
    apart = found(tmp_path, {**private, "JWT_JWKS_FILE": str(others.jwks_file)})
    assert (apart.state, "lacks the key of" in apart.said) == ("fail", True)
    others.jwks_file.write_text("{}", encoding="ascii")
    broken = found(tmp_path, {**private, "JWT_JWKS_FILE": str(others.jwks_file)})
    assert "does not hold a set of public keys" in broken.said
