"""Profiles: the shipped three, a user's own, and errors that name file and key."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui import locations
from codemode_tui.engine.encoding import Encoder
from codemode_tui.errors import ConfigError, ModelError
from codemode_tui.protocol.profiles import list_profiles, load_profile
from codemode_tui.protocol.render import render, render_text, response_text, shorten
from codemode_tui.protocol.types import Message

OWN = 'description = "mine"\nsystem_prompt = "Be brief."\nwrapper = "qwen3-coder"\nopenings = ["<tool_call>"]\n'


def test_three_profiles_are_shipped():
    assert set(list_profiles()) == {"phase22", "qwen3-coder", "bundled"}


def test_an_own_profile_is_found_and_may_replace_a_shipped_one(tmp_path):
    (tmp_path / "mine.toml").write_text(OWN)
    (tmp_path / "bundled.toml").write_text(OWN)
    assert load_profile("mine", (tmp_path,)).system_prompt == "Be brief."
    assert load_profile("bundled", (tmp_path,)).system_prompt == "Be brief."
    assert load_profile("mine", (tmp_path,)).sha256 != load_profile("bundled").sha256


def test_a_mark_of_the_byte_order_is_no_mistake(tmp_path):
    (tmp_path / "mine.toml").write_text("\ufeff" + OWN, "utf-8")
    assert load_profile("mine", (tmp_path,)).system_prompt == "Be brief."


def test_hidden_files_are_no_profiles(tmp_path):
    (tmp_path / ".#mine.toml").symlink_to("somebody@host.123:456")  # an editor's lock
    (tmp_path / "._mine.toml").write_bytes(b"\x00\x05\x16\x07")  # what a Mac leaves on other disks
    assert list_profiles((tmp_path,)) == list_profiles()


def test_a_profile_is_called_as_its_file(tmp_path):
    (tmp_path / "mine.toml").write_text(f'name = "mine"\n{OWN}')
    (tmp_path / "copy.toml").write_text(f'name = "mine"\n{OWN}')
    assert load_profile("mine", (tmp_path,)).name == "mine"
    with pytest.raises(ConfigError, match=r"copy\.toml: line 1: name: 'mine' is not the name of this file, 'copy'"):
        load_profile("copy", (tmp_path,))


def test_an_unknown_profile_names_those_that_exist():
    with pytest.raises(ModelError) as caught:
        load_profile("nope")
    assert "phase22" in caught.value.hint and caught.value.exit_code == 2


def test_every_wrong_key_of_a_profile_is_named_with_its_file(tmp_path):
    (tmp_path / "mine.toml").write_text('system_prompt = 3\nwrapper = "xml"\ncolour = "red"\n')
    with pytest.raises(ConfigError) as caught:
        load_profile("mine", (tmp_path,))
    for words in ("mine.toml", "system_prompt", "wrapper", "colour: no such key", "openings: missing"):
        assert words in caught.value.message


def test_text_that_is_no_toml_names_its_file(tmp_path):
    (tmp_path / "mine.toml").write_text("= 3")
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        load_profile("mine", (tmp_path,))


def test_a_conversation_grows_at_its_end_only():
    profile = load_profile("phase22")
    messages = [Message("user", "q"), Message("assistant", "I'll use it.\n\n<tool_call>…"), Message("tool", "3")]
    before = render_text(render(profile, messages[:1]))
    after = render_text(render(profile, messages))
    assert after.startswith(before + messages[1].content)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(locations.bundled_model())


CONTROL = ["<|im_end|>", "<|im_start|>", "<|endoftext|>", "<tool_call>", "</tool_call>", "<tool_response>", "</think>"]
HOSTILE = st.lists(st.sampled_from(CONTROL) | st.text(max_size=8), max_size=8).map("".join)


@given(text=HOSTILE)
@pytest.mark.parametrize("role", ["user", "tool"])
@pytest.mark.parametrize("name", ["phase22", "bundled"])
def test_no_text_of_others_becomes_a_control_token(encoder, name, role, text):
    """A file full of ``<|im_end|>`` is text: the prompt holds only the control tokens of the renderer."""
    profile = load_profile(name)

    def control(content: str) -> list[int]:
        messages = [Message("user", "q"), Message(role, content)]
        ids = encoder.encode(render(profile, messages))
        return [i for i in ids if i in encoder.control]

    assert control(text) == control("harmless")


@given(text=HOSTILE)
def test_no_character_of_a_prompt_is_lost(encoder, text):
    segments = render(load_profile("bundled"), [Message("user", text)])
    assert encoder.decode(encoder.encode(segments)) == render_text(segments)
    assert encoder.least(segments) <= len(encoder.encode(segments))


@given(st.text(max_size=400), st.integers(40, 200))
def test_a_shortened_output_keeps_both_ends_and_says_how_much_is_missing(text, limit):
    made = shorten(text, limit)
    if len(text) <= limit:
        assert made == text
    else:
        assert made.startswith(text[:20]) and made.endswith(text[-8:])
        assert "characters left out" in made


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_of_a_limit_too_small_for_a_tail_no_tail_is_kept(limit):
    assert shorten("abcdefghij", limit).endswith("characters left out] ...\n")


@pytest.mark.parametrize("limit", [-1, 0, 99])
def test_a_profile_that_leaves_no_room_for_an_output_is_refused(tmp_path, limit):
    (tmp_path / "mine.toml").write_text(f"max_response_chars = {limit}\n{OWN}")
    with pytest.raises(ConfigError, match="max_response_chars: expected `int` >= 100"):
        load_profile("mine", (tmp_path,))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"status": "ok", "stdout": ""}, "(no output)"),
        ({"status": "ok", "stdout": "3\n"}, "3"),
        ({"status": "error", "stdout": "", "exception": ("KeyError", "'a'", 2)}, "Error on line 2: KeyError: 'a'"),
        ({"status": "timeout", "stdout": "1\n"}, "1\nError: the code took too long and was stopped."),
        (
            {"status": "timeout", "stdout": "", "exception": ("TimeoutError", "stopped after 1 s", 3)},
            "Error: the code took too long and was stopped on line 3.",
        ),
        (
            {"status": "denied", "stdout": "", "reason": "no"},
            "Error: the user declined to run this code. They said: no",
        ),
        (
            {"status": "error", "stdout": "1\n", "stderr": "config.json has no key 'x'\n", "exit_code": 1},
            "1\nconfig.json has no key 'x'\nError: the code exited with status 1.",
        ),
        (
            {"status": "error", "stdout": "", "exit_code": -11, "reason": "the interpreter crashed (SIGSEGV)"},
            "Error: the interpreter crashed (SIGSEGV).",
        ),
        (
            {"status": "error", "stdout": "", "stderr": "Traceback …\n", "exception": ("KeyError", "'a'", 2)},
            "Error on line 2: KeyError: 'a'",
        ),
    ],
)
def test_the_model_is_told_what_happened(facts, words):
    assert response_text(load_profile("bundled"), **facts) == words


@pytest.mark.parametrize(("printed", "said"), [(9000, 40), (40, 9000), (9000, 9000)])
def test_neither_what_was_printed_nor_what_was_said_on_stderr_drives_out_the_other(printed, said):
    profile = load_profile("bundled")
    text = response_text(profile, status="error", stdout="o" * printed, stderr="e" * said, exit_code=1)
    assert text.count("o" * 40) and text.count("e" * 40)
    assert len(text) < 2 * profile.max_response_chars


@pytest.mark.parametrize(
    "text", ["x = " + "9" * 5000, "x = " + "[" * 3000, None], ids=["a number", "a depth", "a pipe"]
)
def test_what_cannot_be_read_as_toml_names_its_file(tmp_path, text):
    file = tmp_path / "mine.toml"
    os.mkfifo(file) if text is None else file.write_text(text)
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        load_profile("mine", (tmp_path,))
