"""`/new` in a line, and what is typed right behind it."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted import ScriptedChat

from codemode_tui.errors import StoreError

from .test_plain import Typist, no_signals  # noqa: F401 - a fixture


class Slow(ScriptedChat):
    """A store that takes a while for a session, and may be full."""

    full = False

    def __init__(self, *scripts, **more) -> None:
        super().__init__(*scripts, **more)
        self.stored, self.asked_in = asyncio.Event(), []

    async def new_session(self) -> str:
        await self.stored.wait()
        if self.full:
            raise StoreError("the disk is full", hint="make room")
        return await super().new_session()

    def ask(self, query, **more):
        self.asked_in.append(self.session)
        return super().ask(query, **more)


@pytest.mark.parametrize("interactive", [True, False])
async def test_a_question_right_behind_new_is_the_first_of_the_new_session(interactive):
    somebody = Typist(chat=Slow, interactive=interactive)
    somebody.line("before")
    await somebody.hears("You asked: before", "87 tok/s.")
    somebody.line("/new")
    somebody.line("behind")
    await asyncio.sleep(0.05)
    somebody.line("and another")
    await asyncio.sleep(0.05)
    assert somebody.chat.asked_in == ["session-1"]
    somebody.chat.stored.set()
    said = await somebody.hears("You asked: behind", "You asked: and another")
    assert somebody.chat.asked_in == ["session-1", "session-2", "session-2"]
    assert said.index("remembers nothing") < said.index("You asked: behind") and "is running" not in said
    await somebody.leave()


async def test_a_session_that_cannot_begin_holds_no_question_back():
    somebody = Typist(chat=Slow)
    somebody.chat.full = True
    somebody.chat.stored.set()
    somebody.line("/new")
    somebody.line("behind")
    await somebody.hears("The disk is full", "You asked: behind")
    await somebody.leave()
