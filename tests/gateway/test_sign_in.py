"""Forged, stale and misshapen credentials are refused; good ones are believed until they expire."""

import base64
import hashlib
import hmac
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.edge.tokens import InvalidToken, KeyFile, Verifier
from tests.gateway.house import House
from tests.gateway.signer import ACME, GLOBEX, Signer, encoded

READ = "resource:read"
Forgery = Callable[[Signer], str]


def _header(**changed: Any) -> Forgery:
    return lambda s: s.sign({**s.header(), **changed}, s.claims(READ))


def _claims(**changed: Any) -> Forgery:
    return lambda s: s.sign(s.header(), {**s.claims(READ), **changed})


def _in(**seconds: int) -> Forgery:
    """So many seconds from when it is forged."""

    def forged(s: Signer) -> str:
        now = int(time.time())
        return _claims(**{name: now + more for name, more in seconds.items()})(s)

    return forged


def _without(name: str) -> Forgery:
    return lambda s: s.sign(
        s.header(), {key: value for key, value in s.claims(READ).items() if key != name}
    )


def _header_without(name: str) -> Forgery:
    return lambda s: s.sign(
        {key: value for key, value in s.header().items() if key != name}, s.claims(READ)
    )


def _signed_by_none(s: Signer) -> str:
    header = encoded(orjson.dumps({"alg": "none", "typ": "at+jwt", "kid": s.kid}))
    return f"{header}.{encoded(orjson.dumps(s.claims(READ)))}."


def _signed_with_public_key(s: Signer) -> str:
    head = encoded(orjson.dumps({"alg": "HS256", "typ": "at+jwt", "kid": s.kid}))
    signed = f"{head}.{encoded(orjson.dumps(s.claims(READ)))}"
    return f"{signed}.{encoded(hmac.digest(s.public_raw, signed.encode(), hashlib.sha256))}"


def _signed_by_another(s: Signer) -> str:
    signed = s.token(READ).rpartition(".")[0]
    return f"{signed}.{encoded(Ed25519PrivateKey.generate().sign(signed.encode()))}"


def _own_key_in_header(s: Signer) -> str:
    own = Ed25519PrivateKey.generate()
    jwk = {**s.jwk(), "x": encoded(own.public_key().public_bytes_raw())}
    head = encoded(orjson.dumps({**s.header(), "jwk": jwk}))
    signed = f"{head}.{encoded(orjson.dumps(s.claims(READ)))}"
    return f"{signed}.{encoded(own.sign(signed.encode()))}"


def _other_claims_same_signature(s: Signer) -> str:
    head, _, signature = s.token(READ).split(".")
    return f"{head}.{encoded(orjson.dumps(s.claims(READ, tenant=GLOBEX)))}.{signature}"


def _spare_bits(s: Signer) -> str:
    """The last character of 64 bytes carries two bits; another spelling decodes to the same."""
    token = s.token(READ)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def _padded(s: Signer) -> str:
    return f"{s.token(READ)}=="


def _cut(s: Signer) -> str:
    return s.token(READ).rpartition(".")[0]


def _four_parts(s: Signer) -> str:
    return f"{s.token(READ)}.AAAA"


def _standard_alphabet(s: Signer) -> str:
    head, body, signature = s.token(READ).split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    return f"{head}.{body}.{base64.b64encode(raw).decode()}"


FORGERIES: dict[str, Forgery] = {
    "no algorithm": _signed_by_none,
    "alg none, signed": _header(alg="none"),
    "alg None in capitals": _header(alg="NONE"),
    "alg HS256 with the public key": _signed_with_public_key,
    "alg RS256": _header(alg="RS256"),
    "alg Ed25519": _header(alg="Ed25519"),
    "no alg": _header_without("alg"),
    "typ JWT": _header(typ="JWT"),
    "no typ": _header_without("typ"),
    "no kid": _header_without("kid"),
    "unknown kid": _header(kid="key-2"),
    "kid is a path": _header(kid="../../../../dev/null"),
    "kid is SQL": _header(kid="' OR 1=1 --"),
    "kid is a list": _header(kid=["key-1"]),
    "kid is null": _header(kid=None),
    "jku": _header(jku="https://evil.test/jwks.json"),
    "x5u": _header(x5u="https://evil.test/x.pem"),
    "x5c": _header(x5c=["AAAA"]),
    "own key in the header": _own_key_in_header,
    "crit": _header(crit=["exp"]),
    "unknown header": _header(zip="DEF"),
    "b64 false": _header(b64=False),
    "signed by another key": _signed_by_another,
    "claims of another tenant": _other_claims_same_signature,
    "signature spelled otherwise": _spare_bits,
    "signature in the standard alphabet, padded": _standard_alphabet,
    "padding": _padded,
    "no signature": _cut,
    "four parts": _four_parts,
    "header is no object": lambda s: s.sign(["EdDSA"], s.claims(READ)),  # type: ignore[arg-type]
    "claims are no object": lambda s: s.sign(s.header(), [s.claims(READ)]),
    "other issuer": _claims(iss="evil"),
    "other audience": _claims(aud="other"),
    "audience is a list": _claims(aud=["slotstream"]),
    "expired": _in(exp=-1),
    "expires as text": _claims(exp="9999999999"),
    "expires never": _claims(exp=None),
    "expires true": _claims(exp=True),
    "not valid yet": _in(nbf=3600),
    "issued tomorrow": _in(iat=86_400),
    "subject is no id": _claims(sub="root"),
    "subject is a number": _claims(sub=1),
    "tenant is no id": _claims(tid="acme"),
    "tenant is a list": _claims(tid=[str(ACME)]),
    "roles are text": _claims(roles="owner"),
    "roles hold a number": _claims(roles=[1]),
    "scope is a list": _claims(scope=[READ]),
    "session is empty": _claims(sid=""),
    "no tenant, no platform administrator": _without("tid"),
    **{
        f"no {name}": _without(name)
        for name in ("iss", "aud", "sub", "sid", "scope", "roles", "iat", "nbf", "exp", "jti")
    },
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forgery_is_refused(house: House, forgery: Forgery) -> None:
    """A token that is not to the letter what we sign gets 401 invalid_token."""
    headers = {"authorization": f"Bearer {forgery(house.signer)}"}
    answer = await house.client.get("/resources/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert house.peer.heard == []


CREDENTIALS = {
    "basic": "Basic YTpi",
    "no token": "Bearer ",
    "two tokens": "Bearer a.b.c d.e.f",
    "not a token": "Bearer token",
    "very long": "Bearer " + "a" * 9_000 + ".b.c",
    "odd bytes": "Bearer \xe9.b.c",
}


@pytest.mark.parametrize("value", CREDENTIALS.values(), ids=CREDENTIALS.keys())
async def test_other_credentials_are_refused(house: House, value: str) -> None:
    """What is no bearer token gets 401."""
    headers = {b"authorization": value.encode("latin-1")}
    answer = await house.client.get("/resources/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


async def test_the_scheme_is_case_insensitive(house: House) -> None:
    """`bearer` is Bearer (RFC 9110 §11.1)."""
    headers = {"authorization": f"bearer {house.signer.token(READ)}"}
    assert (await house.client.get("/resources/", headers=headers)).status_code == 200


async def test_a_wildcard_in_the_scope_gives_nothing(house: House) -> None:
    """`*` is the system's own permission, which no token can carry."""
    answer = await house.call("GET", "/resources/", "*")
    assert answer.status_code == 403


async def test_the_key_file_is_published_without_secrets(house: House) -> None:
    """/.well-known/jwks.json shows the public keys to anybody."""
    answer = await house.client.get("/.well-known/jwks.json")
    assert answer.json() == {"keys": [house.signer.jwk()]}


def test_a_verified_token_is_believed_until_it_expires(tmp_path: Path) -> None:
    """A remembered token ends when it expires, and not later."""
    signer = Signer(tmp_path / "jwks.json")
    now = time.time()
    clock = [now]
    verifier = Verifier(KeyFile(signer.jwks_file), "slotstream", "slotstream", lambda: clock[0])
    token = signer.token(READ, exp=int(now) + 10)
    assert verifier.identity(token) is verifier.identity(token)
    clock[0] = now + 11
    with pytest.raises(InvalidToken):
        verifier.identity(token)


def test_a_changed_key_file_is_met_within_a_second(tmp_path: Path) -> None:
    """After rotation the new key counts, and what the old one signed is not believed."""
    file = tmp_path / "jwks.json"
    old = Signer(file)
    clock = [0.0]
    verifier = Verifier(KeyFile(file, lambda: clock[0]), "slotstream", "slotstream")
    token = old.token(READ)
    verifier.identity(token)
    new = Signer(file, kid="key-2")
    verifier.identity(token)
    clock[0] = 1.1
    with pytest.raises(InvalidToken):
        verifier.identity(token)
    assert verifier.identity(new.token(READ)).tenant_id == ACME


def test_a_replaced_key_goes_when_its_time_is_over(tmp_path: Path) -> None:
    """By itself, though nobody touches the file: its private half may lie in a backup."""
    file = tmp_path / "jwks.json"
    old, new = Signer(file), Signer(tmp_path / "other.json", kid="key-2")
    clock, now = [0.0], [1_000.0]
    file.write_bytes(orjson.dumps({"keys": [new.jwk(), {**old.jwk(), "exp": 1_010}]}))
    verifier = Verifier(KeyFile(file, lambda: clock[0], lambda: now[0]), "slotstream", "slotstream")
    verifier.identity(old.token(READ))
    assert orjson.loads(verifier.public_keys()) == {"keys": [new.jwk(), old.jwk()]}
    clock[0], now[0] = 1.1, 1_009.9
    verifier.identity(old.token(READ))
    clock[0], now[0] = 2.2, 1_010.0
    with pytest.raises(InvalidToken):
        verifier.identity(old.token(READ))
    assert verifier.identity(new.token(READ)).tenant_id == ACME
    assert orjson.loads(verifier.public_keys()) == {"keys": [new.jwk()]}


def test_a_damaged_key_file_changes_nothing(tmp_path: Path) -> None:
    """A file that cannot be read leaves the keys as they were."""
    file = tmp_path / "jwks.json"
    signer = Signer(file)
    clock = [0.0]
    verifier = Verifier(KeyFile(file, lambda: clock[0]), "slotstream", "slotstream")
    file.write_text("{")
    os.utime(file, ns=(1, 1))
    clock[0] = 1.1
    assert verifier.identity(signer.token(READ)).tenant_id == ACME


def test_remembered_tokens_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tokens are shown, few are remembered."""
    monkeypatch.setattr("gateway.edge.tokens._KEPT", 4)
    signer = Signer(tmp_path / "jwks.json")
    verifier = Verifier(KeyFile(signer.jwks_file), "slotstream", "slotstream")
    for number in range(20):
        verifier.identity(signer.token(READ, jti=f"token-{number}"))
    assert len(verifier._verified) <= 4
