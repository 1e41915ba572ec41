"""Who is told where spans go, and which settings of it are refused."""

from pathlib import Path

import pytest

from ops.errors import StartupError
from ops.keys import SigningKeys
from ops.lineup import Lineup
from ops.settings import Settings

TRACED = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example:4318",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=canary",
    "KAFKA_BOOTSTRAP_SERVERS": "a.example:9092",
}


def lineup(said: dict[str, str]) -> Lineup:
    keys = SigningKeys(Path("private"), Path("public"))
    return Lineup(Settings.read(said), said, "x" * 32, keys, "redis://nowhere", ())


def test_those_that_last_are_told(tmp_path: Path) -> None:
    """Headers by value or by file; what runs once at the start traces nothing, and is told
    neither."""
    path = tmp_path / "headers"
    path.write_text("authorization=canary\n", encoding="ascii")
    by_file = {name: said for name, said in TRACED.items() if not name.endswith("HEADERS")}
    by_file["OTEL_EXPORTER_OTLP_HEADERS_FILE"] = str(path)
    for said in (TRACED, by_file):
        found = lineup(said)
        lasting = (
            *found.gateways(),
            *found.handlers(),
            found.relay(),
            *found.subscribers(),
            *found.mirrors(),
        )
        for part in lasting:
            assert part.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == said[next(iter(said))]
            assert part.environment["OTEL_EXPORTER_OTLP_HEADERS"] == "authorization=canary"
            assert "OTEL_EXPORTER_OTLP_HEADERS_FILE" not in part.environment
        for part in (found.prepare_streams(), found.ensure_administrator()):
            assert part.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == ""
        for part in (
            found.prepare_streams(),
            found.ensure_administrator(),
            found.demonstration(),
            found.migrate(()),
        ):
            assert "canary" not in str(part.environment)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://collector:4317"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://who:secret@collector:4318"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_TRACES_SAMPLER_ARG", "some"),
        ("OTEL_SERVICE_NAME", "a shop"),
    ],
)
def test_what_cannot_be_used_is_refused(name: str, wrong: str) -> None:
    """One sentence that names it, before anything is started, and does not repeat it."""
    with pytest.raises(StartupError, match=f"^{name} cannot be used") as told:
        Settings.read({name: wrong})
    assert wrong not in str(told.value)
