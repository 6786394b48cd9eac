"""What a turn leaves in the store: every step, as it happened."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation

from codemode_tui.chat import events as ev
from codemode_tui.chat.ports import NullRecorder
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.errors import SandboxError, StoreError, UsageError
from codemode_tui.front.pages import session_rows
from codemode_tui.front.replay import events_of
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.store import Store


@pytest.fixture
def store(tmp_path: Path):
    opened = Store.open(tmp_path / "data" / "codemode.db")
    yield opened
    opened.close()


async def chat_with(store: Store, engine: FakeEngine, workspace: Path, **more):
    chat = conversation(engine, workspace, recorder=store, **more)
    chat.services.session = await store.new_session(workspace)
    return chat


async def last(chat, query="q"):
    events = [event async for event in chat.ask(query)]
    return events[-1]


async def test_question_code_run_and_answer_are_stored(store, tmp_path):
    engine = FakeEngine(Said(call("print(3)"), probability=0.9), "There are 3.")
    chat = await chat_with(
        store, engine, tmp_path, sandbox=FakeSandbox(Outcome("ok", 0, stdout="3\n")), settings=ChatSettings(run="auto")
    )
    done = await last(chat, "How many?")
    turn = await store.turn(done.record.turn)
    assert (turn.query, turn.state, turn.answer) == ("How many?", "done", "There are 3.")
    first, second = turn.generations
    assert (first.raw, first.decision, first.probability, first.code) == (call("print(3)"), "tool", 0.9, "print(3)")
    assert first.token_ids == tuple(range(0, len(first.raw), 3))
    assert (first.runs[0].outcome.stdout, first.runs[0].confirmed_by) == ("3\n", "policy")
    assert second.decision == "direct"


async def test_the_speed_of_a_turn_is_that_of_all_its_messages_wherever_it_is_told(store, tmp_path):
    """Alone, that of a last message of few tokens would contradict the tokens and the time that stand beside it."""
    engine = FakeEngine(Said(call("print(3)"), rate=200), Said("There are three of them.", rate=10))
    sandbox = FakeSandbox(Outcome("ok", 0, stdout="3\n"))
    chat = await chat_with(store, engine, tmp_path, sandbox=sandbox, settings=ChatSettings(run="auto"))
    speed = (await last(chat)).record.usage.decode_tps
    first, second = len(call("print(3)")) // 3 - 1, 7
    assert speed == pytest.approx((first + second) / (first / 200 + second / 10))
    turns = await store.turns(chat.session)
    assert events_of(turns[0])[-1].record.usage.decode_tps == speed
    assert dict(session_rows(turns))["speed"] == f"{speed:.0f} tok/s"
    assert (await store.statistics()).days[0].decode_tps == round(speed, 1)


async def test_a_stored_conversation_goes_on_with_the_same_words(store, tmp_path):
    engine = FakeEngine("One.", "Two.")
    chat = await chat_with(store, engine, tmp_path)
    await last(chat, "first")
    turns = await store.turns(chat.session)
    again = conversation(FakeEngine("Two."), tmp_path, recorder=store, turns=[turn.messages("") for turn in turns])
    again.services.session = chat.session
    await last(again, "second")
    await last(chat, "second")
    assert again.services.engine.prompts[0] == engine.prompts[1]


async def test_a_thumbs_down_is_on_disk_when_rate_returns(store, tmp_path):
    chat = await chat_with(store, FakeEngine("Wrong."), tmp_path)
    assert await chat.rate(None, -1) is None  # nothing to rate yet
    done = await last(chat)
    assert await chat.rate(None, -1) == done.record.turn
    other = Store.open(store.file)
    try:
        assert (await other.turn(done.record.turn)).rating == -1
    finally:
        other.close()
    await chat.rate(done.record.turn, 0)
    assert (await store.turn(done.record.turn)).rating == 0


async def test_a_turn_can_be_rated_while_it_is_being_written(store, tmp_path):
    chat = await chat_with(store, FakeEngine(Said("An endless", waits=True)), tmp_path)
    turn = ""
    async for event in chat.ask("q"):
        turn = event.turn
        if isinstance(event, ev.RawDelta) and not (await store.turn(turn)).rating:
            await chat.rate(turn, -1)
            await chat.stop()
    stored = await store.turn(turn)
    assert (stored.rating, stored.state) == (-1, "cancelled")


async def test_a_turn_that_begins_while_a_new_session_is_stored_stays_whole_in_its_own(store, tmp_path):
    stored = asyncio.Event()

    class Slow:
        """The store, which takes a while for a session."""

        async def new_session(self, workspace):
            await stored.wait()
            return await store.new_session(workspace)

        def __getattr__(self, name):
            return getattr(store, name)

    engine = FakeEngine("One.", Said("An endless", waits=True), "Three.")
    chat = await chat_with(store, engine, tmp_path)
    first, chat.services.recorder = chat.session, Slow()
    await last(chat, "first")
    new = asyncio.create_task(chat.new_session())
    await asyncio.sleep(0)
    async with aclosing(chat.ask("second")) as events:
        await anext(events)
        stored.set()
        with pytest.raises(UsageError, match="a turn is running"):
            await new
    await last(chat, "third")
    assert chat.session == first and "One." in engine.prompts[-1]
    assert [turn.query for turn in await store.turns(first)] == ["first", "second", "third"]


async def test_a_broken_turn_keeps_what_had_arrived(store, tmp_path):
    chat = await chat_with(store, FakeEngine(Said("x" * 30, dies=True)), tmp_path)
    failed = await last(chat)
    turn = await store.turn(failed.turn)
    assert turn.state == "failed" and "SIGKILL" in turn.error
    assert (turn.generations[0].finish_reason, turn.generations[0].raw) == ("error", "x" * 30)
    assert (failed.record.finish_reason, failed.record.raw, failed.record.answer) == ("error", "x" * 30, None)
    assert failed.record.decision["value"] == "direct" and len(failed.record.steps) == 1


async def test_a_store_that_fails_with_the_engine_hides_nothing_of_why_or_of_what_was_said(
    store, tmp_path, monkeypatch
):
    chat = await chat_with(store, FakeEngine(Said("x" * 30, dies=True)), tmp_path)

    async def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "append_chunk", full)
    failed = await last(chat)
    assert (failed.kind, failed.record.raw) == ("engine", "x" * 30) and "SIGKILL" in failed.message


async def test_a_store_that_fails_fails_the_turn_loudly(tmp_path, store, monkeypatch):
    chat = await chat_with(store, FakeEngine("Hi."), tmp_path)

    async def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", hint="make room")

    monkeypatch.setattr(store, "end_generation", full)
    failed = await last(chat)
    assert isinstance(failed, ev.TurnFailed)
    assert (failed.kind, failed.hint) == ("store", "make room")
    assert (failed.record.raw, failed.record.usage.prompt_tokens) == ("Hi.", 10)


@pytest.mark.parametrize("then", ["ask", "correct", "rate", "close"])
@pytest.mark.parametrize("fails", ["append_chunk", "end_generation", "end_turn"])
async def test_an_end_that_cannot_be_stored_is_stored_before_what_comes_next(tmp_path, store, monkeypatch, fails, then):
    chat = await chat_with(store, FakeEngine("One.", "Two."), tmp_path)
    monkeypatch.setattr("codemode_tui.chat.steps.FLUSH_SECONDS", 0)

    async def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full", hint="make room")

    with monkeypatch.context() as patch:
        for name in {fails, "end_turn"}:
            patch.setattr(store, name, full)
        failed = await last(chat, "first")
        assert (failed.kind, failed.message, failed.record.finish_reason) == ("store", "the disk is full", "error")
        assert "One.".startswith(failed.record.raw) and failed.record.raw
        # What came whole is told all the same.
        assert failed.record.answer == (None if fails == "append_chunk" else "One.")
    assert (await store.turn(failed.turn)).state == "running"
    if then == "ask":
        assert isinstance(await last(chat, "second"), ev.TurnDone)
    elif then == "correct":
        assert [event async for event in chat.correct(failed.turn, "direct")]
    elif then == "rate":
        assert await chat.rate(None, -1) == failed.turn
    else:
        await chat.close()
    other = Store.open(store.file)
    try:
        assert (await other.turn(failed.turn)).state == "failed"
        assert failed.turn in (await other.purge(session=chat.session)).turns
    finally:
        other.close()


async def test_what_could_not_begin_is_not_the_turn_that_is_rated(tmp_path, store, monkeypatch):
    chat = await chat_with(store, FakeEngine("One.", "Two."), tmp_path)
    done = await last(chat, "first")

    async def full(*_: object) -> None:
        raise StoreError("the disk is full", hint="make room")

    with monkeypatch.context() as patch:
        patch.setattr(store, "begin_turn", full)
        assert (await last(chat, "second")).kind == "store"
    assert await chat.rate(None, 1) == done.record.turn
    third = await last(chat, "third")
    assert await chat.rate(None, -1) == third.record.turn


@pytest.mark.parametrize("fails", ["begin_run", "sandbox", "end_run"])
async def test_what_fails_after_the_yes_loses_nothing_of_what_was_said_and_done(tmp_path, fails):
    class Refusing(NullRecorder):
        async def begin_run(self, *args, **more):
            return self._unless("begin_run")

        async def end_run(self, *args):
            self._unless("end_run")

        def _unless(self, name):
            if fails == name:
                raise StoreError("it broke", hint="")
            return "run"

    async def breaks(tools):
        raise SandboxError("it broke", hint="")

    good = Outcome("ok", 0, stdout="3\n")
    sandbox, auto = FakeSandbox(breaks if fails == "sandbox" else good), ChatSettings(run="auto")
    chat = conversation(FakeEngine(call("x")), tmp_path, sandbox=sandbox, recorder=Refusing(), settings=auto)
    failed = await last(chat)
    assert isinstance(failed, ev.TurnFailed) and failed.message == "it broke"
    record = failed.record
    assert (record.decision["value"], record.raw, record.code) == ("tool", call("x"), "x")
    assert record.run == (good if fails == "end_run" else Outcome("not_run", reason="it broke"))
