"""traceparent: continued, begun, and sampled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.wire.tracing import is_sampled, next_traceparent, span_id_of, trace_id_of

FOREIGN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"


@pytest.mark.parametrize(
    ("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("03", True)]
)
@given(ratio=st.floats(0, 1))
def test_a_trace_that_comes_in_is_continued(flags: str, sampled: bool, ratio: float) -> None:
    """Its id and its flags stay, whatever share of our own is sampled; the span is new."""
    found = next_traceparent(FOREIGN + flags, ratio)
    assert trace_id_of(found) == trace_id_of(FOREIGN + flags)
    assert span_id_of(found) not in ("", span_id_of(FOREIGN + flags))
    assert found.endswith(f"-{flags}")
    assert is_sampled(found) == sampled


@pytest.mark.parametrize(
    "incoming",
    [
        "",
        "nonsense",
        FOREIGN,
        f"{FOREIGN}01\n",
        FOREIGN.upper() + "01",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
    ],
)
def test_what_is_none_begins_a_trace(incoming: str) -> None:
    """A traceparent that nobody may continue (W3C Trace Context §3.2.2) is not continued."""
    found = next_traceparent(incoming)
    assert trace_id_of(found) not in ("", trace_id_of(FOREIGN + "01"))
    assert is_sampled(found)


def test_a_ratio_is_kept() -> None:
    """None at 0, all at 1, and about a quarter of many at 0.25: 1,000 of 4,000, give or take what
    happens less than once in a billion builds."""
    assert not any(is_sampled(next_traceparent(ratio=0)) for _ in range(200))
    assert all(is_sampled(next_traceparent(ratio=1)) for _ in range(200))
    kept = sum(is_sampled(next_traceparent(ratio=0.25)) for _ in range(4000))
    assert 830 < kept < 1170


@pytest.mark.parametrize("text", ["", "00", FOREIGN, "ff" + FOREIGN[2:] + "01"])
def test_what_is_no_traceparent_says_nothing(text: str) -> None:
    """No trace, no span, not sampled."""
    assert (trace_id_of(text), span_id_of(text), is_sampled(text)) == ("", "", False)
