"""Keys in a volume that changes as Kubernetes changes a secret's: by the swap of one link.

There each file is a link to `..data/<name>`, and `..data` a link to a folder of its own for each
version of the secret; the folder of the version before is deleted (kubelet's AtomicWriter).
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from gateway.edge.tokens import InvalidToken, KeyFile, Verifier
from handlers.user.access_tokens import TokenIssuer
from ops.alone import Alone
from ops.keys import SigningKeys, signing_keys
from ops.settings import Settings

TENANT, USER, SESSION = (UUID(int=number) for number in (1, 2, 3))
FILES = ("jwt_private_key.pem", "jwks.json")


class Volume:
    """A folder as a pod sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions = 0
        folder.mkdir()
        self.put()
        for name in FILES:
            (folder / name).symlink_to(Path("..data") / name)

    def put(self) -> None:
        """Another pair of keys stands there; nothing of the one before does."""
        self._versions += 1
        version = self.folder / f"..{self._versions}"
        signing_keys(None, None, version)
        link = self.folder / "..data"
        before = link.resolve() if link.is_symlink() else None
        (self.folder / "..data_tmp").symlink_to(version.name)
        (self.folder / "..data_tmp").replace(link)
        if before is not None:
            shutil.rmtree(before)


def given_to(process: str, volume: Volume) -> SigningKeys:
    """The files that a process is told of, where the settings name those of the volume."""
    private, published = (volume.folder / name for name in FILES)
    if process == "supervisor":
        return signing_keys(private, published, volume.folder.parent / "keys")
    said = {"JWT_PRIVATE_KEY_FILE": str(private), "JWT_JWKS_FILE": str(published)}
    return Alone(Settings.read(said), {}, {}, volume.folder.parent).pair_of_keys()


@pytest.mark.parametrize("process", ["supervisor", "alone"])
def test_another_secret_is_followed(process: str, tmp_path: Path) -> None:
    """Who signs and who verifies meet the new pair within a second: a new token is good, and one
    that the old pair signed is not."""
    volume, clock = Volume(tmp_path / "volume"), [0.0]
    keys = given_to(process, volume)
    issuer = TokenIssuer(keys.private_key_file, lambda: clock[0])
    verifier = Verifier(KeyFile(keys.jwks_file, lambda: clock[0]), "slotstream", "slotstream")
    old = token(issuer)
    assert verifier.identity(old).tenant_id == TENANT
    volume.put()
    clock[0] = 1.1
    assert verifier.identity(token(issuer)).tenant_id == TENANT
    with pytest.raises(InvalidToken, match="kid"):
        verifier.identity(old)


def token(issuer: TokenIssuer) -> str:
    return issuer.issue(
        tenant_id=TENANT,
        user_id=USER,
        session_id=SESSION,
        roles=("customer",),
        permissions=("resource.read",),
        now=datetime.now(UTC),
    )
