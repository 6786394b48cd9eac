"""Text of a model, a program or a file is only ever text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scripted import ScriptedChat, answer, approval, call, record
from textual import events
from textual.widgets import Input, Markdown

from codemode_tui.chat import events as ev
from codemode_tui.front.incoming import IncomingLines
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.sandbox.types import ExceptionInfo, Outcome
from codemode_tui.tui.confirm_panel import ConfirmPanel
from codemode_tui.tui.document import SafeMarkdown
from codemode_tui.tui.editing import CodeEditor
from codemode_tui.tui.in_order import Line
from codemode_tui.tui.prompt import Prompt

from .screen import app_for, ask, settle, until

T = "turn-1"
EVIL = "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eabc [red]markup[/red] [@click=app.quit]x[/] [/unopened] \r over"
CODE = f"print({EVIL!r})  # {EVIL}\n"


def _screen(app) -> str:
    """The screen as it is written to a terminal, our own escape sequences taken out."""
    lines = [strip.text for strip in app.screen._compositor.render_strips()]
    return "\n".join(lines)


async def test_escape_sequences_and_markup_are_inert_everywhere():
    outcome = Outcome("error", exception=ExceptionInfo("E" + EVIL, EVIL, 1, EVIL), reason=EVIL)
    script = [
        *call(T, CODE, prose=EVIL),
        ev.RunStarted(T, 0, "run", CODE, EVIL),
        ev.RunOutput(T, 0, "stdout", EVIL + "\n"),
        ev.RunOutput(T, 0, "stderr", EVIL),
        ev.RunFinished(T, 0, "run", outcome),
        *answer(T, f"{EVIL}\n\n```\n{EVIL}\n```\n", step=1)[:-1],
        ev.TurnFailed(T, "error", EVIL, EVIL, record(T, "", None)),
    ]
    app = app_for(ScriptedChat(script, sandbox=EVIL))
    async with app.run_test(size=(100, 80)) as pilot:
        await ask(pilot, EVIL)
        app.say(EVIL)
        await pilot.press("ctrl+t")
        await pilot.pause()
        shown = _screen(app)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
        assert shown.count("[red]markup[/red]") >= 5
        assert app.is_running


async def test_warnings_and_paths_of_the_confirmation_are_inert():
    wanted = approval(T, CODE, (EVIL,), (EVIL,), (EVIL,))
    app = app_for(ScriptedChat([*call(T, CODE), wanted]))
    async with app.run_test(size=(200, 50)) as pilot:
        await ask(pilot, "go")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", _screen(app))
        assert "[red]markup[/red]" in _screen(app)


async def test_html_in_an_answer_is_text():
    app = app_for(ScriptedChat(answer(T, "<div>kept</div>\n\n<tool_call>also</tool_call>")))
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "go")
        assert "<div>kept</div>" in _screen(app) and "<tool_call>also</tool_call>" in _screen(app)


async def test_an_entity_brings_no_hidden_character_back():
    link, fence = '[n&#x202e;m](http://x/&#x202e;y "t&#x1b;")', "```py&#x202e;thon\nx&#x202e;\n```"
    evil = f"a&#x202e;b&#27;[2J&#8203; {link}\n\n{fence}\n"
    app = app_for(ScriptedChat(answer(T, evil)))
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "go")
        shown = _screen(app)
        assert "a&#x202e;b" in shown and not re.search("[\x00-\x08\x0b-\x1f\u200b\u202e]", shown)


async def test_a_link_does_nothing_when_clicked(monkeypatch):
    opened = []
    app = app_for(ScriptedChat(answer(T, "[here](https://example.com)")))
    monkeypatch.setattr(app, "open_url", opened.append)
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "go")
        document = app.main.query_one(SafeMarkdown)
        document.post_message(Markdown.LinkClicked(document, "https://example.com"))
        await pilot.pause()
        assert opened == []


TEXT = """# Title

A paragraph with `code`, **bold** and a [reference][r].

1. one

   ```python
   x = 1
   ```
2. two

| a | b |
|---|---|
| 1 | 2 |

```text
fenced <|im_end|>
```

[r]: https://example.com
"""


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_streamed_answer_ends_as_the_same_document_as_one_rendered_at_once(size):
    pieces = [ev.TextDelta(T, 0, TEXT[i : i + size]) for i in range(0, len(TEXT), size)]
    script = [*pieces, *answer(T, TEXT)[-3:]]
    app = app_for(ScriptedChat(script))
    async with app.run_test(size=(100, 60)) as pilot:
        await ask(pilot, "go")
        streamed = app.main.query_one(SafeMarkdown)
        whole = SafeMarkdown()
        await app.main.transcript.mount(whole)
        await whole.update(TEXT)
        await pilot.pause()
        assert [type(w).__name__ for w in streamed.walk_children()] == [type(w).__name__ for w in whole.walk_children()]


FAMILY = "👩\u200d👩\u200d👧"


@given(
    st.lists(st.sampled_from(["a", "\n", "\r\n", FAMILY, "日", "\x1b[2J", "\u202e"]), max_size=12), st.integers(1, 5)
)
def test_lines_that_arrive_in_pieces_read_as_if_they_had_come_at_once(parts, size):
    text = "".join(parts)
    incoming = IncomingLines()
    lines = [line for at in range(0, len(text), size) for line in incoming.feed(text[at : at + size])]
    assert [*lines, incoming.close()] == sanitise_text(text).split("\n")


@given(st.text(alphabet=["a", "\r", *FAMILY], max_size=12))
def test_the_line_that_is_being_written_shows_nothing_that_a_further_character_may_join(text):
    incoming = IncomingLines()
    incoming.feed(text)
    assert not incoming.tail.endswith(("\\u200d", "\\x0d"))


async def test_the_name_of_a_file_is_not_offered_where_it_would_act_on_the_terminal():
    chat = ScriptedChat()
    chat.paths = [f"evil{EVIL}", "even.txt"]
    app = app_for(chat)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press(*"sum @ev")
        await settle(pilot)
        assert [one.label for one in app.main.prompt.found.offers] == ["even.txt"]


@pytest.mark.parametrize(("opens", "field"), [("/theme", Input), ("/correct edit", CodeEditor)])
async def test_what_is_pasted_into_an_editor_or_a_line_is_shown_and_does_nothing(opens, field):
    app = app_for(ScriptedChat(answer(T, "no")))
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "one")
        await until(pilot, lambda: app.main.transcript.cards and app.main.transcript.cards[0].turn is not None)
        await until(pilot, lambda: not app.main.driver.busy)
        await ask(pilot, opens)
        await until(pilot, lambda: isinstance(app.focused, field))
        app.post_message(events.Paste(EVIL))
        await until(pilot, lambda: "[red]markup" in _screen(app))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", _screen(app))


@pytest.mark.parametrize("field", [Prompt, CodeEditor, Line])
async def test_what_was_copied_is_pasted_as_anything_is(field):
    app = app_for(ScriptedChat(answer(T, "hi \x1b]0;owned\x07 \x1b[2J there\nnext")))
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+o")
        await until(pilot, lambda: app.clipboard != "")
        if field is not Prompt:
            await app.main.mount(field(""))
        line = app.main.query_one(field)
        line.focus()
        await pilot.pause()
        await pilot.press("ctrl+v")
        shown = "hi \\x1b]0;owned\\x07 \\x1b[2J there"
        assert (line.value == f"{shown} next") if field is Line else (line.text == f"{shown}\nnext")


async def test_a_large_text_that_was_copied_is_folded_and_sent_whole():
    chat = ScriptedChat()
    app = app_for(chat)
    async with app.run_test() as pilot:
        await settle(pilot)
        app.copy("a line\n" * 200)
        await pilot.press("ctrl+v")
        assert app.main.prompt.text == "[pasted #1: 200 lines]"
        await pilot.press("enter")
        await settle(pilot)
        assert chat.questions == [(("a line\n" * 200).strip(), None)]


async def test_half_a_character_is_copied_and_opened_as_far_as_it_goes():
    app = app_for(ScriptedChat(answer(T, "caf\udce9?")))
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "one")
        await pilot.press("ctrl+o")
        await until(pilot, lambda: app.clipboard != "")
        assert app.clipboard == "caf??"
        await pilot.press("alt+up", "enter", "v")
        await settle(pilot)
        assert app.is_running


async def test_where_only_the_end_of_the_code_is_seen_it_is_said_how_much_is_above():
    code = 'run_command("make")\n' + "\n" * 80 + "print(1)\n"
    chat = ScriptedChat([*call(T, code), approval(T, code, ("run_command",), ())])
    app = app_for(chat)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(pilot, "Make it")
        panel = app.main.query_one(ConfirmPanel)

        def first() -> int:
            """The line of the code in the first row that is seen of it."""
            rows = [strip.text for strip in app.main._compositor.render_strips()]
            return next(int(found[1]) for row in rows if (found := re.search(r"│ +(\d+) ", row)))

        seen = [first()]
        assert f"▲ {seen[0] - 1} rows of code above: page up" in str(panel.border_subtitle)
        await pilot.press("pageup")
        await settle(pilot)
        assert f"▲ {first() - 1} rows" in str(panel.border_subtitle) and first() < seen[0]
        await pilot.press(*["pageup"] * 9)
        await settle(pilot)
        assert first() == 1 and "above" not in str(panel.border_subtitle)
