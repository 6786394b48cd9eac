"""The drawn REPL in a terminal: keys, pastes, colours, hostile text, what stays in the scrollback."""

from __future__ import annotations

import os
import re

import pytest

from codemode_tui import locations
from codemode_tui.front.drafts import Draft, Drafts

from .conftest import cooked
from .stage import CODE, HOSTILE, SPELT

OWN = re.compile(
    rb"\x1b\[[0-9;]*[mABCDJK]|\x1b\[\?(?:7|12|25|1|2004|2026)[hl]|\x1b\[[0-9] q|\r|\n|\x1b\[[0-9]*[GH]|\x1b\[6n"
)
"""What the program itself says to the terminal."""


def test_code_is_confirmed_run_and_answered_and_each_line_is_printed_once(stage):
    terminal = stage("code")
    terminal.type("how many?\r")
    shown = terminal.wait("run this code?", "y run")
    assert "TOOL 99 %" in shown and "tools  read_file" in shown and "bwrap" in shown
    terminal.type("y")
    shown = terminal.wait("✓ ran in", "There are 4 lines.", "87 tok/s", "ready")
    assert shown.index("? run this code?  run") < shown.index("✓ ran in") < shown.index("There are 4 lines.")
    for line in CODE.splitlines():
        assert shown.count(line) == 1 and f"\n{line}\n" in shown  # alone on its line: it can be copied
    terminal.type("and again?\r")
    terminal.wait("❯ and again?", "y run")
    terminal.type("\r")  # denying is what enter does
    terminal.wait("? run this code?  deny")
    terminal.type("\x04")
    assert terminal.end() == 0 and cooked(terminal)
    assert "action='run'" in terminal.text and "action='deny'" in terminal.text


def test_who_writes_on_while_a_question_appears_answers_nothing(stage):
    terminal = stage("code")
    terminal.type("how many?\r")
    terminal.wait("run this code?", "y run")
    terminal.type("because yes")
    terminal.wait("❯ because yes", "tab answers this")
    terminal.type("\ty")
    terminal.wait("✓ ran in", "❯ because yes")


def test_code_is_edited_and_a_reason_given(stage):
    terminal = stage("code", columns=250)
    terminal.type("how many?\r")
    terminal.wait("run this code?", "y run")
    terminal.type("e")
    terminal.wait("change the code", "ctrl+s take it")
    terminal.type("x = 1\r\x1b[1;3B\x1b\x1b[A\x13")  # alt and an arrow, in two spellings, only moves
    terminal.wait("✓ ran in", "There are 4 lines.", "ready")
    terminal.type("and again?\r")
    terminal.wait("❯ and again?", "y run")
    terminal.type("w")
    terminal.wait("why not?")
    terminal.type("too slow\r")
    terminal.wait("say why")
    terminal.type("\x04")
    terminal.end()
    assert "x = 1\\ntotal = 0" in terminal.text
    assert "action='deny', code=None, reason='too slow'" in terminal.text


def test_a_change_is_shown_as_a_diff_before_it_is_made(stage):
    terminal = stage("write", columns=200)
    terminal.type("go\r")
    terminal.wait("run this code?", "y run")
    terminal.type("y")
    terminal.wait("+b\\x1b[31meta", "change notes.txt?", "always this file")
    terminal.type("n")
    terminal.wait("? change notes.txt?  deny")
    terminal.type("\x04")
    terminal.end()
    assert "WriteReply(action='deny')" in terminal.text


def test_hostile_text_is_inert_everywhere(stage):
    terminal = stage("hostile", rows=60)
    terminal.type("go\r")
    terminal.wait("run this code?", "y run")
    terminal.type("y")
    shown = terminal.wait("87 tok/s", "ready", "&#27;[31m")
    assert "\\x1b[2J" in shown and "\\u202e" in shown
    terminal.type("\x04")
    terminal.end()
    rest = OWN.sub(b"", terminal.raw.replace(b"\x1b[?25h\x1b[?1l", b"")).decode()
    strange = {c for c in rest if c < " " or "\x7f" <= c < "\xa0" or (c in HOSTILE and c > "\x7f")}
    assert strange == set()


def test_ctrl_c_stops_the_turn_and_then_says_how_to_leave(stage):
    terminal = stage("endless")
    terminal.type("go\r")
    terminal.wait("line 4", "half a line", "writing")
    terminal.type("next question\r")
    terminal.type("\x03")
    shown = terminal.wait("stopped", "ready", "❯ next question")  # what was to come next is a draft again
    assert shown.count("half a line") == 1
    terminal.type("\x03")
    terminal.until(lambda text: text.count("next question") == 0)
    terminal.type("\x03")
    terminal.wait("ctrl+d or /quit leaves")
    terminal.type("\x04")
    assert terminal.end() == 0 and cooked(terminal)


def test_ctrl_d_in_the_middle_of_a_turn_ends_it_in_order(stage):
    terminal = stage("endless")
    terminal.type("go\r")
    terminal.wait("half a line")
    terminal.type("\x04")
    assert terminal.end() == 0 and cooked(terminal)


def test_a_paste_of_ten_megabytes_is_folded_and_sent_whole(stage):
    terminal = stage()
    terminal.type("\x1b[200~")
    line = "0123456789" * 10 + "\n"
    for _ in range(100):
        terminal.type(line * 1000)
        terminal.read()
    terminal.type("\x1b[201~")
    terminal.wait("[pasted #1: 100,000 lines]")
    terminal.type(" what is it?\r")
    terminal.wait("❯ [pasted #1: 100,000 lines] what is it?", "You asked: 0123")


def test_a_paste_presses_no_keys_and_a_small_one_is_text(stage):
    terminal = stage()
    terminal.type("\x1b[200~one\rtwo\x03\x1b[A three\x1b[201~")
    terminal.wait("❯ one", "two\\x03\\x1b[A three")


def test_words_in_any_script_are_sent_and_corrected_as_they_are_spelt(stage):
    terminal = stage("spelt", columns=200)
    terminal.type(f"\x1b[200~{SPELT}\x1b[201~ ok?\r")
    terminal.wait("\\u202eabc.", "ready")
    terminal.type("/correct edit\r")
    terminal.wait("write which?")
    terminal.type("1\r")
    terminal.wait("write the answer", "ctrl+s take it")
    terminal.type(f"\x1b[200~{SPELT}\x1b[201~ N\x13")
    terminal.wait("nothing came of it", "n close")
    terminal.type("n")
    terminal.wait("what was wrong?", "enter later")
    terminal.type("\r")
    terminal.until(lambda text: "enter later" not in text)
    terminal.type("\x04")
    terminal.end()
    assert f"questions: {[f'{SPELT} ok?']}" in terminal.text
    assert repr({"step": 0, "answer": f"{SPELT} N{SPELT} \u202eabc."}) in terminal.text


def test_several_lines_history_and_its_search(stage):
    terminal = stage()
    terminal.type("first\x1b\rsecond\r")
    terminal.wait("You asked: first", "second")
    terminal.type("another\r")
    terminal.wait("You asked: another")
    terminal.type("\x1b[A")
    terminal.wait("❯ another")
    terminal.type("\x03\x12fir")
    terminal.wait("search back: fir")
    terminal.type("\r\r")
    terminal.until(lambda text: text.count("You asked: first") == 2)


def test_questions_of_before_are_there_and_large_ones_are_folded(stage):
    terminal = stage("history")
    terminal.type("dr")
    terminal.wait("❯ dr")
    while "❯ [pasted #1: 3,000 lines]" not in terminal.text:  # they come a little later
        terminal.type("\x1b[A")
        terminal.read()
    terminal.type("\x1b[B")
    terminal.wait("❯ the newest")
    terminal.type("\x1b[B")
    terminal.wait("❯ dr")


def test_backspace_takes_a_folded_paste_whole(stage):
    terminal = stage()
    terminal.type("\x1b[200~" + "word " * 300 + "end\x1b[201~")
    terminal.wait("❯ [pasted #1: 1,503 characters]")
    terminal.type("!\x7f\x7f")
    terminal.until(lambda text: "pasted" not in text)


def test_a_long_question_is_recalled_as_it_was_written(stage):
    terminal = stage()
    terminal.type("word " * 220 + "end\r")
    terminal.wait("You asked: word", "ready")
    terminal.type("\x1b[A!")
    terminal.until(lambda text: re.search(r"e\s*n\s*d\s*!", text) is not None)
    assert "pasted" not in terminal.text


def test_vi_keys(stage):
    terminal = stage(STAGE_VI="1")
    terminal.wait("INSERT")
    terminal.type("one two\x1b")
    terminal.wait("NORMAL")
    terminal.type("bcwthree\x1b")
    terminal.wait("❯ one three", "NORMAL")
    terminal.type("\r")
    terminal.wait("You asked: one three")


def test_commands_and_files_are_completed_and_what_a_line_cannot_do_is_not_offered(stage):
    terminal = stage(rows=100)
    terminal.type("/s")
    shown = terminal.wait("/stop", "/sessions", "/sandbox")
    assert "/palette" not in shown
    terminal.type("a\t")
    terminal.wait("❯ /sampling")
    terminal.type("\x03/help scr\t")
    terminal.wait("❯ /help scripts")
    terminal.type("\x03@rout")
    terminal.wait("app/routes.py")
    terminal.type("\t")
    terminal.wait("❯ app/routes.py")
    terminal.type("\x03/review\r")
    terminal.wait("nothing is stored here")
    terminal.type("\x03/help\r")
    shown = terminal.wait("While writing", "/good", "f8")
    assert "ctrl+g" not in shown


def test_a_thumbs_down_is_a_key_a_reason_another_and_said_again_it_is_undone(stage):
    terminal = stage()
    terminal.type("hello\r")
    terminal.wait("You asked: hello", "ready")
    terminal.type("\x1b[19~")  # f8
    terminal.wait("thumbs-down  saved", "what was wrong?", "1 should run")
    terminal.type("4")
    terminal.wait_for_keys(0.5)
    terminal.type("\r")
    terminal.wait("saved · wrong answer")
    terminal.type("/down\r")
    terminal.wait("thumbs-down undone")


@pytest.mark.parametrize("columns", [40, 300])
def test_narrow_and_wide(stage, columns):
    terminal = stage("code", columns=columns)
    terminal.type("how many?\r")
    terminal.wait("run this code?", "y run")
    terminal.type("y")
    terminal.wait("✓ ran in", "There are 4 lines.")


def test_resized_in_the_middle(stage):
    terminal = stage("endless")
    terminal.type("go\r")
    terminal.wait("half a line")
    for columns, rows in ((50, 20), (140, 40), (80, 24)):
        terminal.process.setwinsize(rows, columns)
        terminal.screen.resize(rows, columns)
        terminal.wait_for_keys(0.2)
    shown = terminal.wait("half a line", "writing")
    assert shown.count("half a line") == 1
    terminal.type("\x03")
    terminal.wait("stopped", "ready")


def test_without_colours(stage):
    terminal = stage("code", NO_COLOR="1")
    terminal.type("how many?\r")
    terminal.wait("run this code?", "y run")
    terminal.type("y")
    terminal.wait("✓ ran in", "There are 4 lines.")
    assert not re.search(rb"\x1b\[[0-9;]*(?<![0-9])[34][0-9](;|m)", terminal.raw)


@pytest.fixture
def dead(tmp_path, monkeypatch):
    """The draft of a program that was killed."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    Drafts(tmp_path).keep(Draft("left before", {}))
    (file,) = (locations.data_dir() / "drafts").glob("*.json")
    return file.rename(file.with_name(file.name.replace(f"-{os.getpid()}.", "-999999999.")))


def test_a_draft_that_was_left_waits_where_something_is_being_written_already(stage, dead, tmp_path):
    terminal = stage("patient")
    terminal.type("typed")
    terminal.wait("❯ typed")
    (tmp_path / "go").touch()
    terminal.until(lambda _: any("typed" in file.read_text() for file in dead.parent.glob("*.json")))
    assert "left before" in dead.read_text() and "left before" not in terminal.text


def test_what_is_typed_while_a_draft_that_was_left_is_read_comes_behind_it(stage, dead, tmp_path):
    terminal = stage("lazy")
    terminal.wait_for_keys(0.5)  # questions of before come first
    terminal.type("typed")
    terminal.wait("❯ typed")
    (tmp_path / "go").touch()
    terminal.until(lambda text: re.search(r"❯ left before\n\s*\n\s*typed", text) is not None)
    terminal.type(" on\r")
    terminal.wait("You asked: left before", "typed on")
    assert not dead.exists()


def test_a_folder_without_files_is_looked_through_once_for_each_key(stage):
    terminal = stage("empty")
    terminal.type("@")
    terminal.wait_for_keys(1.0)
    terminal.type("\x03\x04")
    terminal.end()
    assert "looks: 1\n" in terminal.text


def test_a_key_that_no_terminal_sends_is_refused_and_in_the_settings_it_is_left_out(stage):
    terminal = stage(columns=150)
    terminal.type("/keymap thumbs-down ctrl+/\r")
    terminal.wait("ctrl+/ is no key that a terminal sends")
    terminal.type("/keymap thumbs-down f9\r")
    terminal.wait("keys.thumbs-down")


def test_keys_that_only_the_screen_knows_leave_the_line_its_own(stage):
    terminal = stage(
        "code", STAGE_KEYS='{"prompt.send": "ctrl+enter", "prompt.newline": "enter", "confirm.run": "ctrl+/"}'
    )
    terminal.type("how many?\r")
    terminal.wait("run this code?", "y run")
    terminal.type("y")
    terminal.wait("✓ ran in", "There are 4 lines.")
