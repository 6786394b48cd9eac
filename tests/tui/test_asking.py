"""From a question to its answer, as a person sees it."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from support.picture import ANSWER, FIRST, PRINTED
from support.scripted import ScriptedChat, answer, approval, call, parsed, record, run
from textual.widgets import Static
from textual.widgets.markdown import MarkdownBlock

from codemode_tui.chat import events as ev
from codemode_tui.engine.api import Usage
from codemode_tui.front.status import tell
from codemode_tui.front.wording import METER, meter, notes, percent, remark
from codemode_tui.protocol.types import Decision
from codemode_tui.repl.console import Now
from codemode_tui.repl.spoken import Spoken
from codemode_tui.sandbox.types import ExceptionInfo, Outcome, ToolCall
from codemode_tui.tui.badge import DecisionBadge
from codemode_tui.tui.code_card import CodeCard
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.document import SafeMarkdown
from codemode_tui.tui.hints import Hints
from codemode_tui.tui.output_panel import OutputPanel
from codemode_tui.tui.question import Question, folded

from .screen import app_for, ask, lines, settle, texts

T = "turn-1"


def _turn(after=()):
    return [
        *call(T, FIRST),
        approval(T, FIRST, ("search_files",), ()),
        *after,
        *run(T, FIRST, PRINTED),
        *answer(T, ANSWER, step=1, probability=None),
    ]


async def test_a_question_shows_decision_code_and_after_a_yes_output_and_answer():
    chat = ScriptedChat(_turn())
    app = app_for(chat)
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "How many TODOs are left?")
        badge = app.main.query(DecisionBadge).first()
        assert badge.decision is Decision.TOOL and "TOOL 99 %" in badge.render().plain
        assert app.main.query_one(CodeCard).text == FIRST
        await pilot.press("y")
        await settle(pilot)
        assert chat.replies == [ev.Approval("run")]
        assert app.main.query_one(OutputPanel).text.splitlines() == PRINTED.splitlines()
        assert app.main.query_one(SafeMarkdown).source == ANSWER
        assert not app.main.query(ConfirmPanel)
        assert app.focused is app.main.prompt


async def test_a_direct_answer_says_so_and_shows_p_tool():
    app = app_for(ScriptedChat(answer(T, "A decorator wraps a function.")))
    async with app.run_test() as pilot:
        await ask(pilot, "What is a decorator?")
        shown = app.main.query_one(DecisionBadge).render().plain
        assert "DIRECT" in shown and "P(tool) 1 %" in shown


async def test_of_a_long_question_the_beginning_is_shown_and_all_of_it_by_a_key():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "\n".join(f"line {n}" for n in range(1, 451)))
        asked = app.main.query_one(Question)
        assert asked.size.height == 9 and "⋯ 442 more lines · ctrl+l shows them" in texts(app)
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert asked.size.height == 450 and "more lines" not in texts(app)
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert asked.size.height == 9


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("a\nb\nc", "a\nb\nc"), ("a\nb\nc\nd", "a\nb"), ("aaaa\nbbbb\ncc", "aaaa"), ("a" * 12, "a" * 8), ("", ""),
        ("aaa\n" + "b" * 12, "aaa\nbbbb"),
    ],
)  # fmt: skip
def test_a_question_is_cut_at_the_end_of_a_line_but_in_one_that_is_most_of_it(text, head):
    assert folded(text, 2, 8) == (head, text[len(head) :])


async def test_names_of_files_are_no_links_and_numbers_stand_at_the_right():
    text = (
        "Those have it: a.py, notes/todo.md, README.md.\n\n| file | lines |\n|---|--:|\n| a.py | 7 |\n| b.py | 1200 |\n"
    )
    app = app_for(ScriptedChat(answer(T, text)))
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "Where?")
        assert app.main.query(MarkdownBlock).first()._content.spans == []
        shown = [line.rstrip() for line in lines(app)]
        at = next(n for n, line in enumerate(shown) if "Those have it" in line)
        blank, head, _, first, second = shown[at + 1 : at + 6]
        assert blank.strip(" ▌") == "" and "a.py" in first and "b.py" in second
        assert len(head) == len(first) == len(second)


async def test_a_broken_call_is_shown_whole_and_explained():
    raw = '```json\n{"code": "print(1)"}'
    script = [
        ev.Likelihood(T, 0, 0.9),
        parsed(T, 0, Decision.MALFORMED, "", None, 0.9, raw=raw),
        ev.TurnDone(T, record(T, "", None)),
    ]
    app = app_for(ScriptedChat(script))
    async with app.run_test() as pilot:
        await ask(pilot, "Count.")
        assert "MALFORMED" in app.main.query_one(DecisionBadge).render().plain
        assert app.main.query_one(SafeMarkdown).source == raw


async def test_a_syntax_error_names_its_line_once():
    error = ExceptionInfo("SyntaxError", "invalid syntax (<code>, line 1)", 1, "")
    script = [*call(T, "print(\n"), run(T, "", "")[0], ev.RunFinished(T, 0, "run-0", Outcome("error", exception=error))]
    app = app_for(ScriptedChat(script))
    async with app.run_test() as pilot:
        await ask(pilot, "go")
        assert app.main.query_one(OutputPanel).text == "SyntaxError: invalid syntax (<code>, line 1)"


async def test_what_two_streams_print_in_turn_has_no_lines_between():
    pieces = [("stdout", "a\n"), ("stderr", "warn\n"), ("stdout", "b"), ("stdout", "c\r"), ("stdout", "\n👩\u200d")]
    script = [*call(T, FIRST), run(T, FIRST, "")[0], *(ev.RunOutput(T, 0, stream, text) for stream, text in pieces)]
    more = asyncio.Event()
    app = app_for(ScriptedChat([*script, more, ev.RunOutput(T, 0, "stdout", "👧"), asyncio.Event()]))
    async with app.run_test() as pilot:
        await ask(pilot, "go")
        panel = app.main.query_one(OutputPanel)
        assert panel.text == "a\nwarn\nbc\n👩" and len(panel.lines) == 4
        more.set()
        await settle(pilot)
        assert panel.text == "a\nwarn\nbc\n👩\u200d👧"


async def test_a_long_output_names_the_key_that_shows_all_of_it():
    script = [*call(T, FIRST), *run(T, FIRST, "".join(f"{n}\n" for n in range(50)))]
    app = app_for(ScriptedChat(script), keys={"expand": "f9"})
    async with app.run_test() as pilot:
        await ask(pilot, "go")
        panel = app.main.query_one(OutputPanel)
        assert any("f9 shows them" in text for line in panel.lines for text, _ in line)
        await pilot.press("f9")
        assert len(panel.lines) == 50


async def test_the_items_of_a_list_stand_close_together():
    app = app_for(ScriptedChat(answer(T, "1. one\n2. two\n\nafter")))
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "go")
        lines = [strip.text.strip(" ▌") for strip in app.main._compositor.render_strips()]
        at = lines.index("1. one")
        assert lines[at : at + 4] == ["1. one", "2. two", "", "after"]


async def test_escape_stops_the_running_turn_and_marks_it():
    chat = ScriptedChat([*call(T, FIRST), *run(T, FIRST, "1\n")[:2], asyncio.Event()])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "Loop for ever.")
        assert app.main.status.state == "running"
        await pilot.press("escape")
        await settle(pilot)
        assert "stopped" in texts(app)
        assert app.main.status.state == "ready" and not app.main.driver.running
        assert app.main.query_one(CodeCard).border_subtitle == "stopped"


async def test_escape_at_the_confirmation_stops_the_turn_without_running_anything():
    chat = ScriptedChat(_turn())
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await pilot.press("escape")
        await settle(pilot)
        assert chat.replies == [] and not app.main.query(ConfirmPanel)
        assert "stopped" in texts(app)


async def test_a_bug_in_the_conversation_leaves_the_app_usable():
    def broken():
        raise ZeroDivisionError("boom")

    chat = ScriptedChat([broken], answer("turn-2", "Fine."))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "one")
        assert "ZeroDivisionError: boom" in texts(app)
        await ask(pilot, "two")
        assert app.main.transcript.cards[-1].answer == "Fine."


async def test_a_question_of_a_megabyte_does_not_fill_the_screen():
    app = app_for(ScriptedChat(answer(T, "ok")))
    async with app.run_test() as pilot:
        await pilot.pause()
        app.main.prompt.put("x" * 1_000_000)
        await pilot.press("enter")
        await settle(pilot)
        card = app.main.transcript.cards[0]
        assert len(card.question) == 1_000_000
        assert card.region.height < 60


async def test_old_turns_leave_the_screen():
    from codemode_tui.tui import transcript

    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        for number in range(transcript.KEPT + 3):
            await app.main.open_turn(f"question {number}")
        assert len(app.main.transcript.cards) == transcript.KEPT


async def test_scrolled_up_stays_where_it_is_while_text_streams():
    more = asyncio.Event()
    long_ = "\n\n".join(f"Paragraph {n}." for n in range(40))
    script = [*answer(T, long_, end=False), more, *answer(T, "\n\nAnd more.", end=False), asyncio.Event()]
    app = app_for(ScriptedChat(script))
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "Tell me a lot.")
        await pilot.press("pageup", "pageup")
        await settle(pilot)
        where = app.main.transcript.scroll_y
        more.set()
        await settle(pilot)
        assert app.main.transcript.scroll_y == where
        assert where < app.main.transcript.max_scroll_y


async def test_a_resize_in_mid_stream_keeps_everything():
    more = asyncio.Event()
    script = [*call(T, FIRST)[:-1], more, call(T, FIRST)[-1], *run(T, FIRST, PRINTED), *answer(T, "ok", step=1)]
    app = app_for(ScriptedChat(script))
    async with app.run_test(size=(160, 50)) as pilot:
        await ask(pilot, "How many?")
        await pilot.resize_terminal(40, 24)
        more.set()
        await settle(pilot)
        await pilot.resize_terminal(120, 30)
        await settle(pilot)
        assert app.main.query_one(CodeCard).text == FIRST
        assert app.main.transcript.cards[0].answer == "ok"


def test_of_a_message_without_an_end_no_reason_is_claimed_that_is_not_known():
    assert remark(Decision.DIRECT, cut=True) == "cut off"
    assert "cut off." in Spoken({}).badge(Decision.DIRECT, None, "cut off")[0][0]


def test_a_probability_is_never_rounded_to_certainty():
    assert [meter(p) for p in (0.0, 0.5, 0.999, 1.0)] == ["", "━━━━━", "━━━━━━━━━╸", "━" * METER]
    assert [percent(p) for p in (0.0, 0.004, 0.5, 0.993, 0.9999, None)] == ["<1 %", "<1 %", "50 %", "99 %", ">99 %", ""]


async def test_of_two_questions_in_one_breath_the_second_waits():
    chat = ScriptedChat(answer(T, "First."), answer("turn-2", "Second."))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        app.main.ask("one")
        app.main.ask("two")
        assert app.main.driver.queued is not None and app.main.driver.running
        await settle(pilot)
        assert [text for text, _ in chat.questions] == ["one", "two"] and "a turn is running" not in texts(app)


def test_code_that_a_person_wrote_leaves_the_context_as_full_as_it_was():
    now = Now(used=150, limit=2048)
    tell(now, replace(parsed(T, 0, Decision.TOOL, "", FIRST, None), usage=Usage()), 0.0)
    assert now.used == 150


async def test_a_long_output_is_copied_whole():
    printed = "".join(f"{n}\n" for n in range(3_000)) + "x" * 5_000 + "\nesc \x1b[2J"
    script = [*call(T, FIRST), *run(T, FIRST, printed), *answer(T, "Done.", step=1, probability=None)]
    app = app_for(ScriptedChat(script))
    async with app.run_test() as pilot:
        await ask(pilot, "go")
        await ask(pilot, "/copy output")
        assert app.clipboard == printed.replace("\x1b", "\\x1b") and f"{len(app.clipboard):,} characters" in texts(app)


def _rows(app):
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("size", [(40, 12), (40, 14)])
async def test_on_a_low_terminal_the_code_is_in_the_question_and_the_answer_is_seen_after_it(size):
    code = 'print(read_file("a.txt"))\n'
    said = answer(T, "It has 3 lines.", step=1, probability=None)
    script = [*call(T, code), approval(T, code, ("read_file",), ("a.txt",)), *run(T, code, "3\n"), *said]
    app = app_for(ScriptedChat(script))
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "Read a.txt")
        await pilot.press("e", "escape")
        await settle(pilot)
        assert any(code.strip() in row for row in _rows(app))
        await pilot.press("down", "down", "down")
        await settle(pilot)
        assert any("512 MB" in row for row in _rows(app))
        await pilot.resize_terminal(60, 30)
        await settle(pilot)
        assert sum(code.strip() in row for row in _rows(app)) == 1  # where the turn has room, it stands there alone
        await pilot.resize_terminal(*size)
        await pilot.press("y")
        await settle(pilot)
        assert any("It has 3 lines." in row for row in _rows(app)) and "ready" in _rows(app)[-1]


@pytest.mark.parametrize(
    ("tool", "said"),
    [("write_file", "/undo puts it back"), ("run_command", "/undo puts back all but what a command wrote")],
)
def test_what_can_be_undone_is_said_with_what_cannot(tool, said):
    outcome = Outcome("ok", 0, undo="journal", tool_calls=(ToolCall(tool, {}, True, 0.4),))
    assert [note.text for note in notes(outcome)] == [said] and len(said) < 45  # one row, also at 60 columns


async def test_a_resumed_session_says_how_full_the_context_is():
    usage = Usage(prompt_tokens=30_000, generated_tokens=700)
    step = replace(parsed(T, 0, Decision.DIRECT, "yes", None, 0.1), usage=usage)
    past = [ev.TurnStarted(T, "s", "Is it?"), step, ev.TurnDone(T, record(T, "", None))]
    app = app_for(ScriptedChat(), past=[past])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        line = _rows(app)[-1]
        assert "30.7k/32.8k (94%)" in line and "ctrl+g that was wrong" in line and "ctrl+q leave" in line


async def test_figures_leave_the_most_needed_keys_their_room():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.main.status.rate, app.main.status.memory = 131.0, 84_000_000
        await settle(pilot)
        assert "131 tok/s" in _rows(app)[-1] and "ctrl+g" in _rows(app)[-1] and "ctrl+q" in _rows(app)[-1]


async def test_a_question_without_blanks_begins_beside_its_mark():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "漢字" * 50)
        assert any("❯ 漢字" in row for row in _rows(app))


async def test_in_a_narrow_terminal_what_a_key_does_stands_below_it():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(40, 12)) as pilot:
        await settle(pilot)
        await pilot.press("f1")
        await settle(pilot)
        text = str(app.screen.query_one(Static).render())
        assert "  f1\n    keys and commands, or a topic\n    to read\n" in text


async def test_what_is_offered_takes_one_line_each_in_two_columns():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash")
        await settle(pilot)
        hints = app.main.query_one(Hints)
        assert hints.size.height == str(hints.render()).count("\n") + 1
