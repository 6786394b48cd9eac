"""Text that arrives: it is drawn where it will stand, and what is being read stands still."""

from __future__ import annotations

import asyncio
import random

import pytest
from support.scripted import ScriptedChat
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widget import Widget

from codemode_tui.chat import events as ev
from codemode_tui.tui import transcript
from codemode_tui.tui.code_card import CodeLines
from codemode_tui.tui.prose import Prose
from codemode_tui.tui.welcome import examples

from .screen import app_for, ask, lines, settle

CODE = "".join(
    f"for name{n} in list_files('folder {n}'):  # {'long ' * (n % 9 * 3)}\n\tprint(name{n})\n" for n in range(9)
)


class Page(App[None]):
    """One view that scrolls."""

    def __init__(self, view: Widget) -> None:
        super().__init__()
        self.view = view

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield self.view


def _drawn(app: App[None]) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


async def read(pilot: Pilot[None]) -> list[str]:
    await pilot.pause()
    return _drawn(pilot.app)


@pytest.mark.parametrize("seed", range(6))
async def test_code_in_pieces_looks_like_code_at_once_at_every_moment(seed):
    chance = random.Random(seed)
    cuts = sorted(chance.sample(range(1, len(CODE)), 25))
    pieced, whole = CodeLines(), CodeLines()
    async with Page(pieced).run_test(size=(60, 120)) as one, Page(whole).run_test(size=(60, 120)) as other:
        for start, end in zip([0, *cuts], [*cuts, len(CODE)], strict=True):
            pieced.append(CODE[start:end])
            if chance.random() < 0.3:
                await one.resize_terminal(width := chance.choice((40, 60, 90)), 120)
                await other.resize_terminal(width, 120)
            whole._finished, whole._arriving, whole.lines = 0, type(whole._arriving)(), []
            whole.set_lines([])
            whole.append(CODE[:end])
            assert await read(one) == await read(other)
        pieced.settle()
        whole.show(CODE)
        assert await read(one) == await read(other)
        assert pieced.size.height == whole.size.height


async def test_what_is_read_moves_only_now_and_then_while_code_is_written():
    view = CodeLines()
    async with Page(view).run_test(size=(80, 40)) as pilot:
        heights = []
        for line in CODE.splitlines(keepends=True):
            for piece in (line[:7], line[7:]):
                view.append(piece)
                await pilot.pause()
                heights.append(view.size.height)
                assert heights[-1] >= len(view._rows)
        assert len(set(heights)) <= 6 < len(CODE.splitlines())
        view.settle()
        await pilot.pause()
        assert view.size.height == len(view._rows)


async def test_a_sentence_in_pieces_takes_a_line_when_it_needs_one():
    view = Prose()
    text = "The words of a sentence come one after the other and need a second line and a third one"
    words = text.split()
    async with Page(view).run_test(size=(30, 12)) as pilot:
        for count in range(1, len(words) + 1):
            await view.append(words[count - 1] + " ")
            shown = " ".join(filter(None, map(str.strip, await read(pilot))))
            assert shown == " ".join(words[:count])


def test_the_first_screen_asks_about_a_file_that_is_there(tmp_path):
    assert examples(tmp_path)[0] == "Which files are in this folder?"
    for name in ("a b.txt", ".env.txt", "image.png", "x" * 40 + ".md", "bad\x1b[31m.md"):
        (tmp_path / name).touch()
    assert examples(tmp_path)[0] == "Which files are in this folder?"
    (tmp_path / "main.py").touch()
    assert examples(tmp_path)[0] == "How many lines are in main.py?"
    (tmp_path / "Readme.md").touch()
    assert examples(tmp_path)[0] == "How many lines are in Readme.md?"
    assert examples(tmp_path / "gone")[0] == "How many lines are in README.md?"


async def test_a_turn_that_leaves_the_screen_holds_nothing_that_was_drawn(monkeypatch):
    monkeypatch.setattr(transcript, "KEPT", 2)
    app = app_for(ScriptedChat())
    async with app.run_test() as pilot:
        first = await app.main.open_turn("One")
        await settle(pilot)
        parts = [*first.walk_children(Widget, with_self=True)]
        assert any(part._styles_cache._cache for part in parts)
        for question in ("Two", "Three"):
            await app.main.open_turn(question)
        await settle(pilot)
        assert not first.is_attached and not any(part._styles_cache._cache for part in parts)


@pytest.mark.parametrize("keys", [["pagedown"], ["pageup", "pagedown"], ["alt+up", "end"], ["alt+up", "end", "down"]])
async def test_who_goes_to_the_end_also_from_there_goes_on_following_it(keys):
    go = asyncio.Event()
    more = [ev.TextDelta("turn-1", 0, f"word {n}\n\n") for n in range(40)]
    app = app_for(ScriptedChat([*more, go, *more, asyncio.Event()]))
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "go on")
        shown = app.main.transcript
        shown.scroll_end(animate=False)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        before = shown.max_scroll_y
        assert shown.scroll_y == before
        go.set()
        await settle(pilot)
        assert shown.max_scroll_y > before and shown.scroll_y == shown.max_scroll_y


async def test_on_a_narrow_terminal_no_key_is_parted_from_what_it_does():
    app = app_for(ScriptedChat())
    async with app.run_test(size=(40, 24)) as pilot:
        await settle(pilot)
        assert any(row.strip().startswith("ctrl+g that was wrong") for row in lines(app))
