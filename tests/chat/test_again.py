"""Going back: a turn once more, a fork of the conversation, a message that was cut off; what a bug leaves."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation

from codemode_tui.chat import events as ev
from codemode_tui.chat.ports import NullRecorder
from codemode_tui.errors import UsageError
from codemode_tui.protocol.types import Decision
from codemode_tui.store.store import Store

from .test_turn import AUTO, NEVER, only, play


async def test_a_turn_asked_again_stands_in_the_place_of_the_first(tmp_path):
    store = Store.open(tmp_path / "codemode.db")
    engine = FakeEngine("one", "wrong", "right", "after")
    chat = conversation(engine, tmp_path, recorder=store)
    chat.services.session = await store.new_session(tmp_path)
    await play(chat, "first?")
    wrong = only(await play(chat, "second?"), ev.TurnStarted)[0].turn
    async for _ in chat.ask("second?", again=wrong):
        pass
    await play(chat, "third?")
    assert "wrong" not in engine.prompts[-1] and "right" in engine.prompts[-1]
    assert engine.prompts[2] == engine.prompts[1]
    store.close()


async def test_a_turn_that_is_stopped_leaves_what_it_was_to_replace(tmp_path):
    store = Store.open(tmp_path / "codemode.db")
    engine = FakeEngine("one", "old answer", "new answer", "after")
    chat = conversation(engine, tmp_path, recorder=store)
    chat.services.session = await store.new_session(tmp_path)
    await play(chat, "first?")
    old = only(await play(chat, "second?"), ev.TurnStarted)[0].turn
    async with aclosing(chat.ask("second?", again=old)) as events:
        async for event in events:
            if isinstance(event, ev.TurnStarted):
                await chat.stop()
    await play(chat, "third?")
    assert "old answer" in engine.prompts[-1] and "new answer" not in engine.prompts[-1]
    store.close()


async def test_of_two_questions_in_the_place_of_one_turn_the_faster_is_asked(tmp_path):
    store = Store.open(tmp_path / "codemode.db")
    chat = conversation(FakeEngine("old", "new"), tmp_path, recorder=store)
    chat.services.session = await store.new_session(tmp_path)
    old = only(await play(chat, "first?"), ev.TurnStarted)[0].turn

    async def again(query):
        return [event async for event in chat.ask(query, again=old)]

    done, refused = await asyncio.gather(again("second?"), again("third?"), return_exceptions=True)
    assert isinstance(done[-1], ev.TurnDone) and isinstance(refused, UsageError) and not chat.busy
    store.close()


class Slow(NullRecorder):
    async def begin_turn(self, session, query, context):
        await asyncio.sleep(0.2)
        return "turn"


async def test_a_stop_before_the_engine_has_begun_is_not_lost(tmp_path):
    engine = FakeEngine("one", "two")
    await engine.start()
    chat = conversation(engine, tmp_path, recorder=Slow())
    asking = asyncio.create_task(play(chat, "first?"))
    await asyncio.sleep(0.05)
    await chat.stop()
    last = (await asking)[-1]
    assert isinstance(last, ev.TurnFailed) and last.kind == "cancelled" and not engine.prompts


async def test_a_fork_knows_what_was_said_until_then_and_is_a_session_of_its_own(tmp_path):
    store = Store.open(tmp_path / "codemode.db")
    engine = FakeEngine("one", "two", "other", "again")
    chat = conversation(engine, tmp_path, recorder=store)
    first = chat.services.session = await store.new_session(tmp_path)
    turn = only(await play(chat, "first?"), ev.TurnStarted)[0].turn
    await play(chat, "second?")
    assert await chat.fork(turn) != first
    await play(chat, "third?")
    assert "one" in engine.prompts[-1] and "two" not in engine.prompts[-1]
    await chat.fork(turn, before=True)
    await play(chat, "fourth?")
    assert "one" not in engine.prompts[-1]
    assert [turn.query for turn in await store.turns(first)] == ["first?", "second?"]
    store.close()


async def test_a_message_that_was_cut_off_goes_on_where_it_ended(tmp_path):
    store = Store.open(tmp_path / "codemode.db")
    engine = FakeEngine(Said(call("print(1 + 2)")[:-45], finish_reason="length"), call("print(1 + 2)")[-45:])
    chat = conversation(engine, tmp_path, recorder=store, settings=NEVER)
    chat.services.session = await store.new_session(tmp_path)
    cut = await play(chat, "sum?")
    assert only(cut, ev.StepParsed)[0].decision is Decision.TRUNCATED
    events = [event async for event in chat.ask("sum?", again=cut[0].turn, go_on=True)]
    step = only(events, ev.StepParsed)[0]
    assert step.decision is Decision.TOOL and step.code == "print(1 + 2)"
    assert engine.prompts[1].startswith(engine.prompts[0]) and engine.prompts[1] != engine.prompts[0]
    assert "".join(e.text for e in only(events, ev.RawDelta)) == step.raw
    stored = (await store.turn(events[0].turn)).generations[0]
    assert stored.raw == step.raw and (await store.prompt(stored.id))[0] == engine.prompts[0]
    with pytest.raises(UsageError, match="cannot go on"):
        [event async for event in chat.ask("sum?", again=events[0].turn, go_on=True)]
    store.close()


async def test_a_bug_within_a_turn_is_raised_and_the_store_says_that_it_failed(tmp_path):
    store = Store.open(tmp_path / "codemode.db")

    async def bug(tools):
        raise ZeroDivisionError("a bug")

    chat = conversation(FakeEngine(call("print(3)")), tmp_path, sandbox=FakeSandbox(bug), recorder=store, settings=AUTO)
    chat.services.session = await store.new_session(tmp_path)
    with pytest.raises(ZeroDivisionError):
        await play(chat)
    (turn,) = await store.turns(chat.session)
    assert (turn.state, turn.error) == ("failed", "unexpected ZeroDivisionError: a bug") and not chat.busy
    store.close()
