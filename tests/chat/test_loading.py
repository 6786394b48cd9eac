"""The model is loaded for a conversation: stopped when the user stops, whoever wanted it."""

from __future__ import annotations

import asyncio

import pytest
from support.fakes import FakeEngine, conversation

from codemode_tui.chat import events as ev
from codemode_tui.errors import EngineError


class Slow(FakeEngine):
    """Loads until it is given up; ``given_up`` says whether it was."""

    given_up = 0
    free = False

    async def start(self, on_progress=None):
        if not self.free:
            self.starts += 1
            try:
                await asyncio.Event().wait()
            finally:
                self.given_up += 1
        return await super().start(on_progress)


async def test_stopping_ends_the_loading_and_a_question_loads_it(tmp_path):
    engine = Slow("Yes.")
    chat = conversation(engine, tmp_path)
    loading = asyncio.create_task(chat.start_engine())
    await asyncio.sleep(0.01)
    await chat.stop()
    with pytest.raises(EngineError, match="you stopped it"):
        await loading
    assert engine.given_up == 1
    engine.free = True
    assert isinstance([event async for event in chat.ask("One?")][-1], ev.TurnDone)


async def test_stopping_a_turn_that_loads_the_model_ends_the_loading_too(tmp_path):
    engine = Slow("Yes.")
    chat = conversation(engine, tmp_path)
    events = []

    async def follow():
        async for event in chat.ask("One?"):
            events.append(event)

    turn = asyncio.create_task(follow())
    while not engine.starts:
        await asyncio.sleep(0.01)
    await chat.stop()
    await turn
    assert isinstance(events[-1], ev.TurnFailed) and events[-1].kind == "cancelled"
    await asyncio.sleep(0)
    assert engine.given_up == 1


async def test_who_stops_waiting_for_the_model_stops_the_loading(tmp_path):
    engine = Slow("Yes.")
    loading = asyncio.create_task(conversation(engine, tmp_path).start_engine())
    await asyncio.sleep(0.01)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert engine.given_up == 1
