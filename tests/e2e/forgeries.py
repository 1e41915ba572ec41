"""What a forger presents in place of a token or a key, and what they are told.

Each is refused the same way whatever the operation: 401 with a challenge, unless it says otherwise.
"""

# long: the table of forgeries.

import base64
import hashlib
import hmac
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key

from tests.e2e.forge import (
    Forge,
    covering,
    decoded,
    encoded,
    flipped,
    malleable,
    respelled,
)

Fields = list[tuple[str, bytes]]
Token = Callable[[Forge], str]


@dataclass(frozen=True)
class Forgery:
    """`fields` are the headers that it is presented by, `query` what stands in the address."""

    fields: Callable[[Forge], Fields]
    status: int = 401
    code: str = "invalid_token"
    query: Callable[[Forge], str] = lambda _: ""


def bearer(token: str) -> Fields:
    return [("Authorization", f"Bearer {token}".encode("latin-1"))]


def key(text: str) -> Fields:
    return [("X-API-Key", text.encode("latin-1"))]


def _token(token: Token) -> Forgery:
    return Forgery(lambda forge: bearer(token(forge)))


def _field(value: Callable[[Forge], bytes], **more: Any) -> Forgery:
    return Forgery(lambda forge: [("Authorization", value(forge))], **more)


# ---- whose signature, and by which algorithm


def _unsigned(alg: object, signature: str = "") -> Token:
    def token(forge: Forge) -> str:
        covered = covering({**forge.header, "alg": alg}, forge.claims)
        return f"{covered}.{signature or forge.genuine.rpartition('.')[2]}"

    return token


def _without_signature(alg: object) -> Token:
    return lambda forge: f"{covering({**forge.header, 'alg': alg}, forge.claims)}."


def _hmac(alg: str, secret: str) -> Token:
    """Signed with what everybody may know."""

    def token(forge: Forge) -> str:
        covered = covering({**forge.header, "alg": alg}, forge.claims)
        digest = hmac.digest(forge.secrets()[secret], covered.encode(), f"sha{alg[2:]}")
        return f"{covered}.{encoded(digest)}"

    return token


def _rsa(alg: str) -> Token:
    return lambda forge: jwt.encode(
        forge.claims, new_rsa_key(65537, 2048), algorithm=alg, headers=forge.header | {"alg": alg}
    )


def _ec(forge: Forge) -> str:
    header = forge.header | {"alg": "ES256"}
    return jwt.encode(forge.claims, new_ec_key(SECP256R1()), algorithm="ES256", headers=header)


def _own(**header: Any) -> Token:
    """Signed with a key of the forger's own."""
    return lambda forge: forge.signed_by_own({**forge.header, **header}, forge.claims)


def _own_in(name: str, inside: Callable[[dict[str, str]], Any]) -> Token:
    """The same, and the header brings the key along."""
    return lambda forge: forge.signed_by_own(
        {**forge.header, name: inside(forge.jwk(forge.own))}, forge.claims
    )


ALGORITHMS: dict[str, Token] = {
    **{f"alg {alg!r}": _without_signature(alg) for alg in ("none", "None", "NONE", "nOnE", "")},
    "alg null": _without_signature(None),
    "alg none under the old signature": _unsigned("none"),
    "alg none, signed by us": lambda f: f.signed({**f.header, "alg": "none"}, f.claims),
    **{
        f"HS256 with the public key as {form}": _hmac("HS256", form)
        for form in (
            *("PEM", "PEM without its last line end", "DER", "OpenSSH", "raw bytes"),
            *("base64url", "JWK", "JWKS", "kid", "nothing"),
        )
    },
    **{
        f"{alg} with the public key as {form}": _hmac(alg, form)
        for alg in ("HS384", "HS512")
        for form in ("PEM", "raw bytes", "JWK")
    },
    "RS256 with a key of one's own": _rsa("RS256"),
    "PS256 with a key of one's own": _rsa("PS256"),
    "ES256 with a key of one's own": _ec,
    "EdDSA with a key of one's own": _own(),
    "own key, kid of its thumbprint": lambda f: f.signed_by_own(
        {**f.header, "kid": "own"}, f.claims
    ),
    "own key in jwk": _own_in("jwk", lambda jwk: jwk),
    "own key at jku": _own_in("jku", lambda _: "https://forger.example/jwks.json"),
    "own key at x5u": _own_in("x5u", lambda _: "https://forger.example/chain.pem"),
    "own key in x5c": _own_in("x5c", lambda jwk: [jwk["x"]]),
    "own key in x5t": _own_in("x5t", lambda jwk: jwk["x"]),
    "alg HS256, signed by us": lambda f: f.signed({**f.header, "alg": "HS256"}, f.claims),
    "alg Ed25519, signed by us": lambda f: f.signed({**f.header, "alg": "Ed25519"}, f.claims),
    "alg eddsa, signed by us": lambda f: f.signed({**f.header, "alg": "eddsa"}, f.claims),
    "alg a list, signed by us": lambda f: f.signed({**f.header, "alg": ["EdDSA"]}, f.claims),
}


# ---- headers, rightly signed


def _header(**changed: Any) -> Token:
    return lambda forge: forge.signed({**forge.header, **changed}, forge.claims)


def _header_without(name: str) -> Token:
    return lambda forge: forge.signed(_but(forge.header, name), forge.claims)


def _but(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {word: value for word, value in document.items() if word != name}


def _twice(document: dict[str, Any], name: str, first: Any) -> bytes:
    """The document with one name said twice; the second is what it says by itself."""
    return b"{" + f'"{name}":{json.dumps(first)},'.encode() + json.dumps(document).encode()[1:]


HEADERS: dict[str, Token] = {
    **{f"no {name} in the header": _header_without(name) for name in ("alg", "typ", "kid")},
    "typ JWT": _header(typ="JWT"),
    "typ of another kind": _header(typ="secevent+jwt"),
    "typ in capitals": _header(typ="AT+JWT"),
    "typ null": _header(typ=None),
    "kid of nobody": _header(kid="no-such-key"),
    "kid empty": _header(kid=""),
    "kid null": _header(kid=None),
    "kid a path": _header(kid="../../../../../../dev/null"),
    "kid a file": _header(kid="/proc/sys/kernel/randomize_va_space"),
    "kid SQL": _header(kid="' UNION SELECT 'key' --"),
    "kid a command": _header(kid="| touch /tmp/forged"),
    "kid an address": _header(kid="https://forger.example/key"),
    "kid a list": lambda f: f.signed({**f.header, "kid": [f.kid]}, f.claims),
    "kid an object": lambda f: f.signed({**f.header, "kid": {"kid": f.kid}}, f.claims),
    "kid a number": _header(kid=0),
    "kid with NUL": lambda f: f.signed({**f.header, "kid": f.kid + "\0"}, f.claims),
    "kid in capitals": lambda f: f.signed({**f.header, "kid": f.kid.swapcase()}, f.claims),
    "kid of 4,000 characters": _header(kid="k" * 4_000),
    "kid of 20,000 characters": _header(kid="k" * 20_000),
    "jku": _header(jku="https://forger.example/jwks.json"),
    "x5u": _header(x5u="https://forger.example/chain.pem"),
    "x5c": _header(x5c=["AAAA"]),
    "x5t": _header(x5t="AAAA"),
    "the right key in jwk": lambda f: f.signed({**f.header, "jwk": f.jwk(f.key)}, f.claims),
    "crit": _header(crit=["exp"], exp=0),
    "b64": _header(b64=False, crit=["b64"]),
    "zip": lambda f: f.signed(
        {**f.header, "zip": "DEF"}, zlib.compress(json.dumps(f.claims).encode())[2:-4]
    ),
    "cty JWT": lambda f: f.signed({**f.header, "cty": "JWT"}, f.genuine.encode()),
    "alg said twice": lambda f: f.signed(_twice(f.header, "alg", "none"), f.claims),
    "kid said twice": lambda f: f.signed(_twice(f.header, "kid", "own"), f.claims),
    "header a list": lambda f: f.signed([f.header], f.claims),
    "header a text": lambda f: f.signed("EdDSA", f.claims),
    "header null": lambda f: f.signed(None, f.claims),
    "header no JSON": lambda f: f.signed(b"{'alg': 'EdDSA'}", f.claims),
    "header deeper than a parser goes": lambda f: f.signed(
        b'{"kid":' + b"[" * 1_000 + b"]" * 1_000 + b"}", f.claims
    ),
    "header deeper than any goes": lambda f: f.signed(
        b'{"kid":' + b"[" * 2_500 + b"]" * 2_500 + b"}", f.claims
    ),
    "header empty": lambda f: f.signed(b"", f.claims),
}


# ---- claims, rightly signed


def _claims(**changed: Any) -> Token:
    return lambda forge: forge.signed(forge.header, {**forge.claims, **changed})


def _claims_without(name: str) -> Token:
    return lambda forge: forge.signed(forge.header, _but(forge.claims, name))


def _said(name: str, value: str) -> Token:
    """A claim in JSON that no library would write."""

    def token(forge: Forge) -> str:
        rest = json.dumps(_but(forge.claims, name))[1:]
        return forge.signed(forge.header, f'{{"{name}":{value},{rest}'.encode())

    return token


def _payload(payload: Callable[[Forge], Any]) -> Token:
    return lambda forge: forge.signed(forge.header, payload(forge))


def _in(name: str, seconds: int) -> Token:
    return lambda forge: forge.signed(
        forge.header, {**forge.claims, name: int(time.time()) + seconds}
    )


CLAIMS: dict[str, Token] = {
    **{
        f"no {name}": _claims_without(name)
        for name in (
            *("iss", "aud", "sub", "sid", "scope", "roles", "iat", "nbf", "exp", "jti", "tid"),
        )
    },
    "another audience": _claims(aud="another"),
    "several audiences": _claims(aud=["slotstream", "another"]),
    "audience in capitals": _claims(aud="Slotstream"),
    "another issuer": _claims(iss="https://forger.example"),
    "several issuers": _claims(iss=["slotstream"]),
    "expired a second ago": _in("exp", -1),
    "expired long ago": _claims(exp=1),
    "expires before it began": _claims(exp=-1),
    "expires as text": _claims(exp="9999999999"),
    "expires with a fraction": _claims(exp=time.time() + 600.5),
    "expires true": _claims(exp=True),
    "expires null": _claims(exp=None),
    "expires as a list": _claims(exp=[9_999_999_999]),
    "expires in a year": _in("exp", 31_536_000),
    "expires in the year 10000": _claims(exp=253_402_300_800),
    "expires beyond 64 bits": _claims(exp=2**64),
    "expires beyond all numbers": _said("exp", "1e999"),
    "expires by an exponent": _said("exp", "9e9"),
    "expires NaN": _said("exp", "NaN"),
    "expires never": _said("exp", "Infinity"),
    "not valid yet": _in("nbf", 60),
    "valid from no number": _claims(nbf="0"),
    "signed tomorrow": _in("iat", 86_400),
    "signed at no number": _claims(iat=None),
    "subject a number": _claims(sub=1),
    "subject no id": _claims(sub="owner"),
    "subject empty": _claims(sub=""),
    "subject in braces": lambda f: _claims(sub=f"{{{f.victim.id}}}")(f),
    "subject a list": lambda f: _claims(sub=[f.victim.id])(f),
    "tenant no id": _claims(tid="house"),
    "tenant empty": _claims(tid=""),
    "tenant a list": lambda f: _claims(tid=[f.victim.tenant_id])(f),
    "tenant as a URN": lambda f: _claims(tid=f"urn:uuid:{f.victim.tenant_id}")(f),
    "tenant without hyphens": lambda f: _claims(tid=f.victim.tenant_id.replace("-", ""))(f),
    "tenant null": _claims(tid=None),
    "tenant nobody's": _claims(tid="00000000-0000-0000-0000-000000000000"),
    "session empty": _claims(sid=""),
    "session a number": _claims(sid=7),
    "roles a text": _claims(roles="owner"),
    "roles with a number": _claims(roles=["owner", 1]),
    "scope a list": _claims(scope=["tenant:read"]),
    "payload a list": _payload(lambda f: [f.claims]),
    "payload a text": _payload(lambda f: json.dumps(f.claims)),
    "payload a number": _payload(lambda _: 1),
    "payload null": _payload(lambda _: None),
    "payload no JSON": _payload(lambda _: b"sub=owner"),
    "payload no UTF-8": _payload(lambda f: json.dumps(f.claims).encode("utf-16")),
    "payload with a byte order mark": _payload(lambda f: b"\xef\xbb\xbf" + _bytes(f.claims)),
    "payload with a comment": _payload(lambda f: b"/**/" + _bytes(f.claims)),
    "payload with more behind it": _payload(lambda f: _bytes(f.claims) + b"{}"),
    "payload empty": _payload(lambda _: b""),
    "subject said twice": _payload(lambda f: _twice(f.claims, "sub", f.stranger.id)),
    "tenant said twice": _payload(lambda f: _twice(f.claims, "tid", f.stranger.tenant_id)),
    "expiry said twice": _payload(lambda f: _twice(f.claims, "exp", 1)),
}


def _bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


# ---- the genuine token, changed afterwards


def _under_old_signature(**changed: Callable[[Forge], Any]) -> Token:
    """The victim's own token says something else."""

    def token(forge: Forge) -> str:
        head, body, signature = forge.genuine.split(".")
        said = {name: value(forge) for name, value in changed.items()}
        payload = json.dumps({**json.loads(decoded(body)), **said}).encode()
        return f"{head}.{encoded(payload)}.{signature}"

    return token


def _parts(change: Callable[[str, str, str], str]) -> Token:
    return lambda forge: change(*forge.genuine.split("."))


def _flipped(place: int) -> Token:
    return lambda forge: flipped(forge.genuine, place)


CHANGED: dict[str, Token] = {
    "another user under the old signature": _under_old_signature(sub=lambda f: f.colleague.id),
    "another tenant under the old signature": _under_old_signature(
        tid=lambda f: f.stranger.tenant_id
    ),
    "the platform under the old signature": _under_old_signature(
        tid=lambda _: None, roles=lambda _: ["platform_admin"]
    ),
    "more scope under the old signature": _under_old_signature(
        scope=lambda _: "tenant:create tenant:suspend tenant:read"
    ),
    "more time under the old signature": _under_old_signature(exp=lambda _: 9_999_999_999),
    "a colleague's signature": lambda f: (
        f"{f.genuine.rpartition('.')[0]}.{f.colleague.token.rpartition('.')[2]}"
    ),
    "a stranger's signature": lambda f: (
        f"{f.genuine.rpartition('.')[0]}.{f.stranger.token.rpartition('.')[2]}"
    ),
    "no signature": _parts(lambda head, body, _: f"{head}.{body}."),
    "two segments": _parts(lambda head, body, _: f"{head}.{body}"),
    "one segment": _parts(lambda head, *_: head),
    "signature cut short": _parts(
        lambda head, body, signed: f"{head}.{body}.{encoded(decoded(signed)[:-1])}"
    ),
    "signature cut in half": _parts(
        lambda head, body, signed: f"{head}.{body}.{encoded(decoded(signed)[:32])}"
    ),
    "signature with a byte more": _parts(
        lambda head, body, signed: f"{head}.{body}.{encoded(decoded(signed) + b'0')}"
    ),
    "signature all zeros": _parts(lambda head, body, _: f"{head}.{body}.{encoded(bytes(64))}"),
    "signature all ones": _parts(lambda head, body, _: f"{head}.{body}.{encoded(b'1' * 64)}"),
    **{f"bit of byte {place} of the signature": _flipped(place) for place in (0, 31, 32, 63)},
    "S + L": lambda f: malleable(f.genuine),
    "signature spelled otherwise": lambda f: respelled(f.genuine),
    "signature padded": lambda f: f"{f.genuine}==",
    "signature in the other alphabet": _parts(
        lambda head, body, signed: f"{head}.{body}.{signed.replace('-', '+').replace('_', '/')}=="
    ),
    "payload padded": _parts(lambda head, body, signed: f"{head}.{body}=.{signed}"),
    "segments the other way round": _parts(lambda head, body, signed: f"{body}.{head}.{signed}"),
    "a fourth segment": lambda f: f"{f.genuine}.AAAA",
    "a fourth, empty segment": lambda f: f"{f.genuine}.",
    "an empty segment before": lambda f: f".{f.genuine}",
    "encrypted form": _parts(lambda head, body, signed: f"{head}..{body}.{signed}.{signed}"),
    "the token twice": lambda f: f"{f.genuine}.{f.genuine}",
    "a token inside a token": lambda f: encoded(f.genuine.encode()),
    "JSON form": _parts(
        lambda head, body, signed: json.dumps(
            {"protected": head, "payload": body, "signature": signed}
        )
    ),
    "very long": lambda f: f"{'A' * 9_000}.{f.genuine.partition('.')[2]}",
    "only dots": lambda _: "..",
}


# ---- the header field, and other things in its place

_MALFORMED: dict[str, Any] = {"status": 400, "code": "validation_failed"}


def _marked(before: bytes, after: bytes = b"") -> Callable[[Forge], bytes]:
    return lambda forge: before + forge.genuine.encode() + after


PRESENTED: dict[str, Forgery] = {
    "nothing at all": Forgery(lambda _: [], code="unauthorized"),
    "an empty field": _field(lambda _: b"", code="unauthorized"),
    "Bearer alone": _field(lambda _: b"Bearer "),
    "the token alone": _field(_marked(b"")),
    "Basic": _field(_marked(b"Basic ")),
    "DPoP": _field(_marked(b"DPoP ")),
    "Bearer twice": _field(_marked(b"Bearer Bearer ")),
    "Bearer and a colon": _field(_marked(b"Bearer: ")),
    "two spaces": _field(_marked(b"Bearer  ")),
    "a tab": _field(_marked(b"Bearer\t")),
    "no space": _field(_marked(b"Bearer")),
    "in quotes": _field(_marked(b'Bearer "', b'"')),
    "as a parameter": _field(_marked(b"Bearer token=")),
    "two tokens": _field(lambda f: f"Bearer {f.genuine} {f.colleague.token}".encode()),
    "two tokens and a comma": _field(lambda f: f"Bearer {f.genuine},{f.genuine}".encode()),
    "a space within": _field(
        lambda f: f"Bearer {f.genuine[:40]} {f.genuine[40:]}".encode(),
    ),
    "a no-break space behind": _field(_marked(b"Bearer ", b"\xa0")),
    "a next-line mark behind": _field(_marked(b"Bearer ", b"\x85")),
    "an escaped line end behind": _field(_marked(b"Bearer ", b"%0d%0a")),
    "letters of no ASCII": _field(_marked(b"B\xe9arer ")),
    "NUL behind": _field(_marked(b"Bearer ", b"\x00"), **_MALFORMED),
    "NUL before": _field(_marked(b"Bearer \x00"), **_MALFORMED),
    "a folded line": _field(_marked(b"Bearer\r\n "), **_MALFORMED),
    "two fields": Forgery(lambda f: bearer(f.genuine) * 2),
    "a stranger's field behind": Forgery(lambda f: bearer(f.genuine) + bearer(f.stranger.token)),
    "an empty field behind": Forgery(lambda f: [*bearer(f.genuine), ("Authorization", b"")]),
    "a field of proxies": Forgery(
        lambda f: [("Proxy-Authorization", f"Bearer {f.genuine}".encode())], code="unauthorized"
    ),
    "a field of another name": Forgery(
        lambda f: [("X-Authorization", f"Bearer {f.genuine}".encode())], code="unauthorized"
    ),
    "a cookie": Forgery(
        lambda f: [("Cookie", f"access_token={f.genuine}; Authorization={f.genuine}".encode())],
        code="unauthorized",
    ),
    "in the address": Forgery(
        lambda _: [], code="unauthorized", query=lambda f: f"access_token={f.genuine}"
    ),
    "in the address as a field": Forgery(
        lambda _: [], code="unauthorized", query=lambda f: f"Authorization=Bearer%20{f.genuine}"
    ),
    "a refresh token": _field(lambda f: f"Bearer {f.victim.refresh_token}".encode()),
    "a one-time code": _field(lambda f: f"Bearer {f.code}".encode()),
    "what a gateway says of itself": Forgery(
        lambda f: [
            ("X-Actor", b'{"kind":"system","permissions":["*"]}'),
            ("X-User-ID", f.victim.id.encode()),
            ("X-Tenant-ID", f.victim.tenant_id.encode()),
        ],
        code="unauthorized",
    ),
    "the token as a key": Forgery(lambda f: key(f.genuine)),
}


# ---- keys of machines


def _key(text: Callable[[Forge], str]) -> Forgery:
    return Forgery(lambda forge: key(text(forge)))


def _other_bytes(begin: int, put: Callable[[Forge], bytes]) -> Callable[[Forge], str]:
    """The key with other bytes from here on, in the right spelling."""

    def text(forge: Forge) -> str:
        raw, new = decoded(forge.api_key.removeprefix("sk_")), put(forge)
        return f"sk_{encoded(raw[:begin] + new + raw[begin + len(new) :])}"

    return text


KEYS: dict[str, Forgery] = {
    "an empty key": _key(lambda _: ""),
    "a made-up key": _key(lambda _: f"sk_{encoded(b'forged' * 10 + b'four')}"),
    "the right key with another secret": _key(_other_bytes(32, lambda _: bytes(32))),
    "one character of the secret": _key(
        lambda f: f.api_key[:60] + ("A" if f.api_key[60] != "A" else "B") + f.api_key[61:]
    ),
    "the last character": _key(lambda f: respelled(f.api_key)),
    "another key's id": _key(_other_bytes(0, lambda _: bytes(16))),
    "another tenant's id": _key(_other_bytes(16, lambda f: UUID(f.stranger.tenant_id).bytes)),
    "how the key begins": _key(lambda f: f.api_key[:15]),
    "the key without its mark": _key(lambda f: f.api_key[3:]),
    "the mark in capitals": _key(lambda f: f"SK_{f.api_key[3:]}"),
    "the key and one character": _key(lambda f: f"{f.api_key}A"),
    "the key padded": _key(lambda f: f"{f.api_key}=="),
    "the key and a no-break space": _key(lambda f: f"{f.api_key}\xa0"),
    "what is stored of the key": _key(
        lambda f: f"sk_{hashlib.sha256(decoded(f.api_key[3:])).hexdigest()}"
    ),
    "the key as a token": Forgery(lambda f: bearer(f.api_key)),
    "the key as a name": Forgery(
        lambda f: [("Authorization", b"Basic " + base64.b64encode(f"{f.api_key}:".encode()))]
    ),
    "the key twice": Forgery(lambda f: key(f.api_key) * 2),
    "key and token": Forgery(lambda f: key(f.api_key) + bearer(f.genuine)),
    "a wrong key and a token": Forgery(lambda f: key("sk_none") + bearer(f.genuine)),
    "the key in the address": Forgery(
        lambda _: [], code="unauthorized", query=lambda f: f"api_key={f.api_key}"
    ),
}

FORGERIES: dict[str, Forgery] = {
    **{
        name: _token(token)
        for name, token in {**ALGORITHMS, **HEADERS, **CLAIMS, **CHANGED}.items()
    },
    **PRESENTED,
    **KEYS,
}
