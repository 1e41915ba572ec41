"""Sealing: what is secret is closed on the wire, opened by its keys, and changed by nobody."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import COMMANDS
from contracts.wire.reply import Reply, decode_reply, sealed
from contracts.wire.sealing import (
    OF_JSON,
    PREFIX,
    Keyring,
    Unopenable,
    open_fields,
    seal_fields,
    sealed_paths,
)

KEYRING = Keyring("the secret of this installation, and only of this one")
BODY = b'{"email":"ana@salon.example","owner":{"password":"a long phrase"},"n":[1,2]}'
PATHS = ("email", "owner.password", "owner.absent", "n.password", "absent")


@given(st.binary(max_size=200))
def test_what_is_sealed_can_be_opened(plain: bytes) -> None:
    """Opening gives back what was sealed; two seals of the same text differ."""
    closed = KEYRING.seal(plain)
    assert KEYRING.open(closed) == plain
    assert closed != KEYRING.seal(plain)


def test_only_the_named_fields_are_closed() -> None:
    """Fields at the given paths are closed and opened again; what is not there is no mistake."""
    closed = seal_fields(BODY, PATHS, KEYRING)
    document = orjson.loads(closed)
    assert document["email"].startswith(PREFIX)
    assert document["owner"]["password"].startswith(PREFIX)
    assert document["n"] == [1, 2]
    assert b"ana@" not in closed
    assert orjson.loads(open_fields(closed, PATHS, KEYRING)) == orjson.loads(BODY)


def test_sealing_twice_is_sealing_once() -> None:
    """A message that is sealed already is passed on as it is."""
    closed = seal_fields(BODY, PATHS, KEYRING)
    assert orjson.loads(seal_fields(closed, PATHS, KEYRING)) == orjson.loads(closed)


def test_keys_rotate() -> None:
    """The new key seals, the old one still opens; without it nothing of it can be read."""
    old, new = Keyring("old"), Keyring("new", "old")
    assert new.open(old.seal(b"x")) == b"x"
    with pytest.raises(Unopenable):
        old.open(new.seal(b"x"))


@given(st.text(max_size=60))
def test_what_was_not_sealed_here_is_unopenable(text: str) -> None:
    """Any other text raises Unopenable and nothing else."""
    for candidate in (text, f"{PREFIX}{text}", f"{PREFIX}{KEYRING.seal(b'').split(':')[1]}:{text}"):
        with pytest.raises(Unopenable):
            KEYRING.open(candidate)


def test_a_changed_seal_is_unopenable() -> None:
    """A ciphertext with one character changed is refused."""
    closed = KEYRING.seal(b"a long phrase")
    other = "A" if closed[-10] != "A" else "B"
    with pytest.raises(Unopenable):
        KEYRING.open(closed[:-10] + other + closed[-9:])


def test_a_sealed_reply_needs_its_key() -> None:
    """A private reply is opened by the keyring, and by nobody without one."""
    reply = Reply(200, {"access_token": "t"})
    closed = sealed(reply.encode(), KEYRING)
    assert b"access_token" not in closed
    assert decode_reply(closed, KEYRING) == reply
    with pytest.raises(ValueError, match="keyring"):
        decode_reply(closed)


def test_passwords_and_tokens_are_marked_secret() -> None:
    """No command carries a password or a refresh token in clear."""
    for command in COMMANDS.values():
        for name in ("password", "refresh_token"):
            if name in command.model_fields:
                assert name in command.secret_fields, command.type
    assert "owner.password" in COMMANDS["tenant.create"].secret_fields


def test_every_field_of_every_object_in_a_list_is_closed() -> None:
    """A path leads through lists, and closes any value that says something, whatever its type."""
    body = (
        b'{"bookings":[{"notes":"n","attributes":{"a":[1,null]}},{"notes":""},{"attributes":{}},7]}'
    )
    paths = ("bookings.notes", "bookings.attributes")
    closed = seal_fields(body, paths, KEYRING)
    first, second, third, fourth = orjson.loads(closed)["bookings"]
    assert first["notes"].startswith(PREFIX)
    assert first["attributes"].startswith(OF_JSON)
    assert (second, third, fourth) == ({"notes": ""}, {"attributes": {}}, 7)
    assert orjson.loads(open_fields(closed, paths, KEYRING)) == orjson.loads(body)
    assert seal_fields(closed, paths, KEYRING) == closed


def test_what_looks_sealed_is_found() -> None:
    """A client that sends such a text in a secret field is told which."""
    body = b'{"notes":"sealed:x","bookings":[{"attributes":"sealed-json:y"}],"name":"sealed:z"}'
    assert sealed_paths(body, ("notes", "bookings.attributes", "absent")) == [
        "notes",
        "bookings.attributes",
    ]


def test_words_about_people_are_marked_secret() -> None:
    """No command carries free text or attributes of a booking or a user in clear."""
    for command in COMMANDS.values():
        for name in ("notes", "reason", "attributes", "phone"):
            if name in command.model_fields and command.context in ("user", "reservation"):
                assert name in command.secret_fields, command.type
