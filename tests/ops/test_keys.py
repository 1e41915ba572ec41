"""Secrets are made once, kept closed, and derived the same everywhere."""

import base64
import hashlib
import hmac
import json
import stat
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ops.errors import StartupError
from ops.keys import SigningKeys, kept_secret, role_password, rotate, signing_keys


def test_secret_is_made_once(tmp_path: Path) -> None:
    """The second question gets the first one's secret, from a file that only its owner reads."""
    first = kept_secret(tmp_path / "secrets", "one")
    assert kept_secret(tmp_path / "secrets", "one") == first
    assert kept_secret(tmp_path / "secrets", "other") != first
    assert stat.S_IMODE((tmp_path / "secrets" / "one").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_cut_secret_is_refused(tmp_path: Path) -> None:
    """A secret that was cut short is not quietly replaced: the data behind it needs the old."""
    (tmp_path / "one").write_text("", encoding="ascii")
    with pytest.raises(StartupError, match="restore it from a backup"):
        kept_secret(tmp_path, "one")


def test_role_password() -> None:
    """HMAC-SHA256 of the secret key over `postgres:` and the role, in hexadecimal."""
    expected = hmac.new(b"key", b"postgres:slotstream_app", hashlib.sha256).hexdigest()
    assert role_password("key", "slotstream_app") == expected


def test_signing_keys_are_kept(tmp_path: Path) -> None:
    """The pair is made once; the set has its public half with the RFC 7638 thumbprint as `kid`."""
    keys = signing_keys(None, None, tmp_path / "keys")
    before = keys.private_key_file.read_bytes()
    assert stat.S_IMODE(keys.private_key_file.stat().st_mode) == 0o600
    assert signing_keys(None, None, tmp_path / "keys").private_key_file.read_bytes() == before
    (key,) = json.loads(keys.jwks_file.read_text(encoding="ascii"))["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")
    private = serialization.load_pem_private_key(before, password=None)
    assert isinstance(private, Ed25519PrivateKey)
    raw = private.public_key().public_bytes_raw()
    assert base64.urlsafe_b64decode(key["x"] + "=") == raw
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{key["x"]}"}}'.encode()
    assert base64.urlsafe_b64decode(key["kid"] + "=") == hashlib.sha256(canonical).digest()


def test_given_keys_are_used(tmp_path: Path) -> None:
    """Given files are used as they are, and nothing is made beside them."""
    given = signing_keys(None, None, tmp_path / "elsewhere")
    keys = signing_keys(given.private_key_file, given.jwks_file, tmp_path / "keys")
    assert keys == given
    assert not (tmp_path / "keys").exists()


def test_unusable_keys(tmp_path: Path) -> None:
    """A file that is no key, a key of another kind and a missing set are each one sentence."""
    file = tmp_path / "key.pem"
    file.write_text("nonsense", encoding="ascii")
    with pytest.raises(StartupError, match="does not hold a readable private key"):
        signing_keys(file, None, tmp_path)
    file.write_bytes(
        generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(StartupError, match="not Ed25519"):
        signing_keys(file, None, tmp_path)
    with pytest.raises(StartupError, match="which is not a file"):
        signing_keys(None, tmp_path / "none.json", tmp_path / "keys")


def test_a_rotation_publishes_before_it_signs(tmp_path: Path) -> None:
    """Both keys are published while the old one still signs; then the new one does, the old one
    stays published for an hour, and a restart in between changes nothing."""
    keys = signing_keys(None, None, tmp_path)
    before = keys.private_key_file.read_bytes()
    seen: list[bool] = []

    def meanwhile(_: float) -> None:
        seen.append(keys.private_key_file.read_bytes() == before and len(published(keys)) == 2)

    old, new = rotate(tmp_path, revoke=False, sleep=meanwhile)
    assert seen == [True]
    assert keys.private_key_file.read_bytes() != before
    assert stat.S_IMODE(keys.private_key_file.stat().st_mode) == 0o600
    for file in (keys.jwks_file, signing_keys(None, None, tmp_path).jwks_file):
        first, second = json.loads(file.read_bytes())["keys"]
        assert (first["kid"], "exp" in first) == (new, False)
        assert (second["kid"], 0 < second["exp"] - time.time() <= 3_600) == (old, True)
    _age(tmp_path)
    assert published(signing_keys(None, None, tmp_path)) == [new]


def test_a_revoked_key_is_gone_at_once(tmp_path: Path) -> None:
    """Whatever it signed is not believed any more, also of keys replaced before."""
    keys = signing_keys(None, None, tmp_path)
    rotate(tmp_path, revoke=False, sleep=lambda _: None)
    _, new = rotate(tmp_path, revoke=True, sleep=lambda _: None)
    assert published(keys) == [new]
    assert published(signing_keys(None, None, tmp_path)) == [new]


def test_there_has_to_be_a_key_to_rotate(tmp_path: Path) -> None:
    """A folder that no run has used yet is one sentence."""
    with pytest.raises(StartupError, match="run the installation first"):
        rotate(tmp_path, revoke=False)


def published(keys: SigningKeys) -> list[str]:
    return [key["kid"] for key in json.loads(keys.jwks_file.read_text(encoding="ascii"))["keys"]]


def _age(folder: Path) -> None:
    file = folder / "retired_keys.json"
    aged = [{**key, "retired_at": key["retired_at"] - 7200} for key in json.loads(file.read_text())]
    file.write_text(json.dumps(aged))
