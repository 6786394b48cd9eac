"""Frames of an untrusted child: whatever arrives, the host gets a value or a clean refusal."""

from __future__ import annotations

import asyncio
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.sandbox.rpc import (
    LENGTH,
    MAX_FRAME,
    Call,
    Done,
    Inbound,
    ProtocolError,
    error_frame,
    pack,
    read_frame,
    result_frames,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _reassembled(frames: list[bytes]) -> object:
    text = ""
    for frame in frames:
        value = json.loads(frame[LENGTH.size :])
        assert LENGTH.unpack(frame[: LENGTH.size])[0] == len(frame) - LENGTH.size <= MAX_FRAME
        text += value.get("text", "")
    op = json.loads(frames[-1][LENGTH.size :])["op"]
    assert op in ("result", "text")
    return text if op == "text" else json.loads(text)


@given(JSON)
def test_a_result_arrives_whole(value):
    assert _reassembled(list(result_frames(1, value, 1 << 20))) == value


def test_a_large_result_arrives_whole_in_many_frames():
    value = "\u20ac\n" * 500_000
    frames = list(result_frames(1, value, 64 << 20))
    assert len(frames) > 2
    assert _reassembled(frames) == value


def test_a_result_beyond_the_limit_says_what_to_do_instead():
    (frame,) = result_frames(1, "x" * 2000, 1000)
    assert "read_file(path, start, lines)" in json.loads(frame[LENGTH.size :])["message"]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_frame_or_a_refusal(data):
    try:
        Inbound().frame(data)
    except ProtocolError:
        return


@given(JSON)
def test_any_json_is_a_frame_or_a_refusal(value):
    try:
        Inbound().frame(json.dumps(value).encode())
    except ProtocolError:
        return


def test_a_call_in_pieces():
    inbound = Inbound()
    text = json.dumps([["notes.txt"], {"lines": 3}])
    for part in (text[:5], text[5:]):
        assert inbound.frame(json.dumps({"op": "part", "id": 1, "text": part}).encode()) is None
    call = inbound.frame(b'{"op": "call", "id": 1, "name": "read_file"}')
    assert isinstance(call, Call)
    assert (call.name, inbound.arguments(1)) == ("read_file", (["notes.txt"], {"lines": 3}))


def test_ids_never_go_back():
    inbound = Inbound()
    for number in (1, 2):
        inbound.frame(json.dumps({"op": "part", "id": number, "text": "[[], {}]"}).encode())
        inbound.frame(json.dumps({"op": "call", "id": number, "name": "f"}).encode())
    with pytest.raises(ProtocolError):
        inbound.frame(json.dumps({"op": "part", "id": 2, "text": ""}).encode())


async def _read(data: bytes) -> bytes | None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await read_frame(reader)


async def test_frames_are_read_by_their_length():
    assert await _read(pack({"a": 1})) == b'{"a": 1}'
    assert await _read(b"") is None


@pytest.mark.parametrize("data", [b"\x01", LENGTH.pack(5) + b"abc", LENGTH.pack(0xFFFFFFFF)])
async def test_torn_and_giant_frames_are_refused_before_memory_is_taken(data):
    with pytest.raises(ProtocolError):
        await _read(data)


def test_an_error_carries_type_message_and_number_only():
    frame = json.loads(error_frame(3, FileNotFoundError("notes.txt does not exist"))[LENGTH.size :])
    assert frame == {"op": "error", "id": 3, "type": "FileNotFoundError", "message": "notes.txt does not exist"}
    frame = json.loads(error_frame(3, OSError(28, "full"))[LENGTH.size :])
    assert (frame["errno"], sorted(frame)) == (28, ["errno", "id", "message", "op", "type"])


def _arguments(text: str) -> tuple[list[object], dict[str, object]]:
    inbound = Inbound()
    for at in range(0, len(text), 1 << 20):
        inbound.frame(json.dumps({"op": "part", "id": 1, "text": text[at : at + (1 << 20)]}).encode())
    call = inbound.frame(b'{"op": "call", "id": 1, "name": "write_file"}')
    assert isinstance(call, Call) and call.size >= len(text.encode())
    return inbound.arguments(1)


def test_a_long_text_full_of_brackets_is_one_argument():
    text = '[]{}"\\' * 500_000
    assert _arguments(json.dumps([["a", text], {}])) == (["a", text], {})


def test_arguments_that_would_fill_the_memory_are_refused_unread():
    with pytest.raises(ProtocolError, match="too many parts"):
        _arguments("[[" + "[]," * 600_000 + "[]],{}]")


def test_a_string_without_an_end_is_looked_through_once():
    """Which would take hours, were it looked through anew from each quote in it."""
    with pytest.raises(ProtocolError, match="no JSON"):
        _arguments('[["' + '\\"' * 1_000_000)


def test_looking_for_parts_takes_no_memory_for_each_escape():
    text = json.dumps([['"' * 1_000_000], {}], ensure_ascii=False)
    tracemalloc.start()
    try:
        assert len(_arguments(text)[0][0]) == 1_000_000
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


CALL = {"op": "call", "id": 1, "name": "f"}
FAILED = {"type": "E", "message": "", "line": 1, "traceback": ""}
DONE = {"op": "done", "status": "error", "exit_code": 1, "exception": FAILED}


@pytest.mark.parametrize(
    "frame",
    [
        {**CALL, "x": 1},
        {"op": "part", "id": 1, "text": "", "x": 1},
        {"op": "cancel", "id": 0, "x": 1},
        {"op": "ready", "nonce": "0", "layers": [], "x": 1},
        {**DONE, "x": 1},
        {**DONE, "exception": {**FAILED, "x": 1}},
        {"op": "done", "status": "ok", "exit_code": 0},
        {"op": "part", "id": 1},
    ],
)
def test_a_frame_has_its_own_fields_and_no_others(frame):
    for whole in (CALL, DONE, {"op": "cancel", "id": 0}):
        Inbound().frame(json.dumps(whole).encode())
    with pytest.raises(ProtocolError):
        Inbound().frame(json.dumps(frame).encode())


def test_a_frame_of_many_parts_is_refused_unread():
    with pytest.raises(ProtocolError, match="too many parts"):
        Inbound().frame(b'{"op":"cancel","id":0,"x":[' + b"[]," * 2000 + b"0]}")


@pytest.mark.parametrize(("field", "value"), [("exit_code", 1 << 70), ("exit_code", -1), ("exit_code", True)])
def test_numbers_of_done_that_no_program_has_are_refused(field, value):
    done = {"op": "done", "status": "error", "exit_code": 1, "exception": None, field: value}
    with pytest.raises(ProtocolError):
        Inbound().frame(json.dumps(done).encode())


def test_texts_of_an_exception_are_bounded():
    exception = {"type": "E", "message": "x" * 1_000_000, "line": 1, "traceback": ""}
    done = Inbound().frame(
        json.dumps({"op": "done", "status": "error", "exit_code": 1, "exception": exception}).encode()
    )
    assert isinstance(done, Done) and done.exception is not None
    assert len(done.exception["message"]) < 100_000
