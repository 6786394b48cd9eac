"""The review: what waits, in which order, and what each key does with it."""

from __future__ import annotations

import asyncio
import json

import pytest
from support.archive import Archive, turn
from support.picture import FIRST
from support.scripted import ScriptedChat, answer, approval, candidate, parsed
from textual import events

from codemode_tui.chat import events as ev
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.corpus.rows import read_row
from codemode_tui.errors import SandboxError, StoreError
from codemode_tui.front.corrections import Draft
from codemode_tui.front.rehearsal import Rehearsal
from codemode_tui.front.review_queue import Waiting, ordered
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.types import Decision
from codemode_tui.store.records import Standing
from codemode_tui.tui.candidate_card import CandidateCard
from codemode_tui.tui.chat_screen import ChatScreen
from codemode_tui.tui.editing import CodeEditor
from codemode_tui.tui.output_panel import OutputPanel
from codemode_tui.tui.row_view import RowView, rewritten

from .screen import app_for, ask, settle, texts, until
from .states import CRASH, _queue, _rows


async def _press(pilot, *keys):
    for key in ("", *keys):
        await (pilot.press(key) if key else pilot.pause())
        await settle(pilot)


def _states(app):
    return [entry.state for entry in app.screen.entries]


def test_the_least_certain_and_the_most_frequent_come_first_and_corrected_ones_last():
    def one(name, state="open", probability=0.9, failure=""):
        return Waiting(name, name, state, probability, failure)

    rows = [
        one("done", "verified", 0.5), one("sure", probability=0.99), one("unsure", probability=0.52),
        *(one(f"often{n}", failure="KeyError") for n in range(4)), one("unknown", probability=None),
        one("later", "skipped"),
    ]  # fmt: skip
    found = [row.turn for row in ordered(rows)]
    assert found == ["unsure", "often0", "often1", "often2", "often3", "sure", "unknown", "later", "done"]
    assert {row.alike for row in ordered(rows) if row.failure} == {4}


async def test_keys_move_skip_drop_and_leave():
    chat, archive = ScriptedChat(), _queue()
    app = app_for(chat, records=archive, review="")
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "j", "k", "down")
        assert app.screen.at == 1
        await _press(pilot, "s", "d")
        assert [(kind, body) for _, kind, body in chat.said] == [
            ("review", {"state": "skipped"}), ("review", {"state": "dropped"}),
        ]  # fmt: skip
        assert _states(app) == ["open", "skipped", "dropped", "open", "corrected"]
        assert "4 of 5 · 2 done" in app.screen.query_one(".progress").render().plain
        await _press(pilot, "j")
        taken = app.screen.query_one(CandidateCard)
        assert taken.has_class("-taken") and taken.query_one("CodeCard").text == FIRST
        await _press(pilot, "escape")
        assert isinstance(app.screen, ChatScreen) and app.focused is app.main.prompt


async def test_it_is_corrected_by_the_same_keys_as_under_a_turn():
    made = [parsed("b", 0, Decision.DIRECT, "812", None, 0.4), candidate("b", text="812")]
    chat, archive = ScriptedChat(corrections=[made]), _queue()
    app = app_for(chat, records=archive, review="")
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "4", "r", "y")
        assert chat.wishes == [("b", "retry", {})] and chat.accepted == ["fix"]
        assert _states(app)[0] == "verified"
        await _press(pilot, "j", "ctrl+g")
        assert chat.ratings == [("d", 0)] and _states(app)[1] == "none"
        await _press(pilot, "ctrl+g")
        assert chat.ratings[-1] == ("d", -1) and _states(app)[1] == "open"


async def test_the_code_of_a_correction_is_on_the_screen_when_it_is_asked_about():
    wished = [parsed("b", 0, Decision.TOOL, "", FIRST, 0.4), approval("b", FIRST, ("read_file",), ("notes.txt",))]
    app = app_for(ScriptedChat(corrections=[wished]), records=_queue(), review="")
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "1")
        assert app.screen.questions.current is not None
        await settle(pilot)
        card, pane = app.screen.query_one("CandidateCard CodeCard"), app.screen.pane
        assert card.region.height > 2 and card.region in pane.region
        await _press(pilot, "n")


async def test_without_anything_to_review_it_says_so():
    app = app_for(ScriptedChat(), records=Archive(), review="")
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "j", "s", "d", "1")
        assert app.screen.query_one(".nothing").display and app.chat.said == []
        assert "5-bit" in str(app.screen.header.render())  # which model answers
        await _press(pilot, "escape")
        assert isinstance(app.screen, ChatScreen)


async def test_hostile_text_of_a_turn_reaches_the_list_as_text():
    archive = Archive((turn("x", "[red]a[/]\x1b[2J\nb", text="no"), Standing(-1)))
    app = app_for(ScriptedChat(), records=archive, review="")
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot)
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "[red]a[/]\\x1b[2J b" in shown and "\x1b" not in shown


# -- imported rows ---------------------------------------------------------------------------------


async def test_a_row_is_run_edited_verified_and_dropped(tmp_path):
    from support.fakes import FakeEngine, FakeSandbox, conversation

    sandbox = FakeSandbox()
    services = conversation(FakeEngine(), tmp_path, sandbox=sandbox, settings=ChatSettings()).services
    archive = Archive(rows=_rows())
    app = app_for(ScriptedChat(), records=archive, rehearsal=Rehearsal(services), review="phase22")
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "e")
        editor = app.screen.query_one(CodeEditor)
        assert editor.text == CRASH.rstrip("\n")
        editor.text = "print(1)"
        await _press(pilot, "ctrl+s")
        assert archive.done[0][:2] == (1, "edit") and _states(app) == ["corrected", "none"]
        await _press(pilot, "r")
        assert sandbox.ran == []
        await _press(pilot, "y")
        assert sandbox.ran == ["print(1)"]
        await _press(pilot, "y", "d", "u")
        assert archive.done[1:] == [
            (1, "verify", {"ok": True, "how": "run"}), (2, "drop", {}), (2, "keep", {}),
        ]  # fmt: skip
        assert app.screen.query(OutputPanel) or app.screen.at == 1


async def test_a_row_that_nobody_has_seen_is_not_judged():
    archive = Archive(rows=_rows())
    app = app_for(ScriptedChat(), records=archive, rehearsal=ScriptedChat(), review="phase22")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: getattr(app.screen, "seen", None) == 0)
        for key in "yy":
            app.screen.strip.post_message(events.Key(key, key))
        await settle(pilot)
        assert archive.done == [(1, "verify", {"ok": True, "how": "human"})] and app.screen.at == 1


def test_writing_a_message_anew_changes_nothing_else_whatever_the_shape():
    code = CRASH.rstrip("\n")
    call = "<tool_call><function=execute_code>\n<parameter=code>\n{}\n</parameter>\n</function></tool_call>"
    asked, said = {"role": "user", "content": f"Run {code}"}, {"role": "assistant", "content": call.format(code)}
    data = {"name": "execute_code", "arguments": {"code": code}}
    shapes = [
        {"messages": [asked, said, asked, said], "id": 7},
        {"text": f"<|im_start|>user\n{code}<|im_end|>\n<|im_start|>assistant\n{call.format(code)}<|im_end|>\n"},
        {"prompt": code, "completion": call.format(code)},
        {"messages": [asked, {"role": "assistant", "content": None, "tool_calls": [{"function": data}]}]},
    ]
    for shape in shapes:
        row = read_row(json.dumps(shape).encode())
        line = rewritten(row, Draft(0, "code", code), "print(2)")
        again = read_row(line)
        assert parse(again.turns[1].content).code.strip() == "print(2)" and again.turns[0] == row.turns[0]
        assert again.turns[2:] == row.turns[2:] and again.table.get("id") == row.table.get("id")
        assert rewritten(row, Draft(0, "code", code), " ") is None


async def test_a_rehearsal_runs_nothing_without_a_yes(tmp_path):
    from support.fakes import FakeEngine, FakeSandbox, conversation

    sandbox = FakeSandbox()
    rehearsal = Rehearsal(conversation(FakeEngine(), tmp_path, sandbox=sandbox).services)
    seen = []
    async for event in rehearsal.run("print(1)", 3):
        seen.append(type(event))
        if isinstance(event, ev.ApprovalWanted):
            rehearsal.reply(event.request, ev.Approval("deny"))
    assert seen == [ev.ApprovalWanted, ev.RunFinished] and sandbox.ran == []


async def test_a_rehearsal_does_not_say_of_a_file_that_nobody_spoke_of_it(tmp_path):
    from support.fakes import FakeEngine, conversation

    (tmp_path / "app.py").write_text("")
    rehearsal = Rehearsal(conversation(FakeEngine(), tmp_path).services)
    async for event in rehearsal.run('print(read_file("app.py"), read_file("gone.py"))', 0):
        if isinstance(event, ev.ApprovalWanted):
            assert event.warnings == ("gone.py does not exist",)
            rehearsal.reply(event.request, ev.Approval("deny"))


async def test_what_a_rehearsal_was_allowed_holds_for_its_session_and_can_be_taken_back(tmp_path):
    from support.fakes import FakeEngine, conversation

    chat = conversation(FakeEngine(), tmp_path)
    rehearsal = Rehearsal(chat.services)

    async def asks() -> bool:
        asked = [one async for one in rehearsal.run("print(1)", 0) if isinstance(one, ev.ApprovalWanted) and yes(one)]
        return bool(asked)

    def yes(wanted: ev.ApprovalWanted) -> bool:
        rehearsal.reply(wanted.request, ev.Approval("always"))
        return True

    assert await asks() and not await asks()
    (grant,) = rehearsal.grants
    rehearsal.revoke(grant)
    assert rehearsal.grants == () and await asks() and not await asks()
    await chat.new_session()
    assert rehearsal.grants == () and await asks()


# -- while something runs --------------------------------------------------------------------------


def _reviewing_rows(tmp_path, sandbox, **settings):
    from support.fakes import FakeEngine, conversation

    services = conversation(FakeEngine(), tmp_path, sandbox=sandbox, settings=ChatSettings(**settings)).services
    archive = Archive(rows=_rows())
    return archive, app_for(ScriptedChat(), records=archive, rehearsal=Rehearsal(services), review="phase22")


async def test_while_a_row_s_code_is_asked_about_or_runs_nothing_else_happens_to_it(tmp_path):
    from support.fakes import FakeSandbox

    archive, app = _reviewing_rows(tmp_path, FakeSandbox())
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "r", "d", "s", "j", "down")
        assert archive.done == [] and app.screen.at == 0 and app.screen.questions.current is not None
        await _press(pilot, "escape")
        assert not app.main.driver.running and app.screen.questions.current is None
        await _press(pilot, "d")
        assert [kind for _, kind, _ in archive.done] == ["drop"]


async def test_a_review_is_not_opened_while_a_question_waits_and_can_be_left_while_a_turn_runs(tmp_path):
    from support.fakes import FakeSandbox

    _, app = _reviewing_rows(tmp_path, FakeSandbox())
    app.review, app.chat.load_gate = None, asyncio.Event()
    app.chat.scripts = [[*answer("turn-1", "Half", end=False), asyncio.Event()]]
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "first")
        for source in ("phase22", ""):
            app.action_review(source)
            await settle(pilot)
            assert app.screen is app.main and "a question waits for the model; esc takes it back" in texts(app)
        await _press(pilot, "escape")
        app.action_review("phase22")
        await settle(pilot)
        assert app.screen is not app.main
        app.chat.load_gate.set()
        app.main.ask("second")  # as from the palette
        await settle(pilot)
        assert app.main.driver.running
        await _press(pilot, "escape")
        assert app.screen is app.main and app.main.driver.running


async def test_while_a_turn_is_corrected_it_is_not_skipped():
    chat, archive = ScriptedChat(corrections=[[asyncio.Event()]]), _queue()
    app = app_for(chat, records=archive, review="")
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "4", "r", "s", "d", "j")
        assert [kind for _, kind, _ in chat.said] == ["reason"] and app.screen.at == 0


async def test_code_that_was_changed_at_the_question_is_no_proof_of_the_row(tmp_path):
    from support.fakes import FakeSandbox

    sandbox = FakeSandbox()
    archive, app = _reviewing_rows(tmp_path, sandbox)
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "r", "e")
        app.screen.query_one(CodeEditor).text = "print(2)"
        await _press(pilot, "ctrl+s", "y")
        assert sandbox.ran == ["print(2)"] and archive.done == [(1, "verify", {"ok": True, "how": "human"})]


async def test_code_that_could_not_be_run_at_all_is_no_proof_of_the_row(tmp_path):
    archive, app = _reviewing_rows(tmp_path, SandboxError("no sandbox", hint="get one"))
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "r", "y")
        assert archive.done == [(1, "verify", {"ok": True, "how": "human"})]


async def test_what_the_store_refuses_stays_in_the_editor(tmp_path):
    from support.fakes import FakeSandbox

    class Locked(Archive):
        async def external_event(self, *args, **more):
            raise StoreError("the store is locked", hint="try again")

    _, app = _reviewing_rows(tmp_path, FakeSandbox())
    app.records = Locked(rows=_rows())
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "e")
        app.screen.query_one(CodeEditor).text = "print(2)"
        await _press(pilot, "ctrl+s")
        assert app.screen.query_one(CodeEditor).text == "print(2)" and "not recorded" in texts(app)


@pytest.mark.parametrize("of_rows", [True, False])
async def test_what_is_being_written_in_a_review_is_not_thrown_away(tmp_path, of_rows):
    from support.fakes import FakeSandbox

    async def reopen(**changes):
        raise AssertionError(changes)

    archive, app = _reviewing_rows(tmp_path, FakeSandbox())
    if not of_rows:
        archive = _queue()
        app = app_for(ScriptedChat(), records=archive, review="")
    app.reopen = reopen
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "e", "N")
        written = app.screen.query_one(CodeEditor).text
        assert written.startswith("N")
        assert not await app.reopened(model="another")
        review = app.screen
        for act in (review.action_next, review.action_drop, review.action_skip, review.action_leave):
            await act()
            await settle(pilot)
        assert app.screen is review and review.at == 0 and archive.done == app.chat.said == []
        assert review.query_one(CodeEditor).text == written and "a correction is being written" in texts(app)


async def test_what_was_said_about_a_row_stands_above_it(tmp_path):
    from support.fakes import FakeSandbox

    _, app = _reviewing_rows(tmp_path, FakeSandbox())
    async with app.run_test(size=(80, 24)) as pilot:
        await _press(pilot, "j", "d")
        assert app.screen.view.state == "dropped"
        await _press(pilot, "u")
        assert app.screen.view.state == "not reviewed"
        await _press(pilot, "y")
        assert app.screen.view.state == "verified"
        about = str(app.screen.query_one(".about").render())
        assert about.startswith("verified")


def test_a_row_that_shows_what_not_to_say_is_told_apart():
    row = {"prompt": [{"role": "user", "content": "How?"}], "completion": [{"role": "assistant", "content": "So."}]}
    said = {
        label: RowView(read_row(json.dumps({**row, "label": label}).encode()), "unreviewed")._about().plain
        for label in (True, False)
    }
    assert "what not to say" in said[False] and "what not to say" not in said[True]


async def test_a_long_turn_is_scrolled_and_a_click_that_is_refused_marks_nothing(tmp_path):
    from support.fakes import FakeSandbox

    app = _reviewing_rows(tmp_path, FakeSandbox())[1]
    async with app.run_test(size=(80, 10)) as pilot:
        await _press(pilot)
        pane = app.screen.pane
        await _press(pilot, "pagedown")
        assert pane.max_scroll_y and pane.scroll_y
        await _press(pilot, "pageup")
        assert not pane.scroll_y
        for letter in "eNew":  # right behind the key that opens the editor
            app.post_message(events.Key(letter, letter))
        await settle(pilot)
        assert app.screen.query_one(CodeEditor).text.startswith("New")
        queue = app.screen.queue
        queue.highlighted = 1
        queue.action_select()
        await settle(pilot)
        assert (app.screen.at, queue.highlighted) == (0, 0) and "a correction is being written" in texts(app)
