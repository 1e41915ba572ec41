"""Problems and replies: what went wrong, in words that stay, and never with what was refused."""

import orjson
import pytest
from pydantic import ValidationError

from contracts.reservation.commands import BookingCreate
from contracts.tenant.commands import SettingsUpdate
from contracts.wire.problems import CODES, KEPT_STATUSES, MOST_FIELD_ERRORS, Problem, problem_of
from contracts.wire.reply import Reply, decode_reply, refusal
from contracts.wire.strict import Instant, Message

ID = "019342c0-0000-7000-8000-000000000001"
BOOKING = {
    "resource_id": ID,
    "starts_at": "2026-11-24T09:00:00Z",
    "ends_at": "2026-11-24T10:00:00Z",
}


class Crowd(Message):
    """Something with many mistakes before the one that leads."""

    many: tuple[int, ...]
    last: Instant


def problem(message: type[Message], body: bytes) -> Problem:
    with pytest.raises(ValidationError) as caught:
        message.model_validate_json(body)
    return problem_of(caught.value)


@pytest.mark.parametrize(
    ("changed", "code", "error"),
    [
        ({"colour": "red"}, "unknown_field", ("colour", "unknown_field")),
        ({"starts_at": "2026-11-24T09:00:00"}, "naive_datetime", ("starts_at", "naive_datetime")),
        ({"starts_at": None}, "validation_failed", ("starts_at", "invalid_datetime")),
        ({"starts_at": 1_795_000_000}, "validation_failed", ("starts_at", "invalid_datetime")),
        ({"starts_at": "1999-12-31T23:59:59Z"}, "validation_failed", ("starts_at", "year_out")),
        ({"starts_at": "2026-11-24 09:00:00Z"}, "validation_failed", ("starts_at", "invalid_d")),
        ({"starts_at": "2026-11-24T09:00Z"}, "validation_failed", ("starts_at", "invalid_d")),
        ({"quantity": "2"}, "validation_failed", ("quantity", "invalid_value")),
        ({"quantity": True}, "validation_failed", ("quantity", "invalid_value")),
        ({"quantity": 1.0}, "validation_failed", ("quantity", "invalid_value")),
        ({"resource_id": "none"}, "validation_failed", ("resource_id", "invalid_value")),
        ({"resource_id": None}, "validation_failed", ("", "one_of")),
        ({"category_id": ID}, "validation_failed", ("", "one_of")),
        ({"notes": "a\u0007b"}, "validation_failed", ("notes", "control_character")),
        ({"attributes": {"a": 2**63}}, "validation_failed", ("attributes", "number_out")),
    ],
)
def test_each_mistake_has_its_code(
    changed: dict[str, object], code: str, error: tuple[str, str]
) -> None:
    """A field that is wrong is named with its code; the leading mistake is the problem's code."""
    found = problem(BookingCreate, orjson.dumps({**BOOKING, **changed}))
    assert (found.code, found.status) == (code, 400)
    assert found.errors[0].field == error[0]
    assert found.errors[0].code.startswith(error[1])


def test_what_is_missing_is_named() -> None:
    """Every missing field is in `errors`."""
    found = problem(BookingCreate, b"{}")
    assert {(one.field, one.code) for one in found.errors} >= {
        ("starts_at", "missing_field"),
        ("ends_at", "missing_field"),
    }


@pytest.mark.parametrize("body", [b"", b"{", b"[1", b"\xff", b"[" * 500])
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    """A body that no JSON reader takes is `malformed_json`, however deep or broken it is."""
    assert problem(BookingCreate, body).code == "malformed_json"


@pytest.mark.parametrize("zone", ["Mars/Phobos", "Factory", "america/sao_paulo"])
def test_a_zone_is_of_the_iana_database(zone: str) -> None:
    """An unknown zone leads over the other mistakes of the body."""
    patch = {"timezone": zone, "slot_interval_minutes": 1}
    found = problem(SettingsUpdate, orjson.dumps({"tenant_id": ID, "patch": patch}))
    assert found.code == "unknown_timezone"
    assert len(found.errors) == 2


def test_a_refusal_never_says_what_was_refused() -> None:
    """The value that was sent is in no part of the problem: it may be a secret."""
    found = problem(BookingCreate, orjson.dumps({**BOOKING, "quantity": "hunter2-hunter2"}))
    assert "hunter2" not in found.model_dump_json()


def test_a_document_is_a_problem_of_rfc_9457() -> None:
    """It has type, title, status, detail, instance, code and trace id, and the code's extras."""
    found = Problem(code="booking_conflict", detail="The time is taken.", extra={"conflicts": []})
    document = found.document(instance="/reservations/bookings/", trace_id="t", language="pt-BR")
    assert document == {
        "type": "urn:slotstream:problem:booking_conflict",
        "title": "O horário está ocupado",
        "status": 409,
        "detail": "The time is taken.",
        "instance": "/reservations/bookings/",
        "code": "booking_conflict",
        "trace_id": "t",
        "conflicts": [],
    }


def test_codes_are_words_with_titles() -> None:
    """Every code is snake_case, has a status of an error, and a title in both languages."""
    for code, (status, title, title_pt) in CODES.items():
        assert code.replace("_", "").isalnum()
        assert code == code.lower()
        assert 400 <= status < 600
        assert title
        assert title_pt


def test_only_outcomes_are_kept() -> None:
    """400, 404 and 409 are outcomes that a repetition gets again; 401, 403, 412, 422, 5xx not."""
    kept = {status for status, _, _ in CODES.values()} & KEPT_STATUSES
    assert kept == {400, 404, 409}
    assert Reply(201).kept
    assert not Reply(412).kept


def test_a_reply_survives_its_stream() -> None:
    """Body or problem, status and `replayed` come back as they were."""
    for reply in (
        Reply(201, {"id": ID}, replayed=True),
        Reply(204),
        refusal(Problem(code="not_found", extra={"a": 1}), "trace"),
    ):
        assert decode_reply(reply.encode()) == reply


def test_of_very_many_mistakes_the_first_are_listed() -> None:
    """Which gives the problem its code is among them, wherever it stood; the number is told, and a
    name is not repeated in full."""
    nonsense = {f"field{n}": "x" for n in range(5_000)}
    many = orjson.dumps({**BOOKING, "quantity": "2", "y" * 10_000: 1, **nonsense})
    found = problem(BookingCreate, many)
    assert found.code == "unknown_field"
    assert len(found.errors) == MOST_FIELD_ERRORS
    assert "5002 errors in all" in found.detail
    assert max(len(one.field) for one in found.errors) < 200
    late = problem(Crowd, orjson.dumps({"many": ["x"] * 500, "last": "2026-11-24T09:00:00"}))
    assert late.code == "naive_datetime"
    assert (late.errors[0].field, late.errors[0].code) == ("last", "naive_datetime")
    assert (len(late.errors), late.detail.endswith("501 errors in all")) == (50, True)
