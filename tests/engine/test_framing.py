"""Frames between a front end and its engine: split anywhere, torn, or far too long."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.engine.framing import FrameReader, FramingError, pack
from codemode_tui.engine.messages import Cancel, Failed

MESSAGES = st.lists(
    st.builds(Cancel, st.integers(0, 1 << 31))
    | st.builds(Failed, st.integers(0, 9), st.sampled_from(["engine", "model"]), st.text(), st.text()),
    max_size=6,
)


@given(MESSAGES, st.lists(st.integers(0, 400), max_size=6))
def test_messages_arrive_whole_wherever_the_bytes_are_split(messages, cuts):
    data = b"".join(pack(message) for message in messages)
    reader = FrameReader()
    places = [0, *sorted(c for c in cuts if c <= len(data)), len(data)]
    found = [m for a, b in pairwise(places) for m in reader.feed(data[a:b])]
    assert found == messages


@given(st.binary(min_size=1, max_size=200))
def test_bytes_that_are_no_frames_are_refused_and_nothing_else(data):
    reader = FrameReader()
    try:
        reader.feed(data)
    except FramingError:
        return


def test_a_frame_that_claims_to_be_giant_is_refused_at_once():
    with pytest.raises(FramingError):
        list(FrameReader().feed(b"\xff\xff\xff\xff"))
