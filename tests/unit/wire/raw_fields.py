"""Entries as a stranger might write them: nearly right, wrong in one field, or nothing like it."""

from hypothesis import strategies as st

VALID: dict[bytes, bytes] = {
    b"specversion": b"1.0",
    b"id": b"019342c0-0000-7000-8000-000000000001",
    b"type": b"booking.create",
    b"tenantid": b"019342c0-0000-7000-8000-0000000000aa",
    b"data": b"{}",
}
NAMES = (
    b"specversion id type source subject time tenantid actor correlationid causationid "
    b"traceparent dataschema ttlms replyto sequence fingerprint data x"
).split()

_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.sampled_from(("user", "kind", "system", "\\u0000", "\\ud800", "")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("kind", "id", "roles", "permissions", "x")), inner)
    ),
    max_leaves=6,
)


def _written(value: object) -> bytes:
    match value:
        case None:
            return b"null"
        case bool():
            return b"true" if value else b"false"
        case int():
            return str(value).encode()
        case str():
            return b'"' + value.encode() + b'"'
        case list():
            return b"[" + b",".join(_written(one) for one in value) + b"]"
        case dict():
            pairs = (_written(name) + b":" + _written(one) for name, one in value.items())
            return b"{" + b",".join(pairs) + b"}"
        case _:
            raise TypeError(value)


values = (
    st.binary(max_size=40)
    | st.sampled_from(sorted(VALID.values()))
    | _json.map(_written)
    | st.sampled_from(
        (b"", b"1.0", b"0", b"-1", b"9" * 30, b"1e3", b"null", b"\x00", b"\xff", b"a" * 400)
    )
    | st.sampled_from(("\u0663", "\u2028", "\ufeff{}", "é" * 200)).map(str.encode)
)


@st.composite
def raw_fields(draw: st.DrawFn) -> dict[bytes, bytes]:
    """Fields of one entry: a valid one with some replaced or taken away, or anything at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.dictionaries(st.binary(max_size=12), values, max_size=8))
    entry = dict(VALID)
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=4)):
        if draw(st.booleans()):
            entry[name] = draw(values)
        else:
            entry.pop(name, None)
    return entry
