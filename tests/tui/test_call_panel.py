"""A call of an MCP server is shown with what is sent, inert, and answered by one key."""

from __future__ import annotations

import pytest
from support.scripted import ScriptedChat, call, run

from codemode_tui.chat import events as ev
from codemode_tui.tui.call_panel import CallPanel
from codemode_tui.tui.code_card import CodeLines

from .screen import app_for, ask, settle, texts

T = "turn-1"
CODE = 'print(docs_search("x"))\n'
BAD = "\x1b[2J[@click=app.quit]\u202e"


@pytest.mark.parametrize(("key", "action"), [("y", "once"), ("a", "session"), ("n", "deny"), ("enter", "deny")])
async def test_what_is_sent_is_shown_and_answered(key, action):
    wanted = ev.CallWanted(
        T, 0, request="c", server="docs", tool=f"search{BAD}", name="docs_search",
        arguments=f'{{\n  "q": "{BAD}"\n}}', claims=("only reads", BAD),
    )  # fmt: skip
    chat = ScriptedChat([*call(T, CODE), run(T, CODE, "")[0], wanted])
    app = app_for(chat)
    async with app.run_test() as pilot:
        await ask(pilot, "Search")
        panel = app.main.query_one(CallPanel)
        lines = ["".join(text for text, _ in line) for line in panel.query_one(CodeLines).lines]
        assert lines == ["{", '  "q": "\\x1b[2J[@click=app.quit]\\u202e"', "}"]
        shown = f"{texts(app)} {panel.border_title}"
        assert "outside the sandbox" in shown and "claims only reads" in shown
        assert "\x1b" not in shown and "\u202e" not in shown
        await pilot.press("f")  # a key of another panel
        await pilot.press(key)
        await settle(pilot)
        assert chat.replies == [ev.WriteReply(action)]
        assert not app.main.query(CallPanel)
