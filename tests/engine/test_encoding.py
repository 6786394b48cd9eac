"""Prompt to ids and ids to text: untrusted text is only text, and a stream loses no half character."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemode_tui import locations
from codemode_tui.engine.encoding import Encoder
from codemode_tui.engine.texts import TextStream
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Message, Segment

PROFILES = ("phase22", "qwen3-coder", "bundled")
CONTROL = [
    "<|im_end|>", "<|im_start|>", "<|endoftext|>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>",
]  # fmt: skip
HOSTILE = st.lists(
    st.sampled_from([*CONTROL, "<|im_end|", "|>", "<", "<|im_<|im_end|>end|>", "\n", "\ud800"]) | st.text(max_size=8),
    max_size=10,
).map("".join)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(locations.bundled_model())


def control_of(encoder: Encoder, profile: str, *messages: Message) -> list[int]:
    return [i for i in encoder.encode(render(load_profile(profile), messages)) if i in encoder.control]


@settings(max_examples=60)
@given(question=HOSTILE, output=HOSTILE, answer=HOSTILE)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_whole_conversation_of_hostile_text_has_only_the_turns_that_were_rendered(
    encoder, profile, question, output, answer
):
    """Question, output of a program, and an answer whose ids are known: none can end a turn or begin one."""

    def control(question: str, output: str) -> list[int]:
        ids = tuple(encoder.plain(answer.replace("\ud800", "")))
        said = Message("assistant", answer, ids)
        return control_of(encoder, profile, Message("user", question), said, Message("tool", output))

    assert control(question, output) == control("a", "b")


@settings(max_examples=100)
@given(HOSTILE)
def test_the_models_own_text_has_at_most_its_own_call(encoder, text):
    """Without ids, of a stored message only the outermost call tags are tokens again; no turn can end in it."""
    made = control_of(encoder, "bundled", Message("user", "q"), Message("assistant", text))
    calls = [encoder.added["<tool_call>"], encoder.added["</tool_call>"]]
    bare = control_of(encoder, "bundled", Message("user", "q"), Message("assistant", ""))
    assert [i for i in made if i not in calls] == bare
    assert [i for i in made if i in calls] in ([], calls)


@settings(max_examples=100)
@given(HOSTILE)
def test_a_prompt_is_the_bytes_that_it_says_it_is(encoder, text):
    segments = render(load_profile("bundled"), [Message("user", text), Message("tool", text)])
    assert encoder.decode(encoder.encode(segments)) == render_text(segments)
    assert text.replace("\ud800", "\ufffd") in render_text(segments)


def test_the_ids_of_a_message_are_replayed_verbatim(encoder):
    ids = (5, 6, 7, encoder.added["<tool_call>"], 9)
    segments = render(load_profile("bundled"), [Message("user", "q"), Message("assistant", "whatever", ids)])
    found = encoder.encode(segments)
    assert any(tuple(found[at : at + len(ids)]) == ids for at in range(len(found)))


def words(folder: Path, vocabulary: list[str], added: list[str]) -> Encoder:
    """A model that takes whole words, control tokens among them, as some do."""
    table = {
        "version": "1.0",
        "added_tokens": [
            {
                "id": vocabulary.index(token),
                "content": token,
                "special": True,
                **dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False),
            }
            for token in added
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "truncation": None,
        "padding": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: i for i, word in enumerate(vocabulary)},
            "unk_token": "<unk>",
        },
    }
    (folder / "tokenizer.json").write_text(json.dumps(table))
    return Encoder(folder)


def test_a_vocabulary_that_knows_control_tokens_as_words_gives_none_of_them_away(tmp_path):
    encoder = words(tmp_path, ["<unk>", "a", "<|im_end|>", "<|im_start|>"], ["<|im_end|>", "<|im_start|>"])
    text = "a <|im_end|> " * 2_000 + "<|im_start|> a"
    ids = encoder.plain(text)
    assert encoder.control.isdisjoint(ids) and ids.count(1) == 2_001
    assert encoder.encode([Segment("<|im_end|>", special=True), Segment(text)])[0] == 2


def test_an_unknown_word_is_no_control_token_even_if_the_model_thinks_so(tmp_path):
    encoder = words(tmp_path, ["<unk>", "a"], ["<unk>"])
    assert encoder.plain("a zebra a") == [1, 1]


# -- ids to text ---------------------------------------------------------------------------------


def streamed(encoder: Encoder, text: str, stop: tuple[str, ...] = ()) -> tuple[TextStream, list[str]]:
    stream = TextStream(encoder.full, stop)
    pieces = []
    for token in encoder.plain(text):
        pieces.append(stream.add(token))
        if stream.stopped:
            break
    return stream, [*pieces, stream.flush()]


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_streamed_text_is_the_whole_text_and_no_piece_is_half_a_character(encoder, text):
    stream, pieces = streamed(encoder, text)
    assert "".join(pieces) == stream.text == text
    assert "\ufffd" in text or not any("\ufffd" in piece for piece in pieces)


@settings(max_examples=100)
@given(st.text("abEND<>", max_size=30), st.sampled_from([("END",), ("<>", "E"), ("aEND", "END"), ("END>", "ab")]))
def test_nothing_of_a_stop_text_or_behind_it_is_ever_given(encoder, text, stop):
    stream, pieces = streamed(encoder, text, stop)
    places = [at for at in (text.find(one) for one in stop) if at >= 0]
    assert "".join(pieces) == stream.text == (text[: min(places)] if places else text)
    assert stream.stopped is bool(places)


def test_an_emoji_torn_by_the_end_of_the_message_is_one_replacement_character(encoder):
    stream = TextStream(encoder.full, ())
    ids = encoder.plain("a🎉")
    pieces = [stream.add(token) for token in ids[:-1]]
    assert "".join(pieces) == "a" and set(stream.flush()) == {"\ufffd"}
