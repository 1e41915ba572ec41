"""What an operator does by a tool is in the platform's trail."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from contracts.subscriber.audit import AuditNotice
from contracts.wire.codec import decode
from contracts.wire.envelope import SYSTEM
from ops.command_line import main
from ops.commands import signing
from tests.gateway.server import ValkeyServer


@pytest.fixture
def running(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A folder whose installation has this Redis."""
    server = ValkeyServer()
    server.start()
    (tmp_path / "endpoints.json").write_text(json.dumps({"redis": server.url}))
    yield server
    server.remove()


def rotate(monkeypatch: pytest.MonkeyPatch, folder: Path, *, revoke: bool) -> None:
    """`keys rotate`, in an installation whose keys are these."""
    monkeypatch.setattr(signing, "put_new_key", lambda _folder, revoke: ("old", "new"))
    monkeypatch.setenv("ENV_FILE", "")
    monkeypatch.setenv("DATA_DIR", str(folder))
    assert main(["keys", "rotate", *(["--revoke"] if revoke else [])]) == 0


@pytest.mark.parametrize(("revoke", "kind"), [(False, "keys.rotated"), (True, "keys.revoked")])
def test_a_rotation_is_recorded(
    running: ValkeyServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    revoke: bool,
    kind: str,
) -> None:
    """By the operator, about the key that was replaced, for the platform."""
    rotate(monkeypatch, tmp_path, revoke=revoke)
    with redis.Redis.from_url(running.url) as client:
        entries: Any = client.xrange("audit.commands")
    ((_, fields),) = entries
    notice = decode(fields)
    assert (notice.actor, notice.tenant_id, notice.channel) == (SYSTEM, None, "tool")
    said = AuditNotice.model_validate_json(notice.data)
    assert (said.event_type, said.outcome, said.subject) == (kind, "succeeded", "key/old")
    assert said.requested_by.actor.label == "system:operator"


def test_where_nothing_runs_it_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The keys are rotated all the same, and the operator is told that no record says so."""
    for content in ("", '{"redis": "redis://127.0.0.1:1/0"}'):
        (tmp_path / "endpoints.json").write_text(content)
        rotate(monkeypatch, tmp_path, revoke=False)
        assert "the audit trail does not say so" in capsys.readouterr().out
