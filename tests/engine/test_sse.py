"""Server-sent events: the same whatever pieces the bytes come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.engine.sse import MAX_LINE, EventStream, ServerEvent
from codemode_tui.errors import EngineError


def read(*pieces: bytes) -> list[ServerEvent]:
    stream = EventStream()
    return [event for piece in pieces for event in stream.feed(piece)] + stream.finish()


def test_events_comments_and_fields_that_nobody_needs():
    text = b'\xef\xbb\xbf: keepalive 1/2\nid: 7\ndata: {"a": 1}\n\ndata:two\r\ndata: lines\r\r\nretry\n\ndata: last'
    assert read(text) == [
        ServerEvent(comment="keepalive 1/2"),
        ServerEvent('{"a": 1}'),
        ServerEvent("two\nlines"),
        ServerEvent("last"),
    ]


LINES = st.sampled_from([b"data: \xc3\xa9", b"data", b"data:", b": c", b"", b"event: x", b"\xff\xfe", b"data: [DONE]"])


@given(st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=12), st.booleans())
def test_every_split_gives_the_same_events(lines, mark):
    text = b"\xef\xbb\xbf" * mark + b"".join(line + end for line, end in lines)
    whole = read(text)
    assert read(*(text[at : at + 1] for at in range(len(text)))) == whole
    for at in range(len(text) + 1):
        assert read(text[:at], text[at:]) == whole


@given(st.binary(max_size=200), st.integers(1, 7))
def test_no_bytes_raise_anything(data, size):
    assert read(*(data[at : at + size] for at in range(0, len(data), size))) == read(data)


def test_a_line_without_an_end_is_given_up():
    stream = EventStream()
    with pytest.raises(EngineError, match="more than"):
        for _ in range(MAX_LINE // (1 << 16) + 2):
            stream.feed(b"x" * (1 << 16))
    stream = EventStream()
    with pytest.raises(EngineError, match="more than"):
        for _ in range(MAX_LINE // (1 << 12) + 2):
            stream.feed(b"data: " + b"x" * (1 << 12) + b"\n")
