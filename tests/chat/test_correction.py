"""A wrong turn becomes a better one: from the same prompt, run in the sandbox, accepted by a person."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation

from codemode_tui.chat import events as ev
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.errors import ContextError, UsageError
from codemode_tui.front.corrections import PICKS
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render_text
from codemode_tui.sandbox.types import ExceptionInfo, Outcome
from codemode_tui.store.store import Store

GOOD, FOUR = Outcome("ok", 0, stdout="3\n"), Outcome("ok", 0, stdout="4\n")
BAD = Outcome("error", 1, exception=ExceptionInfo("ZeroDivisionError", "division by zero", 1, ""))
YES = ev.Approval("run")
NO_UTF_8 = pytest.param(
    os.fsdecode(b"caf\xe9"),
    marks=pytest.mark.skipif(sys.platform == "darwin", reason="its folders have names in UTF-8"),
)


@pytest.fixture
def store(tmp_path: Path):
    opened = Store.open(tmp_path / "data" / "codemode.db")
    yield opened
    opened.close()


@pytest.fixture
def talk(store, tmp_path):
    """``await talk(said, outcomes, …)``: a conversation that has had one turn, and the id of that."""

    async def _talk(*said, outcomes=(), query="How many?", before=0, settings=None, workspace=tmp_path):
        engine, sandbox = FakeEngine(*["Yes."] * before, *said), FakeSandbox(*outcomes)
        chat = conversation(engine, workspace, recorder=store, sandbox=sandbox, settings=settings or ChatSettings())
        chat.services.session = await store.new_session(workspace)
        for number in range(before):
            await play(chat, chat.ask(f"Are you there, for the {number}th time?"))
        events = await play(chat, chat.ask(query))
        return chat, events[-1].record.turn

    return _talk


async def play(chat, stream, *replies):
    """All events of a stream; each approval gets the next of ``replies``, a yes when they are used up."""
    waiting, seen = list(replies), []
    async for event in stream:
        seen.append(event)
        if isinstance(event, ev.ApprovalWanted):
            chat.reply(event.request, waiting.pop(0) if waiting else YES)
    return seen


async def fix(chat, turn, how, *replies, **more):
    return await play(chat, chat.correct(turn, how, **more), *replies)


def names(events):
    return [
        type(event).__name__ for event in events if not isinstance(event, ev.RawDelta | ev.TextDelta | ev.CodeDelta)
    ]


async def test_should_have_run_forces_a_call_from_the_same_prompt(store, talk):
    chat, turn = await talk("It is 3.", call("print(4)"), outcomes=[FOUR], before=2)
    events = await fix(chat, turn, "tool")
    assert names(events) == [
        "Likelihood", "StepParsed", "ApprovalWanted", "RunStarted", "RunOutput", "RunFinished", "CandidateReady",
    ]  # fmt: skip
    engine = chat.services.engine
    assert engine.requests[-1].force == "tool" and engine.prompts[-1] == engine.prompts[-2]
    assert [s.token_ids for s in engine.requests[-1].prompt] == [s.token_ids for s in engine.requests[-2].prompt]
    ready = events[-1]
    assert (ready.turn, ready.step, ready.code, ready.outcome.stdout, ready.verified) == (
        turn, 0, "print(4)", "4\n", True,
    )  # fmt: skip
    stored = await store.turn(turn)
    assert (len(stored.generations), stored.corrections[0].origin, stored.corrections[0].id) == (
        1, "fix_tool", ready.generation,
    )  # fmt: skip
    assert (await store.standing(turn)).chosen == {}  # a candidate is no correction
    standing = await chat.accept(turn, ready.generation)
    assert (standing.rating, standing.chosen, standing.state) == (-1, {0: ready.generation}, "verified")
    assert [event.body for event in await store.feedback(turn)][-1] == {
        "generation": ready.generation, "run": stored.corrections[0].runs[0].id, "ok": True, "how": "run",
    }  # fmt: skip


async def test_should_have_answered_takes_the_place_of_the_first_call(store, talk):
    chat, turn = await talk(call("print(3)"), "There are 3.", "A decorator wraps.", outcomes=[GOOD])
    ready = (await fix(chat, turn, "direct"))[-1]
    engine = chat.services.engine
    assert (ready.step, ready.text, ready.outcome, ready.verified) == (0, "A decorator wraps.", None, False)
    assert engine.requests[-1].force == "direct" and engine.prompts[-1] == engine.prompts[0]
    assert (await chat.accept(turn, ready.generation)).proofs == {ready.generation: "human"}


async def test_edited_code_runs_only_after_a_yes_and_is_worded_as_the_model_would(store, talk):
    chat, turn = await talk(call("print(3)", "I look.\n"), "There are 3.", outcomes=[GOOD, FOUR])
    events = await fix(chat, turn, "edit", code="print(4)\n")
    assert names(events)[:3] == ["StepParsed", "ApprovalWanted", "RunStarted"]
    assert chat.services.engine.requests[2:] == []  # nobody is asked but the person
    (made,) = (await store.turn(turn)).corrections
    assert (made.raw, made.code, made.origin, made.decision) == (
        call("print(4)", "I look.\n"), "print(4)", "fix_edit", "tool",
    )  # fmt: skip
    assert (await store.prompt(made.id))[0] == chat.services.engine.prompts[0]
    denied = await fix(chat, turn, "edit", ev.Approval("deny"), code="print(5)")
    assert "RunStarted" not in names(denied) and denied[-1].outcome.status == "denied" and not denied[-1].verified


async def test_code_that_fails_is_a_candidate_and_stays_unverified(store, talk):
    chat, turn = await talk("It is 3.", outcomes=[BAD])
    ready = (await fix(chat, turn, "edit", code="1/0"))[-1]
    assert (ready.outcome.status, ready.verified) == ("error", False)
    standing = await chat.accept(turn, ready.generation)
    assert (standing.state, standing.proofs) == ("corrected", {})


async def test_code_that_was_edited_at_the_gate_is_a_person_s_candidate(store, talk):
    chat, turn = await talk("It is 3.", call("print(3)"), outcomes=[FOUR])
    ready = (await fix(chat, turn, "tool", ev.Approval("run", code="print(4)")))[-1]
    model, mine = (await store.turn(turn)).corrections
    assert (model.origin, model.runs, mine.origin, mine.raw) == ("fix_tool", (), "fix_edit", call("print(4)"))
    assert (ready.generation, ready.code, mine.runs[0].code, mine.runs[0].edited_from) == (
        mine.id, "print(4)", "print(4)", None,
    )  # fmt: skip


async def test_tries_that_fail_or_repeat_are_dropped_and_made_up_for(store, talk):
    tries = [call("print(4)"), call("print(3)"), "No call.", call("print(4)"), call("1/0")]
    chat, turn = await talk(call("print(3)"), "There are 3.", *tries, outcomes=[GOOD, FOUR, BAD])
    events = await fix(chat, turn, "retry", count=2)
    ready = [event for event in events if isinstance(event, ev.CandidateReady)]
    assert [event.code for event in ready] == ["print(4)"]
    requests = chat.services.engine.requests[2:]
    assert {request.force for request in requests} == {"tool"} and len({r.sampling.seed for r in requests}) == 5
    temperatures = [request.sampling.temp for request in requests]
    assert temperatures[0] > 0 and temperatures == sorted(set(temperatures))
    assert {chat.services.engine.prompts[0]} == set(chat.services.engine.prompts[2:])
    provenance = (await store.prompt(ready[0].generation))[1]
    assert provenance["sampling"]["seed"] == requests[0].sampling.seed


async def test_no_good_try_is_said_so(talk):
    chat, turn = await talk("It is 3.", *["It is 3."] * 6)
    failed = (await fix(chat, turn, "retry"))[-1]
    assert isinstance(failed, ev.CorrectionFailed) and "says nothing else" in failed.message
    chat, turn = await talk(call("print(3)"), "3.", *(call(f"{n}/0") for n in range(3)), outcomes=[GOOD, *[BAD] * 3])
    failed = (await fix(chat, turn, "retry"))[-1]
    assert isinstance(failed, ev.CorrectionFailed) and "none of 3 other tries ran well" in failed.message


async def test_how_often_a_retry_tries_is_a_setting(talk):
    said = [call("print(3)"), "3.", *(call(f"{n}/0") for n in range(2))]
    chat, turn = await talk(*said, outcomes=[GOOD, BAD, BAD], settings=ChatSettings(other_tries=2))
    failed = (await fix(chat, turn, "retry"))[-1]
    assert "none of 2 other tries ran well" in failed.message


async def test_no_more_is_offered_than_there_are_keys_to_take_one(talk):
    said = [call("print(3)"), "3.", *(call(f"print({n})") for n in range(4, 10))]
    chat, turn = await talk(*said, outcomes=[GOOD, *[FOUR] * 6], settings=ChatSettings(other_tries=6))
    ready = [event for event in await fix(chat, turn, "retry") if isinstance(event, ev.CandidateReady)]
    assert len(ready) == len([action for action in PICKS if action != "accept"])


async def test_another_try_is_another_try_and_the_first_is_as_the_model_would(talk):
    chat, turn = await talk("It is 3.", call("print(4)"), call("print(4)"), call("print(5)"), outcomes=[FOUR, FOUR])
    assert [(await fix(chat, turn, "tool"))[-1].code for _ in range(2)] == ["print(4)", "print(5)"]
    temperatures = [request.sampling.temp for request in chat.services.engine.requests[1:]]
    assert temperatures[0] == 0 and all(temperatures[1:])


async def test_what_nobody_decided_about_is_offered_again(talk):
    chat, turn = await talk("It is 3.", call("print(4)"), call("print(4)"), outcomes=[FOUR])
    async for event in chat.correct(turn, "tool"):
        if isinstance(event, ev.ApprovalWanted):
            await chat.stop()
    assert (await fix(chat, turn, "tool"))[-1].code == "print(4)"


@pytest.mark.parametrize(("reason", "said", "force", "step"), [
    ("should_run", ["It is 3.", call("print(4)")], "tool", 0),
    ("should_answer", [call("print(3)"), "There are 3.", "A decorator wraps."], "direct", 0),
    ("wrong_answer", [call("print(3)"), "There are 3.", "There are 4."], "direct", 1),
])  # fmt: skip
async def test_a_retry_makes_what_should_have_been(talk, reason, said, force, step):
    chat, turn = await talk(*said, outcomes=[GOOD, FOUR])
    await chat.add_feedback(turn, "reason", {"codes": [reason]})
    ready = (await fix(chat, turn, "retry", count=1))[-1]
    assert (chat.services.engine.requests[-1].force, ready.step) == (force, step)


async def test_an_empty_message_is_no_answer(store, talk):
    chat, turn = await talk(call("print(3)"), "There are 3.", *[" "] * 4, outcomes=[GOOD])
    failed = (await fix(chat, turn, "direct"))[-1]
    assert isinstance(failed, ev.CorrectionFailed) and "write it yourself" in failed.hint
    with pytest.raises(UsageError, match="neither"):
        await chat.accept(turn, (await store.turn(turn)).corrections[0].id)


async def test_the_model_goes_on_after_a_corrected_run(store, talk):
    chat, turn = await talk("It is 3.", call("print(4)"), "There are 4.", outcomes=[FOUR])
    code = (await fix(chat, turn, "tool"))[-1]
    with pytest.raises(UsageError, match="no corrected code"):
        await failing(fix(chat, turn, "continue"))
    await chat.accept(turn, code.generation)
    answer = (await fix(chat, turn, "continue"))[-1]
    assert (answer.step, answer.text) == (1, "There are 4.")
    assert chat.services.engine.prompts[-1].startswith(chat.services.engine.prompts[-2])
    assert "<tool_response>\n4\n</tool_response>" in chat.services.engine.prompts[-1]
    standing = await chat.accept(turn, answer.generation)
    assert (standing.chosen, standing.state) == ({0: code.generation, 1: answer.generation}, "verified")
    assert [made.origin for made in (await store.turn(turn)).corrections] == ["fix_tool", "fix_tool"]


async def test_an_answer_follows_the_corrected_run(store, talk):
    chat, turn = await talk(call("1/0"), "It failed.", outcomes=[BAD, FOUR])
    code = (await fix(chat, turn, "edit", code="print(4)"))[-1]
    await chat.accept(turn, code.generation)
    answer = (await fix(chat, turn, "edit", answer="There are 4."))[-1]
    assert (answer.step, answer.text, answer.decision) == (1, "There are 4.", "direct")
    assert "print(4)" in (await store.prompt(answer.generation))[0]
    await chat.accept(turn, answer.generation)
    again = (await fix(chat, turn, "edit", code="print(5)"))[-1]
    standing = await chat.accept(turn, again.generation)
    assert standing.chosen == {0: again.generation}  # the answer belonged to the other code


DONE, ANNOUNCED, STOPPED = "There are 3.", "Let me read the file.", Said("There", dies=True)
DEFAULTS = {
    "the first call": ({"code": "x"}, (), 0, GOOD, DONE),
    "the call that crashed": ({"code": "x"}, ("crashed",), 1, BAD, DONE),
    "the last answer": ({"answer": "x"}, (), 2, GOOD, DONE),
    "an answer that was only announced": ({"answer": "x"}, (), 2, GOOD, ANNOUNCED),
    "an answer that never came": ({"answer": "x"}, (), 2, GOOD, STOPPED),
    "behind the run that went well": ({"answer": "x"}, (), 1, BAD, STOPPED),
    "at once, where no code was wanted": ({"answer": "x"}, ("should_answer",), 0, GOOD, DONE),
    "what is named": ({"answer": "x", "step": 1}, (), 1, GOOD, DONE),
}


@pytest.mark.parametrize("name", DEFAULTS)
async def test_the_message_that_is_most_likely_meant(store, talk, name):
    more, reasons, step, second, last = DEFAULTS[name]
    chat, turn = await talk(call("print(1)"), call("print(3)"), last, outcomes=[GOOD, second])
    if reasons:
        await chat.add_feedback(turn, "reason", {"codes": list(reasons)})
    assert (await fix(chat, turn, "edit", **more))[-1].step == step


async def test_an_answer_stands_behind_the_model_s_own_code_when_what_was_put_there_failed(store, talk):
    chat, turn = await talk(call("print(3)"), "There are 4.", outcomes=[GOOD, BAD])
    code = (await fix(chat, turn, "edit", code="1/0"))[-1]
    await chat.accept(turn, code.generation)
    answer = (await fix(chat, turn, "edit", answer="There are 3."))[-1]
    assert answer.step == 1 and "print(3)" in (await store.prompt(answer.generation))[0]
    standing = await chat.accept(turn, answer.generation)
    assert (standing.proofs, standing.state) == ({answer.generation: "human"}, "corrected")


async def test_what_had_been_dropped_of_a_long_conversation_stays_dropped(store, talk, monkeypatch):
    chat, _ = await talk("It is 3.", "It is 4.", call("print(5)"), outcomes=[FOUR], before=2)
    engine, generate = chat.services.engine, chat.services.engine.generate

    async def forgetful(request):
        if "0th time" in render_text(request.prompt):
            raise ContextError("too long")
        async for event in generate(request):
            yield event

    monkeypatch.setattr(engine, "generate", forgetful)
    turn = (await play(chat, chat.ask("And now?")))[-1].record.turn
    assert "0th time" in (await store.context(turn))[0].content  # it was there when the turn began
    await fix(chat, turn, "tool")
    assert engine.prompts[-1] == engine.prompts[-2] and "1th time" in engine.prompts[-1]


async def failing(events):
    """Raise the failure that a correction ended with."""
    last = (await events)[-1]
    assert isinstance(last, ev.CorrectionFailed), last
    raise UsageError(last.message, hint=last.hint)


@pytest.mark.parametrize("said", ["It is", "<tool_call>\n<function=execute_code>\n<parameter=code>\nprint("])
async def test_a_message_that_was_stopped_is_corrected_like_any_other(store, talk, said):
    chat, _ = await talk("Yes.", Said(said, waits=True), call("print(4)"), "It is 4.", outcomes=[FOUR, FOUR])
    async for event in chat.ask("And now?"):
        if isinstance(event, ev.RawDelta):
            await chat.stop()
    turn = event.record.turn
    for how, more in (("tool", {}), ("direct", {}), ("edit", {"answer": "4"}), ("edit", {"code": "print(2 + 2)"})):
        ready = (await fix(chat, turn, how, **more))[-1]
        assert ready.step == 0 and (await store.prompt(ready.generation))[0] == chat.services.engine.prompts[1]
        assert (await chat.accept(turn, ready.generation)).state == "verified"


async def test_what_cannot_be_corrected_is_said_so(store, talk, tmp_path):
    chat, turn = await talk("It is 3.")
    for more, words in (
        ({}, "either code or an answer"),
        ({"code": "x", "answer": "y"}, "either code or an answer"),
        ({"code": "  "}, "no code"),
        ({"code": "x", "step": 7}, "no message 7"),
    ):
        with pytest.raises(UsageError, match=words):
            await failing(fix(chat, turn, "edit", **more))
    with pytest.raises(UsageError, match="no turn"):
        await failing(fix(chat, "nothing", "tool"))
    running = await store.begin_turn(await store.new_session(tmp_path), "q", ())
    with pytest.raises(UsageError, match="still runs"):
        await failing(fix(chat, running, "tool"))
    chat.services.profile = load_profile("phase22")
    with pytest.raises(UsageError, match="profile phase22") as caught:
        await failing(fix(chat, turn, "edit", answer="4"))
    assert "--profile bundled" in caught.value.hint
    with pytest.raises(UsageError, match="no candidate"):
        await chat.accept(turn, "nothing")


async def test_code_of_another_workspace_is_not_run_here(store, talk, tmp_path):
    chat, turn = await talk("It is 3.")
    chat.services.workspace = tmp_path / "data"
    with pytest.raises(UsageError, match="asked in"):
        await failing(fix(chat, turn, "edit", code="print(4)"))
    assert (await fix(chat, turn, "edit", answer="4"))[-1].text == "4"  # words can be said anywhere


@pytest.mark.parametrize("name", ["here", NO_UTF_8])
async def test_code_runs_in_its_folder_whatever_that_is_called(talk, tmp_path, name):
    (folder := tmp_path / name).mkdir()
    chat, turn = await talk("It is 3.", outcomes=[FOUR], workspace=folder)
    if name == "here":  # moved, and a link left
        chat.services.workspace = folder.rename(tmp_path / "moved")
        folder.symlink_to(tmp_path / "moved")
    assert (await fix(chat, turn, "edit", code="print(4)"))[-1].verified


async def test_what_is_no_call_and_no_answer_is_not_offered_and_not_accepted(store, talk):
    chat, turn = await talk("It is 3.", "Let me read the file.", Said("There are", finish_reason="length"), "There: 4")
    assert (await fix(chat, turn, "direct"))[-1].text == "There: 4"
    for half in (await store.turn(turn)).corrections[:2]:
        with pytest.raises(UsageError, match="neither"):
            await chat.accept(turn, half.id)


async def test_a_correction_can_be_stopped_and_the_engine_may_die(store, talk):
    chat, turn = await talk("It is 3.", Said("I am", waits=True), Said("half", dies=True))
    async for event in chat.correct(turn, "tool"):
        if isinstance(event, ev.RawDelta):
            await chat.stop()
    assert (event.kind, chat.busy) == ("cancelled", False)
    assert (await fix(chat, turn, "tool"))[-1].kind == "engine"
    assert [made.finish_reason for made in (await store.turn(turn)).corrections] == ["cancel", "error"]


async def test_one_thing_at_a_time(talk):
    chat, turn = await talk("It is 3.", call("print(4)"), outcomes=[FOUR])
    async for event in chat.correct(turn, "tool"):
        if isinstance(event, ev.ApprovalWanted):
            with pytest.raises(UsageError, match="is running"):
                await anext(aiter(chat.ask("q")))
            with pytest.raises(UsageError, match="is running"):
                await anext(aiter(chat.correct(turn, "direct")))
            chat.reply(event.request, YES)


async def test_what_is_not_stored_cannot_be_corrected(tmp_path):
    chat = conversation(FakeEngine("It is 3."), tmp_path)
    turn = (await play(chat, chat.ask("How many?")))[-1].record.turn
    with pytest.raises(UsageError, match="not stored"):
        await failing(fix(chat, turn, "direct"))


async def test_a_corrected_turn_goes_on_as_it_was(store, talk):
    chat, turn = await talk("It is 3.", call("print(4)"), "Next.", outcomes=[FOUR])
    await chat.accept(turn, (await fix(chat, turn, "tool"))[-1].generation)
    await play(chat, chat.ask("And then?"))
    assert "It is 3." in chat.services.engine.prompts[-1] and "print(4)" not in chat.services.engine.prompts[-1]


async def test_a_correction_that_a_dead_program_left_open_gets_its_end(store, talk, tmp_path):
    _, turn = await talk("It is 3.")
    other = Store.open(store.file)
    made = await other.begin_generation(turn, 0, "fix_tool", "p", {})
    await other.append_chunk(made, "half")
    other.close()
    (found,) = (await store.turn(turn)).corrections
    assert (found.finish_reason, found.raw) == ("killed", "half")
