"""What people do without a word is kept beside the turn, and counts as nothing but a hint."""

from __future__ import annotations

import pytest
from support.fakes import FakeEngine, FakeSandbox, call, conversation

from codemode_tui.chat import events as ev
from codemode_tui.chat import signals as signals_room
from codemode_tui.chat.context import PastTurn
from codemode_tui.chat.conversation import Conversation
from codemode_tui.errors import StoreError
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import ExceptionInfo, Outcome
from codemode_tui.store.store import Store

GOOD = Outcome("ok", 0, stdout="3\n")
BAD = Outcome("error", 1, exception=ExceptionInfo("ZeroDivisionError", "division by zero", 1, ""))
QUERY = "How many lines are in the file notes.txt?"


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "data" / "codemode.db")
    yield opened
    opened.close()


@pytest.fixture
async def talk(store, tmp_path):
    async def _talk(*said, outcomes=()):
        chat = conversation(FakeEngine(*said), tmp_path, recorder=store, sandbox=FakeSandbox(*outcomes))
        chat.services.session = await store.new_session(tmp_path)
        return chat

    return _talk


async def ask(chat, query=QUERY, reply=None):
    """Ask; every approval gets ``reply``. Returns the turn."""
    async for event in chat.ask(query):
        if isinstance(event, ev.ApprovalWanted):
            chat.reply(event.request, reply or ev.Approval("run"))
    return event.record.turn


async def signals(store, turn):
    found = await store.feedback(turn)
    assert all((event.kind, event.actor) == ("implicit", "program") for event in found)
    return [event.body["signal"] for event in found]


RUNS = {
    "ran well": (GOOD, ev.Approval("run"), []),
    "edited before it ran": (GOOD, ev.Approval("run", code="print(4)"), ["edited"]),
    "denied": (GOOD, ev.Approval("deny"), ["denied"]),
    "denied, and why": (GOOD, ev.Approval("deny", reason="no"), ["denied"]),
    "failed": (BAD, ev.Approval("run"), ["traceback"]),
    "edited, and failed": (BAD, ev.Approval("run", code="1/0"), ["edited", "traceback"]),
}


@pytest.mark.parametrize("name", RUNS)
async def test_what_becomes_of_a_run(store, talk, name):
    outcome, reply, expected = RUNS[name]
    turn = await ask(await talk(call("print(3)"), "Well.", outcomes=[outcome]), reply=reply)
    assert await signals(store, turn) == expected
    for event in await store.feedback(turn):
        generation = (await store.turn(turn)).generations[0]
        assert (event.body["generation"], event.body["run"]) == (generation.id, generation.runs[0].id)


async def test_a_question_that_is_asked_again_is_a_hint_about_the_first_answer(store, talk):
    chat = await talk(*["It is 3."] * 6)
    first = await ask(chat)
    again = await ask(chat, f"  {QUERY.upper()} ")
    other = await ask(chat, "What is a decorator in Python?")
    rephrased = await ask(chat, QUERY + " Please!")
    assert await signals(store, first) == ["regenerated"]  # the last one came too late for it
    assert await signals(store, again) == ["rephrased"]
    assert (await store.feedback(again))[0].body["by"] == rephrased
    assert await signals(store, other) == await signals(store, rephrased) == []


async def test_a_conversation_that_goes_on_knows_what_was_asked(store, talk):
    chat = await talk("It is 3.", "It is 4.", "It is 5.")
    first = await ask(chat)
    chat.services.past = (PastTurn(first, (Message("user", QUERY),), 0),)
    resumed = Conversation(chat.services)
    await ask(resumed)
    assert await signals(store, first) == ["regenerated"]
    await resumed.new_session()
    await ask(resumed)
    assert await signals(store, first) == ["regenerated"]


async def test_signals_change_nothing_that_is_in_force(store, talk):
    chat = await talk("It is 3.")
    turn = await ask(chat)
    await chat.copied(turn, "answer")
    await chat.rate(turn, 1)
    await chat.copied(turn, "code")
    now = await store.feedback_of(turn)
    assert (now.rating, now.state) == (1, "approved")
    assert [event.body.get("what") for event in await store.feedback(turn)] == ["answer", None, "code"]
    await store.rate(turn, 0)
    assert (await store.feedback_of(turn)).state == "none"


async def test_a_turn_with_signals_only_is_in_no_list(store, talk):
    chat = await talk("It is 3.")
    await chat.copied(await ask(chat), "answer")
    assert await store.feedback_now() == [] and list(store.feedback_records()) == []


async def test_a_store_that_cannot_keep_one_is_not_in_the_way(store, talk, monkeypatch):
    chat = await talk("It is 3.")

    async def full(*_):
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "add_feedback", full)
    await chat.copied(await ask(chat), "answer")


async def test_a_turn_that_was_deleted_meanwhile_is_not_in_the_way(store, talk):
    chat = await talk("It is 3.", "It is 4.")
    turn = await ask(chat)
    await store.purge(turn=turn)
    await chat.copied(turn, "answer")
    assert (await store.turn(await ask(chat))).state == "done"


async def test_of_pasted_megabytes_the_beginning_is_compared(store, talk, monkeypatch):
    compared = []
    monkeypatch.setattr(signals_room, "near", lambda one, other: compared.append(max(len(one), len(other))))
    chat = await talk("a", "b")
    await ask(chat, "x".join(map(str, range(100_000))))
    await ask(chat, "y".join(map(str, range(100_000))))
    assert max(compared) <= signals_room.COMPARED
