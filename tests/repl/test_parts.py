"""Lines, Markdown, keys, the scribe: what they give for what they get."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prompt_toolkit.completion import DummyCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings
from support.scripted import answer, call, parsed, record, run

from codemode_tui.chat import events as ev
from codemode_tui.commands import COMMANDS, completions
from codemode_tui.front.folding import Folds
from codemode_tui.front.highlight import LineByLine
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.stream import StreamParser
from codemode_tui.protocol.types import Decision
from codemode_tui.repl.assist import Asked, PromptBuffer
from codemode_tui.repl.keys import sendable, sequences
from codemode_tui.repl.lines import cells, plain, wrapped
from codemode_tui.repl.look import Look
from codemode_tui.repl.markdown import MarkdownLines
from codemode_tui.repl.repl import Repl
from codemode_tui.repl.scribe import HEAD, TAIL, Scribe
from codemode_tui.repl.spoken import Spoken
from codemode_tui.sandbox.types import ExceptionInfo, Outcome

TURN = "turn-1"


class Sheet:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.tail: list[str] = []

    def print(self, lines) -> None:
        self.lines += [plain(line) for line in lines]

    def live(self, lines) -> None:
        self.tail = [plain(line) for line in lines]


def written(*events, look=None) -> list[str]:
    sheet = Sheet()
    scribe = Scribe(sheet, look or Look({}))
    for event in events:
        scribe.apply(event)
    assert sheet.tail == []
    return sheet.lines


TEXT = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=30)


@given(st.lists(st.tuples(TEXT, st.just("")), max_size=4), st.integers(12, 60))
@example([("twelve cells ", "")], 12)
def test_wrapping_keeps_every_word_and_the_width(line, width):
    lines = wrapped(line, width, "  ")
    assert all(cells(one) <= width for one in lines)
    assert "".join("".join(map(plain, lines)).split()) == "".join(plain(line).split())


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))), st.integers(12, 120))
def test_markdown_of_any_kind_ends_and_keeps_its_words(text, width):
    page = MarkdownLines(width)
    lines = [line for one in text.split("\n") for line in page.feed(one)] + page.close()
    assert all("\n" not in plain(line) for line in lines)


def test_markdown():
    page = MarkdownLines(60)
    text = (
        "# Title\nA **bold** `word` [here](https://x.org).\n- one\n3. three\n> said\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n```python\ndef f():\n```"
    )
    lines = [plain(line).rstrip() for one in text.split("\n") for line in page.feed(one)]
    assert lines == [
        "Title", "A bold word here (https://x.org).", "• one", "3. three", "▌ said", "a  b", "─  ─", "1  2",
        "─── python ─────────────────────────────", "def f():", "─" * 40,
    ]  # fmt: skip


def test_entities_bring_back_no_hidden_character():
    assert [plain(line) for line in MarkdownLines(60).feed("a&#x202e;b &#27;[2J")] == ["a&#x202e;b &#27;[2J"]


def test_three_ticks_within_a_line_begin_no_block_and_nothing_of_it_is_lost():
    page = MarkdownLines(60)
    lines = [plain(line) for one in ("```print(1)``` prints.", "Next.") for line in page.feed(one)]
    assert lines == ["print(1) prints.", "Next."]


def test_a_table_that_is_too_wide_keeps_every_word():
    page = MarkdownLines(30)
    rows = "| key | does |\n|---|---|\n| ctrl+d | delete it; of a setting: what ships |"
    lines = [plain(line) for one in rows.split("\n") for line in page.feed(one)] + [plain(x) for x in page.close()]
    assert lines == ["key · does", "ctrl+d · delete it; of a", "    setting: what ships"]


@given(st.lists(st.sampled_from(['x = """', "a", '"""', "# why", "print('0')", "", "if (", "f'{", "\\"]), max_size=12))
def test_lines_coloured_one_by_one_say_the_same(lines):
    colours = LineByLine()
    assert [plain(colours.feed(line)) for line in lines] == lines


def test_a_string_over_many_lines_is_known_and_long_code_is_coloured_as_it_comes():
    colours = LineByLine()
    pieces = [colours.feed(line) for line in ('text = """', "if 1", '"""', "if 1")]
    assert {color for _, color in pieces[1]} == {"code-string"} and ("if", "code-keyword") in pieces[3]
    for number in range(2_000):  # minutes, were all of it coloured again for each line
        colours.feed(f"print('{number}')")


def test_every_shipped_key_of_a_line_is_one_that_a_terminal_sends():
    for command in COMMANDS:
        if command.can("repl") and command.where not in ("list",):
            for keys in sequences(command.keys_in("repl", {})):
                KeyBindings().add(*keys)(lambda event: None)


@pytest.mark.parametrize(
    "key", ["ctrl+/", "ctrl+;", "ctrl+,", "ctrl+backspace", "ctrl+G", "ctrl+é", "ctrl+space", "shift+backspace", "f25"]
)
def test_a_key_that_no_terminal_sends_is_left_out_and_the_others_stay(key):
    assert sequences(f"f9,{key}") == [("f9",)]


def test_a_command_that_no_terminal_could_reach_keeps_its_shipped_keys_and_one_without_a_key_has_none():
    keymap = {"prompt.send": "ctrl+enter", "prompt.newline": "ctrl+enter,f9", "copy": "", "undo": "f6"}
    assert sendable(keymap) == {"prompt.send": "enter", "prompt.newline": "f9", "copy": "", "undo": "f6"}
    assert sendable({"help": "f8", "thumbs-down": "ctrl+shift+g"}) == {"help": "f8", "thumbs-down": ""}  # f8 is taken


def test_what_the_table_offers_to_a_line_can_be_done_there():
    for command in COMMANDS:
        if command.slash and command.can("plain"):
            assert hasattr(Repl, f"action_{command.action}"), command.id
    names = {command.slash for command in completions("/", "repl")}
    assert {"down"} == {command.slash for command in completions("/dow", "repl")}
    assert {"copy", "theme", "review", "keymap"} <= names
    assert not {"copy", "theme"} & {command.slash for command in completions("/", "plain")}


def test_a_message_that_arrives_in_any_pieces_is_printed_once():
    code = 'text = """a\nb"""\nprint(text)'
    whole = written(
        *call(TURN, code, prose="Let me see.\n\n"), *run(TURN, code, "a\nb\n"), *answer(TURN, "Done.", step=1)
    )
    said = ["Let me see.", 'text = """a', 'b"""', "print(text)", "a", "b", "Done."]
    assert [line for line in whole if line in said] == said


@pytest.mark.parametrize("words", ["The file is `notes.md` here.", "Run:\n```\nls\n```", "- a\n- `b`"])
def test_what_was_held_back_is_printed_as_it_stands(words):
    stream = StreamParser(load_profile("bundled"))
    events = [ev.TextDelta(TURN, 0, one.text) for at in words for one in stream.feed(at)]
    shown = written(*events, parsed(TURN, 0, Decision.DIRECT, words, None, None))
    at_once = written(parsed(TURN, 0, Decision.DIRECT, words, None, None))
    said, whole = ([one for one in lines if one.strip() and "DIRECT" not in one] for lines in (shown, at_once))
    assert said == whole


def test_code_that_was_read_otherwise_than_it_streamed_is_shown_as_it_will_run():
    events = [ev.Likelihood(TURN, 0, 0.9), ev.CodeDelta(TURN, 0, "print(1)\n")]
    lines = written(*events, parsed(TURN, 0, Decision.TOOL, "", "print(2)", 0.9))
    assert "print(2)" in lines and any("as it was read" in line for line in lines)


def test_a_decision_that_turns_out_otherwise_is_corrected():
    events = [ev.Likelihood(TURN, 0, 0.9), *(ev.TextDelta(TURN, 0, f"line {n}\n") for n in range(3))]
    lines = written(*events, parsed(TURN, 0, Decision.DIRECT, "line 0\nline 1\nline 2\n", None, 0.9))
    badges = [line for line in lines if "━" in line]
    assert "TOOL" in badges[0] and "DIRECT" in badges[1]
    odd = written(ev.Likelihood(TURN, 0, 0.9), parsed(TURN, 0, Decision.MALFORMED, "", None, 0.9, raw="{broken"))
    assert any("a broken call, not run" in line for line in odd) and "{broken" in odd


def test_a_flood_of_output_is_bounded_and_its_end_is_there():
    code = "print(1)"
    lines = written(*call(TURN, code), *run(TURN, code, "".join(f"{n}\n" for n in range(5000))))
    assert "0" in lines and "4999" in lines and str(HEAD) not in lines
    assert any(f"{5000 - HEAD - TAIL:,} more lines" in line for line in lines)


def test_what_was_left_out_of_an_output_is_said_once():
    code = "print(1)"
    lines = written(*call(TURN, code), *run(TURN, code, "".join(f"{n}\n" for n in range(100))),
                    *answer(TURN, "Done.", step=1))  # fmt: skip
    assert sum("more lines" in line for line in lines) == 1 and "(no output)" not in lines
    assert "(no output)" in written(*call(TURN, code), *run(TURN, code, ""))


def test_the_line_that_failed_is_named_as_python_counts():
    code = "\n\nx = 1\ny = x\nprint(x/0)\nz=2\nw=3"
    wrong = Outcome("error", 1, exception=ExceptionInfo("ZeroDivisionError", "division by zero", 5, ""))
    ran = [ev.RunStarted(TURN, 0, "run-0", code, "bwrap"), ev.RunFinished(TURN, 0, "run-0", wrong)]
    lines = written(*call(TURN, code), *ran)
    assert "ZeroDivisionError: division by zero (line 5)" in lines and "line 5: print(x/0)" in lines


def test_the_code_that_failed_is_known_when_a_correction_is_opened():
    scribe = Scribe(Sheet(), Look({}))
    wrong = Outcome("error", 1, exception=ExceptionInfo("ValueError", "no", 1, ""))
    failed = [ev.RunStarted(TURN, 1, "run-1", "int('x')", "bwrap"), ev.RunFinished(TURN, 1, "run-1", wrong)]
    for event in (*call(TURN, "print(1)"), *run(TURN, "print(1)", "1\n"), *call(TURN, "int('x')", step=1), *failed):
        scribe.apply(event)
    assert [scribe.said[step].failed for step in (0, 1)] == [False, True]


def test_a_failed_turn_says_why():
    lines = written(
        ev.TurnFailed(TURN, "engine", "the engine died", "ask again", record(TURN, "q", None)), look=Spoken({})
    )
    assert "Failed: the engine died. Ask again." in lines


def test_importing_the_line_front_end_imports_no_screen_and_no_model():
    program = (
        "import sys, codemode_tui.repl.repl, codemode_tui.repl.terminal, codemode_tui.repl.plain\n"
        "print([m for m in ('textual', 'rich', 'mlx', 'mlx_lm', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_long_output_is_copied_whole():
    printed = "".join(f"{n}\n" for n in range(3_000)) + "x" * 5_000 + "\nesc \x1b[2J"
    scribe = Scribe(Sheet(), Look({}))
    for event in run(TURN, "", printed):
        scribe.apply(event)
    assert scribe.copyable("output") == (printed.replace("\x1b", "\\x1b"), "output")


@pytest.fixture
def folded() -> PromptBuffer:
    """A prompt with ``a [pasted #1: 41 lines] b``, the cursor behind the paste."""
    folds = Folds()
    buffer = PromptBuffer(folds, DummyCompleter(), Asked([], folds.fold), lambda: None)
    text = f"a {folds.fold(chr(10).join('x' * 41))}"
    buffer.document = Document(f"{text} b", len(text))
    return buffer


def test_what_is_deleted_at_a_fold_takes_all_of_it_and_undo_brings_it_back(folded):
    text = folded.text
    folded.save_to_undo_stack()
    assert folded.delete_before_cursor() == "[pasted #1: 41 lines]" and folded.text == "a  b"
    folded.undo()
    assert folded.text == text
    folded.cursor_position = 2
    folded.delete(3)
    assert folded.text == "a  b"


@pytest.mark.parametrize(("begin", "end"), [(2, 3), (14, 23), (4, 9)])
def test_what_is_cut_out_of_a_fold_takes_all_of_it(folded, begin, end):
    folded.document = Document(folded.text[:begin] + folded.text[end:], begin)
    assert (folded.text, folded.cursor_position) == ("a  b", 2)


def test_the_cursor_passes_a_fold_in_one_step(folded):
    folded.cursor_left()
    assert folded.cursor_position == 2
    folded.cursor_right()
    assert folded.text[folded.cursor_position :] == " b"
    folded.insert_text("!", fire_event=False)
    assert folded.text == "a [pasted #1: 41 lines]! b"
