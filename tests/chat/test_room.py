"""A conversation that fills the model's context: what is left out or refused, and what people are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation
from support.openai_server import OpenAiServer, plain
from support.remote import completing, started

from codemode_tui.chat import events as ev
from codemode_tui.chat.context import Context
from codemode_tui.chat.ports import NullRecorder
from codemode_tui.chat.room import Room, full
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.engine.api import EngineEvent, Finished, GenerateRequest, Usage
from codemode_tui.errors import ContextError
from codemode_tui.front.replay import events_of
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.store import Store

LIMIT = 2048
"""``support.fakes.INFO`` has this context; here a character is a token."""


class Narrow(FakeEngine):
    """Refuses what does not fit, before it says anything."""

    def __init__(self, *messages: Said | str, notes: tuple[str, ...] = ()) -> None:
        super().__init__(*messages)
        self.refused: list[int] = []
        self.notes = notes

    async def generate(self, request: GenerateRequest) -> AsyncIterator[EngineEvent]:
        size = sum(len(segment.text) for segment in request.prompt)
        if size + request.reserve > LIMIT:
            self.refused.append(request.reserve)
            raise ContextError(f"needs {size:,}", hint="ask something shorter")
        async for event in super().generate(request):
            if isinstance(event, Finished):
                usage = Usage(prompt_tokens=size, generated_tokens=LIMIT - size, context_limit=LIMIT)
                event = Finished(event.finish_reason, event.text, event.token_ids, usage, notes=self.notes)
            yield event


async def ask(chat: Any, query: str) -> list[ev.Event]:
    return [event async for event in chat.ask(query)]


def notices(events: list[ev.Event]) -> list[tuple[str, str]]:
    return [(event.kind, event.text) for event in events if isinstance(event, ev.Noticed)]


def turns(count: int, size: int = 180) -> list[tuple[Message, ...]]:
    return [(Message("user", f"question {n}"), Message("assistant", f"{n} " + "a" * size)) for n in range(count)]


async def test_the_oldest_turns_are_left_out_and_counted_and_the_next_turn_has_room(tmp_path):
    engine = Narrow(*["fine"] * 3)
    chat = conversation(engine, tmp_path, settings=ChatSettings(run="never"), turns=turns(12))
    events = await ask(chat, "What now?")
    assert isinstance(events[-1], ev.TurnDone)
    ((kind, text),) = notices(events)
    left = len(chat.services.context.messages()) // 2 - 1
    assert kind == "dropped" and f"its {12 - left} oldest turns were left out" in text and 0 < left < 12
    assert "question 0\n" not in engine.prompts[0] and "question 11" in engine.prompts[0]
    assert chat.profile.system_prompt in engine.prompts[0] and "What now?" in engine.prompts[0]
    assert text in events[-1].record.steps[0].warnings
    order = [type(event) for event in events]
    assert order.index(ev.Noticed) < order.index(ev.RawDelta)
    before = len(engine.refused)
    again = await ask(chat, "And then?")  # a quarter was made free: what was read is not read again at each turn
    assert len(engine.refused) == before and not notices(again)
    assert engine.prompts[1].startswith(engine.prompts[0])


async def test_it_stops_and_says_how_to_go_on_if_that_is_wished(tmp_path):
    engine = Narrow("fine")
    chat = conversation(engine, tmp_path, settings=ChatSettings(at_limit="stop"), turns=turns(12))
    events = await ask(chat, "What now?")
    failed = events[-1]
    assert isinstance(failed, ev.TurnFailed) and failed.kind == "error" and not engine.prompts
    assert "full" in failed.message and "needs" in failed.message
    assert "new session" in failed.hint and "engine.at_limit drop" in failed.hint
    assert len(chat.services.context.messages()) == 24  # nothing was forgotten
    await chat.new_session()
    assert isinstance((await ask(chat, "What now?"))[-1], ev.TurnDone)


@pytest.mark.parametrize("at_limit", ["drop", "stop"])
async def test_a_question_that_never_fits_is_refused_as_such(tmp_path, at_limit):
    chat = conversation(Narrow("fine"), tmp_path, settings=ChatSettings(at_limit=at_limit))
    failed = (await ask(chat, "x" * LIMIT))[-1]
    assert isinstance(failed, ev.TurnFailed) and failed.hint == "ask something shorter"
    assert isinstance((await ask(chat, "short"))[-1], ev.TurnDone)


async def test_a_question_that_never_fits_makes_nothing_be_forgotten(tmp_path):
    engine = Narrow("fine")
    chat = conversation(engine, tmp_path, turns=turns(3))
    events = await ask(chat, "x" * LIMIT)
    assert isinstance(events[-1], ev.TurnFailed) and not notices(events)
    assert len(chat.services.context.messages()) == 6
    await ask(chat, "short")
    assert "question 0" in engine.prompts[-1]


async def test_a_question_that_fits_only_alone_is_asked_alone(tmp_path):
    engine = Narrow("fine")
    chat = conversation(engine, tmp_path, turns=turns(3))
    frame = sum(len(one) for one in (chat.profile.system_prompt,)) + 200
    events = await ask(chat, "y" * (LIMIT - frame))
    assert isinstance(events[-1], ev.TurnDone) and "3 oldest turns" in notices(events)[0][1]


async def test_an_output_that_fills_the_context_in_mid_turn_drops_turns_too(tmp_path):
    engine = Narrow(call("print('x')"), "done")
    sandbox = FakeSandbox(Outcome("ok", 0, stdout="z" * 700))
    chat = conversation(engine, tmp_path, sandbox=sandbox, settings=ChatSettings(run="auto"), turns=turns(5, 270))
    events = await ask(chat, "What now?")
    assert isinstance(events[-1], ev.TurnDone) and events[-1].record.answer == "done"
    assert [event.step for event in events if isinstance(event, ev.Noticed)] == [1]


async def test_a_server_that_refuses_the_prompt_with_the_answer_makes_the_oldest_turns_be_left_out(tmp_path):
    """It has room for the prompt alone, and tells P(tool) of it, before it refuses the message."""
    says = "maximum context length is 300 tokens, however you requested more (9 in your prompt; 9 for the completion)"

    def route(body):
        if body.get("stream") and len(body["prompt"]) // 4 + body["max_tokens"] > LIMIT // 4:
            return plain(400, {"error": {"message": says}})
        return completing("fine")(body)

    async with OpenAiServer(completions=route) as server:
        chat = conversation(await started(server), tmp_path, settings=ChatSettings(run="never"), turns=turns(8))
        events = await ask(chat, "What now?")
    assert isinstance(events[-1], ev.TurnDone) and events[-1].record.answer == "fine"
    assert [kind for kind, _ in notices(events)] == ["dropped"]
    assert sum(isinstance(event, ev.Likelihood) for event in events) == 1


async def test_nothing_is_stored_of_a_message_that_was_refused(tmp_path):
    begun = []

    class Remembering(NullRecorder):
        async def begin_generation(self, *args: Any) -> str:
            begun.append(args)
            return "g"

    chat = conversation(Narrow("fine"), tmp_path, recorder=Remembering(), turns=turns(12))
    await ask(chat, "What now?")
    assert len(begun) == 1


@pytest.mark.parametrize(
    ("text", "reason", "notes", "kinds"),
    [
        ("<think>\nLet me see", "stop", (), ["thinking"]),
        ("\n <think>hm", "stop", (), ["thinking"]),
        ("Use <think> tags", "stop", (), []),
        ("<thin air>", "stop", (), []),
        ("on and on", "length", (), ["full"]),
        ("on and on", "length", ("it repeats itself",), ["engine"]),
        ("fine", "stop", ("the cache is not quantised",), ["engine"]),
    ],
)
async def test_what_is_odd_about_a_message_is_noticed_once_and_again_when_it_is_resumed(
    tmp_path, text, reason, notes, kinds
):
    store = Store.open(tmp_path / "codemode.db")
    chat = conversation(Narrow(Said(text, finish_reason=reason), notes=notes), tmp_path, recorder=store)
    chat.services.session = await store.new_session(tmp_path)
    events = await ask(chat, "q")
    assert [kind for kind, _ in notices(events)] == kinds
    (step,) = events[-1].record.steps
    assert [said for _, said in notices(events)] == [*step.warnings[len(step.warnings) - len(kinds) :]]
    resumed = next(one for one in events_of(await store.turn(events[-1].turn)) if isinstance(one, ev.StepParsed))
    assert sorted(resumed.warnings) == sorted(step.warnings)
    store.close()
    if kinds == ["thinking"]:  # while it streams, not only at its end
        order = [type(event) for event in events]
        assert order.index(ev.Noticed) < len(order) - 1 - order[::-1].index(ev.RawDelta)


def test_room_for_an_answer_is_kept_only_where_turns_can_make_it():
    assert Room(Context(), 2048, 500, drop=True).reserve == 1
    assert Room(Context(turns(1)), 2048, 500, drop=True).reserve == 128
    assert Room(Context(turns(1)), 2048, 10, drop=False).reserve == 10
    assert Room(Context(turns(1)), 0, 500, drop=True).reserve == 1


def test_a_message_that_was_cut_off_by_its_own_limit_fills_no_context():
    assert not full(Usage(prompt_tokens=10, generated_tokens=5, context_limit=2048))
    assert not full(Usage(prompt_tokens=10, generated_tokens=5))
    assert "2,048" in full(Usage(prompt_tokens=2000, generated_tokens=48, context_limit=2048))
