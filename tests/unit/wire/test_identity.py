"""Ids: which requests are the same, and which can never be taken for one another."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.wire.identity import (
    command_id_for_key,
    command_id_for_object,
    derived_key,
    fingerprint,
    new_id,
    object_id_for_command,
)

SALON = UUID("019342c0-0000-7000-8000-0000000000aa")
CLINIC = UUID("019342c0-0000-7000-8000-0000000000bb")
WORDS = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20)


def test_equal_requests_have_equal_ids() -> None:
    """The same tenant, principal, method, route and key: the same command."""
    request = (SALON, "user:1", "POST", "/reservations/bookings", "k-1")
    assert command_id_for_key(*request) == command_id_for_key(*request)


def test_any_difference_makes_another_command() -> None:
    """Another tenant, principal, method, route or key cannot occupy or meet one's own id."""
    ids = {
        command_id_for_key(SALON, "user:1", "POST", "/bookings", "k-1"),
        command_id_for_key(CLINIC, "user:1", "POST", "/bookings", "k-1"),
        command_id_for_key(SALON, "user:2", "POST", "/bookings", "k-1"),
        command_id_for_key(SALON, "user:1", "PUT", "/bookings", "k-1"),
        command_id_for_key(SALON, "user:1", "POST", "/users", "k-1"),
        command_id_for_key(SALON, "user:1", "POST", "/bookings", "k-2"),
    }
    assert len(ids) == 6


@given(st.tuples(WORDS, WORDS, WORDS, WORDS), st.tuples(WORDS, WORDS, WORDS, WORDS))
def test_parts_do_not_run_into_each_other(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    """Two requests share an id only if they are equal part by part."""
    assert (command_id_for_key(SALON, *one) == command_id_for_key(SALON, *other)) == (one == other)


def test_a_named_object_and_a_key_never_meet() -> None:
    """A creation by the object's own id is another command than one whose key is that id."""
    named = command_id_for_object(SALON, "user:1", "POST", "/bookings", CLINIC)
    keyed = command_id_for_key(SALON, "", "POST", "/bookings", str(CLINIC))
    assert named != keyed
    assert named != command_id_for_object(CLINIC, "user:1", "POST", "/bookings", CLINIC)
    assert named != command_id_for_object(SALON, "user:2", "POST", "/bookings", CLINIC)


def test_a_repetition_creates_the_same_object() -> None:
    """The object's id follows from its command's, each part of a command having its own."""
    command = new_id()
    assert object_id_for_command(command) == object_id_for_command(command)
    assert object_id_for_command(command) != object_id_for_command(command, "owner")
    assert object_id_for_command(command) != command


def test_new_ids_are_in_the_order_of_time() -> None:
    """A UUIDv7 made later sorts later, so that indexes grow at their right edge."""
    made = [new_id() for _ in range(100)]
    assert made == sorted(made)
    assert {one.version for one in made} == {7}


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_a_fingerprint_tells_parts_apart(one: list[bytes], other: list[bytes]) -> None:
    """A request's fingerprint is another one's only if every part is equal, borders included."""
    key = derived_key("secret", "fingerprint")
    assert (fingerprint(key, *one) == fingerprint(key, *other)) == (one == other)


def test_no_two_purposes_share_a_key() -> None:
    """Keys differ by label and by secret, and have 32 bytes."""
    keys = {derived_key(secret, label) for secret in ("a", "b") for label in ("cursor", "sealing")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
