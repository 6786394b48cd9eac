"""One turn chosen: the line of keys, what each does, what is offered when a turn came to nothing, and old turns."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from support.archive import Archive, turn
from support.scripted import USAGE, ScriptedChat, answer, call, candidate, parsed, record, run
from textual import events
from textual.widgets import Static

from codemode_tui.chat import events as ev
from codemode_tui.protocol.types import Decision
from codemode_tui.store.records import Standing, StoredSession
from codemode_tui.tui import transcript
from codemode_tui.tui.candidate_card import CandidateCard
from codemode_tui.tui.page import Page
from codemode_tui.tui.turn_card import TurnCard

from .screen import app_for, ask, settle, texts, until

CODE = 'print(read_file("a.txt"))\n'
T = "turn-1"


def _called() -> list:
    return [*call(T, CODE), *run(T, CODE, "3\n"), *answer(T, "There are 3.", step=1, probability=None)]


def _odd(decision: Decision, reason: str = "stop") -> list:
    step = parsed(T, 0, decision, "I will look.", None, 0.9)
    return [replace(step, finish_reason=reason), ev.TurnDone(T, record(T, "", None))]


async def _press(pilot, *keys):
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def _offered(app) -> set[str]:
    return {choice.action for choice in app.main.menu._choices} if app.main.menu.has_class("-shown") else set()


async def test_a_chosen_turn_shows_what_can_be_done_with_it_and_enter_leads_there():
    app = app_for(ScriptedChat(_called()))
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        assert not _offered(app)
        await _press(pilot, "alt+up")
        assert {"again", "edit", "fork", "run", "copy", "copy_code", "copy_output", "open", "raw"} <= _offered(app)
        await _press(pilot, "enter", "k")
        assert app.clipboard == CODE
        await _press(pilot, "o")
        assert app.clipboard == "3"
        await _press(pilot, "c")
        assert app.clipboard == "There are 3."
        await _press(pilot, "escape")
        assert app.focused is app.main.prompt and not _offered(app)


@pytest.mark.parametrize("leads", [(), ("enter",)])
async def test_the_line_of_a_chosen_turn_stays_when_another_one_ends(leads):
    go = asyncio.Event()
    chat = ScriptedChat(_called(), [*answer("turn-2", "two", end=False), go, *answer("turn-2", "two")[1:]])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await ask(pilot, "And now?")
        await _press(pilot, "alt+up")
        assert _offered(app) == {"copy", "raw"}
        await _press(pilot, "alt+up", *leads)
        go.set()
        await until(pilot, lambda: not app.main.driver.running)
        await settle(pilot)
        assert "copy_code" in _offered(app)
        await _press(pilot, *(() if leads else ("enter",)), "k")
        assert app.clipboard == CODE and app.main.prompt.empty


@pytest.mark.parametrize("leads", ["enter", "ctrl+g"])
async def test_from_the_line_of_keys_the_turn_above_is_the_one_above_its_turn(leads):
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        for question in ("one", "two", "three", "four"):
            await ask(pilot, question)
        await _press(pilot, "alt+up", "alt+up", leads, "alt+up")
        assert app.focused.question == "two" and app.main.menu.card is app.focused
        await _press(pilot, leads, "alt+down", "alt+down", leads, "alt+down")
        assert app.focused is app.main.prompt


async def test_the_line_of_a_turn_that_is_chosen_while_it_runs_grows_at_its_end():
    go = asyncio.Event()
    app = app_for(ScriptedChat([*answer(T, "one", end=False), go, *answer(T, "one")[1:]]))
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up")
        assert _offered(app) == {"copy", "raw"}
        go.set()
        await until(pilot, lambda: not app.main.driver.running)
        await settle(pilot)
        assert {"again", "edit", "copy"} <= _offered(app)


@pytest.mark.parametrize("height", [24, 60])
async def test_what_is_selected_is_what_was_marked_also_where_the_mouse_chooses_the_turn(height):
    printed = "".join(f"line {n} has number{n} in it\n" for n in range(12))
    script = [*call(T, CODE), *run(T, CODE, printed), *answer(T, "ok", step=1, probability=None)]
    app = app_for(ScriptedChat(script))
    async with app.run_test(size=(80, height)) as pilot:
        await ask(pilot, "How many?")
        app.main.prompt.put("a draft\nof some\nlines")
        await settle(pilot)
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        y = next(at for at, row in enumerate(rows) if "number5" in row)
        x = rows[y].index("number5")

        async def mouse(kind, at):
            app.post_message(kind(None, at, y, 0, 0, 1, False, False, False, screen_x=at, screen_y=y))
            await settle(pilot)

        await mouse(events.MouseDown, x)
        assert app.focused is app.main.transcript.cards[0] and not _offered(app)
        await mouse(events.MouseMove, x + 3)
        await mouse(events.MouseMove, x + 6)
        await mouse(events.MouseUp, x + 6)
        assert app.screen.get_selected_text() == "number5" and "copy" in _offered(app)


async def test_letters_that_are_no_choice_go_on_into_the_prompt():
    app = app_for(ScriptedChat(_called()))
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "H", "r")
        assert app.main.prompt.text == "Hr" and app.focused is app.main.prompt


@pytest.mark.parametrize(
    ("decision", "reason", "offered"),
    [
        (Decision.ANNOUNCED, "stop", {"again", "tool", "raw"}),
        (Decision.MALFORMED, "stop", {"again", "tool", "direct", "raw"}),
        (Decision.TRUNCATED, "length", {"again", "tool", "direct", "raw", "go_on"}),
        (Decision.DIRECT, "length", {"again", "tool", "raw", "go_on"}),
        (Decision.DIRECT, "stop", set()),
    ],
)
async def test_what_came_to_nothing_names_its_next_steps(decision, reason, offered):
    chat = ScriptedChat(_odd(decision, reason))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        assert _offered(app) == offered and app.focused is app.main.prompt
        if not offered:
            return
        assert app.main.menu.render().plain.split()[:3] == ["next:", "tab,", "then"]
        await _press(pilot, "ctrl+g")
        assert not _offered(app)  # not two lines of the same keys
        await _press(pilot, "enter")
        assert _offered(app) == offered
        await _press(pilot, "tab", "t")
        assert chat.questions[-1] == ("How many?", "tool") and chat.again[-1] == (T, False)
        assert app.main.transcript.cards[0].superseded and not _offered(app)


async def test_keys_that_do_not_act_yet_name_the_one_that_leads_to_them_before_all():
    wrong = [parsed(T, 0, Decision.DIRECT, "Yes.", None, 0.4), candidate(T, text="Yes.")]
    app = app_for(ScriptedChat(answer(T, "No."), corrections=[wrong]))
    async with app.run_test() as pilot:
        await ask(pilot, "Is it?")
        await _press(pilot, "alt+up")
        assert app.main.menu.render().plain.startswith(" enter, then")
        await _press(pilot, "enter")
        assert "then" not in app.main.menu.render().plain
        await _press(pilot, "escape", "ctrl+g", "r")
        strip = app.main.query_one(CandidateCard).strip
        assert strip.has_focus and "then" not in strip.render().plain
        await _press(pilot, "x")
        assert app.main.prompt.text == "x" and strip.render().plain.startswith(" tab, then")
        await _press(pilot, "tab")
        assert strip.has_focus and app.main.prompt.text == "x"


@pytest.mark.parametrize("decision", [Decision.MALFORMED, Decision.TRUNCATED])
async def test_code_of_a_broken_call_is_not_run_again(decision):
    odd = [parsed(T, 0, decision, "", 'found = search_files("TODO")', 0.9), ev.TurnDone(T, record(T, "", None))]
    app = app_for(ScriptedChat(odd, _called()))
    async with app.run_test() as pilot:
        await ask(pilot, "Which?")
        await _press(pilot, "alt+up")
        assert "run" not in _offered(app) and "copy_code" in _offered(app)
        await _press(pilot, "escape")
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up")
        assert "run" in _offered(app)


async def test_a_cut_off_message_goes_on():
    chat = ScriptedChat(_odd(Decision.TRUNCATED, "length"))
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "tab", "g")
        assert chat.again[-1] == (T, True)


async def test_the_question_is_edited_and_asked_in_its_place_or_left():
    chat = ScriptedChat(_called())
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "e")
        assert app.main.prompt.text == "How many?" and app.focused is app.main.prompt
        await _press(pilot, "escape", "enter")
        assert chat.again[-1] == (None, False)
        await _press(pilot, "alt+up", "enter", "e", "x", "enter")
        assert chat.questions[-1][0] == "How many?x" and chat.again[-1] == ("turn-2", False)


async def test_a_question_whose_turn_has_left_the_screen_is_asked_anew():
    chat = ScriptedChat(_called())
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "e")
        card = app.main.transcript.cards[0]
        app.main.prompt.clear()
        await app.action_new()
        await ask(pilot, "Which?")
        assert chat.questions[-1][0] == "Which?" and chat.again[-1] == (None, False)
        await app.main.transcript.empty()
        assert await app.main.turns.ask_again(card, "How many?")
        await settle(pilot)
        assert chat.questions[-1][0] == "How many?" and chat.again[-1] == (None, False)


async def test_older_turns_that_are_asked_for_twice_are_all_brought_back():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        await ask(pilot, "newest")
        transcript = app.main.transcript
        transcript.older = [f"old-{number:02}" for number in range(25)]
        go = asyncio.Event()

        async def load(turn):
            await go.wait()
            card = TurnCard(turn)
            return card, lambda: asyncio.sleep(0)

        transcript.load = load
        for _ in range(4):
            transcript.page_back()
            await pilot.pause()
        reached = asyncio.create_task(transcript.reach("old-03"))
        go.set()
        await reached
        for _ in range(3):
            await settle(pilot)
            transcript.page_back()
        await settle(pilot)
        assert [card.question for card in transcript.cards] == [f"old-{n:02}" for n in range(25)] + ["newest"]
        assert transcript.older == []


async def test_an_earlier_turn_is_asked_again_in_a_session_of_its_own():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        for question in ("one", "two", "three"):
            await ask(pilot, question)
        await _press(pilot, "alt+up", "alt+up", "enter", "r")
        assert chat.forks == [("turn-2", True)] and chat.questions[-1][0] == "two"
        assert [card.question for card in app.main.transcript.cards] == ["one", "two"]


async def test_a_fork_leaves_what_followed_to_the_session_before():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        for question in ("one", "two", "three"):
            await ask(pilot, question)
        await _press(pilot, "ctrl+g", "alt+up", "enter", "f")
        assert not app.main.bar.open  # it was about the third one
        assert chat.forks == [("turn-2", False)] and app.focused is app.main.prompt
        assert [card.question for card in app.main.transcript.cards] == ["one", "two"]
        assert app.main.status.used == USAGE.prompt_tokens + USAGE.generated_tokens  # what is left fills the context


async def test_the_prompt_of_a_turn_is_shown_as_text():
    class Prompts(Archive):
        async def prompt(self, generation):
            return "<|im_start|>user\nHow many?\x1b[2J[red]", {}

    archive = Prompts((turn(T, "How many?", code=CODE), Standing()))
    app = app_for(ScriptedChat(_called()), records=archive)
    async with app.run_test() as pilot:
        await ask(pilot, "How many?")
        await _press(pilot, "alt+up", "enter", "p")
        assert isinstance(app.screen, Page)
        shown = str(app.screen.query_one(Static).render())
        assert "<|im_start|>user" in shown and "[red]" in shown and "\x1b" not in shown


async def test_old_turns_leave_the_screen_and_come_back_when_somebody_scrolls_up(monkeypatch):
    monkeypatch.setattr(transcript, "KEPT", 4)
    monkeypatch.setattr(transcript, "PAGE", 3)
    said = {2: Standing(-1, reasons=("format",))}
    archive = Archive(
        *((turn(f"turn-{n}", f"question {n}", text="yes"), said.get(n, Standing())) for n in range(1, 11))
    )
    app = app_for(ScriptedChat(), records=archive)
    async with app.run_test(size=(80, 24)) as pilot:
        for n in range(1, 11):
            await ask(pilot, f"question {n}")
        shown = app.main.transcript
        assert [card.turn for card in shown.cards] == [f"turn-{n}" for n in range(7, 11)]
        assert "6 earlier turns" in texts(app)
        while shown.older:
            count = len(shown.older)
            await pilot.press("pageup")
            await settle(pilot)
            if shown.scroll_y <= 0:
                await until(pilot, lambda count=count: len(shown.older) < count)
                await settle(pilot)
                assert shown.scroll_y > 0  # what was read stays
        assert [card.turn for card in shown.cards] == [f"turn-{n}" for n in range(1, 11)]
        assert [card.standing for card in shown.cards] == [said.get(n, Standing()) for n in range(1, 11)]
        assert "earlier turns" not in texts(app)
        # Who reads further up is not torn away by a question that was waiting; who asks is taken to the end.
        await ask(pilot, "question 11")
        assert shown.scroll_y == shown.max_scroll_y and len(shown.cards) == 4


async def test_what_has_no_place_when_it_is_scrolled_to_leaves_the_end_where_it_is():
    """Textual took its margin, at the top of everything, for its place."""
    app = app_for(ScriptedChat([*answer(T, "\n\n".join(f"line {at}" for at in range(60)), probability=None)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "A long one")
        shown = app.main.transcript
        gone = Static("a choice")
        gone.styles.margin = (1, 0)
        await shown.cards[-1].mount(gone)
        await settle(pilot)
        gone.display = False
        assert not app.main.scroll_to_widget(gone, animate=False, immediate=True)
        await settle(pilot)
        assert shown.follows and shown.scroll_y == shown.max_scroll_y > 0


async def test_a_session_that_was_found_is_opened_at_the_turn_that_has_the_words(monkeypatch):
    monkeypatch.setattr(transcript, "KEPT", 4)
    turns = (replace(turn(f"turn-{n}", f"question {n}", text="yes"), session="session-1") for n in range(1, 11))
    session = StoredSession("session-1", "2026-11-25T09:12", "2026-11-25T10:30", "/", "a long one", 10)
    archive = Archive(*((one, Standing()) for one in turns), sessions=[session])
    app = app_for(ScriptedChat(), records=archive)
    async with app.run_test(size=(80, 24)) as pilot:
        for n in range(1, 11):
            await ask(pilot, f"question {n}")
        await _press(pilot, "f2", *"question 3")
        preview = app.screen.query_one(".preview Static", Static).render()
        assert preview.plain == "…question 3…" and "10 turns" in app.screen.marked.note
        await _press(pilot, "ctrl+d")
        assert "this session is open" in texts(app)
        await _press(pilot, "enter")
        assert app.screen is app.main and app.focused is next(
            card for card in app.main.transcript.cards if card.turn == "turn-3"
        )


async def test_what_is_odd_about_a_message_stands_below_it_once():
    step = parsed(T, 0, Decision.DIRECT, "Hm.", None, 0.1)
    notices = [ev.Noticed(T, 0, "thinking", "is it the right [b]model[/b]?"), ev.Noticed(T, 0, "full", "it is full")]
    step = replace(step, notices=tuple(notice.text for notice in notices))
    app = app_for(ScriptedChat([notices[0], step, notices[1], ev.TurnDone(T, record(T, "", "Hm."))]))
    async with app.run_test() as pilot:
        await ask(pilot, "Well?")
        notes = [str(one.render()) for one in app.screen.query(".note").results(Static)]
        assert notes == ["▲ is it the right [b]model[/b]?", "▲ it is full"]


async def test_the_key_that_completes_leads_from_the_prompt_to_the_newest_turn():
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        for question in ("One", "Two", "Three"):
            await ask(pilot, question)
        await pilot.press("tab")
        await settle(pilot)
        assert app.focused is app.main.transcript.cards[-1]


async def test_a_turn_that_was_stopped_in_mid_code_offers_nothing_more_when_it_is_shown_again():
    step = parsed(T, 0, Decision.TRUNCATED, "", 'print("', 0.9)
    past = [ev.TurnStarted(T, "s", "How?"), step, ev.TurnFailed(T, "cancelled", "stopped", "", record(T, "", None))]
    app = app_for(ScriptedChat(), past=[past])
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.main.transcript.cards and not _offered(app)
