"""Random keys, pastes and sizes: whatever somebody does, the program and its store are sane afterwards."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation
from textual import events
from textual.pilot import WaitForScreenTimeout
from textual.widgets import Input, TextArea

from codemode_tui.cli.rows import Shelf
from codemode_tui.commands import COMMANDS, command
from codemode_tui.front.rehearsal import Rehearsal
from codemode_tui.sandbox.types import ExceptionInfo, Outcome
from codemode_tui.store.store import Store
from codemode_tui.tui.app import CodemodeApp

from .screen import app_for, until

LEAVES = {"quit", "interrupt", "suspend"}
KEYS = sorted({key.strip() for c in COMMANDS if c.id not in LEAVES for key in c.keys.split(",") if key.strip()})
MORE = ["left", "right", "home", "end", "backspace", "delete", "shift+tab", "ctrl+w", "shift+up", "ctrl+a", "ctrl+k"]
TEXTS = "aeinory 147?/@é日👩‍👧\u202e\u0301"
SIZES = [(80, 24), (300, 80), (120, 40), (40, 12), (200, 24), (80, 60), (20, 6), (7, 24), (1, 1)]
PASTES = ["one\ntwo\n", "x" * 5_000, "/help", "\x1b[2J\x07", "日本語" * 400, "@notes"]
TOGETHER = 25
"""Events that arrive before anything is drawn."""


class AnyEngine(FakeEngine):
    """Says whatever a model may say, for as long as it is asked."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def generate(self, request):
        self._messages = [self._chance.choice([
            Said("It is a **function**.\n\n```python\nprint(1)\n```\n"), Said(call("print(read_file('notes.txt'))")),
            Said(call("print(1)\n" * 40)), Said("I'll use the read_file tool."), Said('{"name": "execute_code"'),
            Said(call("print(1)")[:-30], finish_reason="length"), Said("half", dies=True), Said("waits", waits=True),
        ])]  # fmt: skip
        async for event in super().generate(request):
            yield event


def _outcome(chance: random.Random) -> Outcome:
    error = ExceptionInfo("ValueError", "\x1b[31mno", 1, "")
    return chance.choice([
        Outcome("ok", 0, stdout="3\n" * 60), Outcome("error", 1, exception=error), Outcome("timeout"), Outcome("ok"),
    ])  # fmt: skip


@pytest.mark.parametrize(("seed", "count"), [(1, 300), (2, 300), pytest.param(3, 1_500, marks=pytest.mark.slow)])
async def test_whatever_is_pressed_the_program_and_its_store_are_sane(seed, count, tmp_path, monkeypatch):
    chance = random.Random(seed)
    monkeypatch.setenv("VISUAL", "true")
    for leave in LEAVES:  # the palette has them, too
        monkeypatch.setattr(CodemodeApp, f"action_{command(leave).action}", lambda self: None)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text("a\nb\n")
    store = Store.open(tmp_path / "codemode.db")
    sandbox = FakeSandbox(*(_outcome(chance) for _ in range(count)))
    chat = conversation(AnyEngine(chance), folder, sandbox=sandbox, recorder=store)
    chat.services.session = await store.new_session(folder)
    app = app_for(chat, records=Shelf(store, None), rehearsal=Rehearsal(chat.services))
    async with app.run_test(size=(80, 24)) as pilot:
        for number in range(count):
            await _something(app, pilot, chance)
            if number % TOGETHER == 0:
                await _pause(pilot)
            assert app.is_running
        await _calm(app, pilot)
        app.main.ask("Are you there?")
        await until(pilot, lambda: app.main.transcript.cards[-1].question == "Are you there?")
        await app.chat.stop()
        await until(pilot, lambda: not app.main.driver.running)
    await chat.close()
    again = Store.open(tmp_path / "codemode.db")
    sessions = await again.sessions(limit=10_000)
    turns = [turn for one in sessions for turn in await again.turns(one.id)]
    assert turns and all(turn.state in ("done", "failed", "cancelled") for turn in turns)
    assert not any("unexpected" in turn.error for turn in turns)
    again.close()


async def _something(app, pilot, chance) -> None:
    kind = chance.random()
    if kind < 0.04:
        await pilot.resize_terminal(*chance.choice(SIZES))
    elif kind < 0.06:
        app.post_message(events.Paste(chance.choice(PASTES)))
    elif kind < 0.16:
        app.post_message(events.Key("enter", "\r"))
    elif kind < 0.5:
        letter = chance.choice(TEXTS)
        app.post_message(events.Key("space" if letter == " " else letter, letter))
    else:
        key = chance.choice(KEYS if kind < 0.9 else MORE)
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def _calm(app, pilot) -> None:
    """Leave whatever is open, by the keys that leave."""
    for _ in range(40):
        await pilot.press("escape")
        await _pause(pilot)
        if app.screen is app.main and not app.main.driver.busy and app.main.questions.current is None:
            break
        if app.main.driver.running:
            await app.chat.stop()
    await settle_quietly(pilot)
    app.main.prompt.clear()
    app.main.prompt.focus()
    assert app.screen is app.main
    assert not [w for w in app.main.query(Input) if w.display] or isinstance(app.focused, TextArea)


async def settle_quietly(pilot) -> None:
    for _ in range(5):
        await _pause(pilot, 0.05)


async def _pause(pilot, delay=None) -> None:
    """Let the screen do what it has to. Textual's own wait never ends when a widget leaves the screen in its midst."""
    with suppress(WaitForScreenTimeout):
        await pilot.pause(delay)
