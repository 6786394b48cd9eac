"""A turn from question to answer, as the events that every front end sees."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation

from codemode_tui.chat import events as ev
from codemode_tui.chat.ports import NullRecorder
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.chat.steps import failure_kind
from codemode_tui.engine.api import CallsAnywayError
from codemode_tui.engine.remote_replies import failure
from codemode_tui.errors import EngineError, ModelError, SandboxError, UsageError
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import ExceptionInfo, Outcome

AUTO = ChatSettings(run="auto")
NEVER = ChatSettings(run="never")
GOOD = Outcome("ok", 0, stdout="3\n")
BAD = Outcome("error", 1, exception=ExceptionInfo("ZeroDivisionError", "division by zero", 1, ""))


async def play(chat, query="How many?", replies=None, force=None):
    """All events of one turn; ``replies`` answers approvals in order."""
    replies = list(replies or [])
    seen = []
    async for event in chat.ask(query, force=force):
        seen.append(event)
        if isinstance(event, ev.ApprovalWanted | ev.WriteWanted):
            chat.reply(event.request, replies.pop(0))
    return seen


def only(events, kind):
    return [event for event in events if isinstance(event, kind)]


async def test_a_direct_answer_is_streamed_and_recorded(tmp_path):
    chat = conversation(FakeEngine("A decorator wraps a function."), tmp_path)
    events = await play(chat, "What is a decorator?")
    assert isinstance(events[0], ev.TurnStarted) and isinstance(events[-1], ev.TurnDone)
    assert "".join(e.text for e in only(events, ev.TextDelta)) == "A decorator wraps a function."
    record = events[-1].record
    assert record.decision == {"value": "direct", "probability": 0.5, "forced": False, "dialect": None}
    assert (record.answer, record.code, record.run, record.attempts) == ("A decorator wraps a function.", None, None, 1)


async def test_code_runs_after_a_yes_and_its_output_makes_the_answer(tmp_path):
    engine, sandbox = FakeEngine(call("print(3)"), "There are 3."), FakeSandbox(GOOD)
    events = await play(conversation(engine, tmp_path, sandbox=sandbox), replies=[ev.Approval("run")])
    kinds = [type(e).__name__ for e in events if not isinstance(e, ev.RawDelta | ev.TextDelta | ev.CodeDelta)]
    assert kinds == [
        "TurnStarted", "Waiting", "Likelihood", "StepParsed", "ApprovalWanted", "RunStarted", "RunOutput",
        "RunFinished",
        "Likelihood", "StepParsed", "AnswerReady", "TurnDone",
    ]  # fmt: skip
    assert sandbox.ran == ["print(3)"]
    assert "".join(e.text for e in only(events, ev.CodeDelta)) == "print(3)"
    record = events[-1].record
    assert (record.answer, record.run.stdout, record.code) == ("There are 3.", "3\n", "print(3)")
    assert len(record.steps) == 2
    assert engine.prompts[1].startswith(engine.prompts[0])  # raw text is replayed, never rendered again
    assert call("print(3)") in engine.prompts[1] and "<tool_response>\n3\n</tool_response>" in engine.prompts[1]


async def test_nothing_runs_before_the_yes(tmp_path):
    sandbox = FakeSandbox(GOOD)
    chat = conversation(FakeEngine(call("print(3)"), "x"), tmp_path, sandbox=sandbox)
    async for event in chat.ask("q"):
        if isinstance(event, ev.ApprovalWanted):
            await asyncio.sleep(0.05)
            assert sandbox.ran == []
            assert event.code == "print(3)" and len(event.code_sha256) == 64
            chat.reply(event.request, ev.Approval("deny"))
    assert sandbox.ran == []


@pytest.mark.parametrize("end", ["deny", "close"])
async def test_a_child_waits_while_the_code_is_read_and_ends_with_the_question(tmp_path, end):
    sandbox = FakeSandbox(GOOD)
    chat = conversation(FakeEngine(call("print(3)"), "x"), tmp_path, sandbox=sandbox)
    async for event in chat.ask("q"):
        if isinstance(event, ev.ApprovalWanted):
            await asyncio.sleep(0.05)
            assert sandbox.prepared
            if end == "close":
                break
            chat.reply(event.request, ev.Approval("deny"))
    await chat.close()
    assert sandbox.ran == [] and not sandbox.prepared


async def test_denied_code_ends_the_turn_without_an_answer(tmp_path):
    events = await play(conversation(FakeEngine(call("x")), tmp_path), replies=[ev.Approval("deny")])
    record = events[-1].record
    assert isinstance(events[-1], ev.TurnDone)
    assert (record.run.status, record.answer) == ("denied", None)


async def test_a_reason_for_the_denial_reaches_the_model(tmp_path):
    engine = FakeEngine(call("delete_file('a')"), "Then I will not.")
    events = await play(conversation(engine, tmp_path), replies=[ev.Approval("deny", reason="do not delete")])
    assert events[-1].record.answer == "Then I will not."
    assert "do not delete" in engine.prompts[1]


async def test_edited_code_is_what_runs_and_both_are_known(tmp_path):
    sandbox = FakeSandbox(GOOD)
    chat = conversation(FakeEngine(call("print(2)"), "3"), tmp_path, sandbox=sandbox)
    events = await play(chat, replies=[ev.Approval("run", code="print(3)")])
    assert sandbox.ran == ["print(3)"]
    assert only(events, ev.RunStarted)[0].code == "print(3)"
    assert events[-1].record.raw == call("print(2)")


async def test_always_asks_no_more_for_the_same_tools(tmp_path):
    (tmp_path / "a").write_text("")
    code = "print(read_file('a'))"
    engine = FakeEngine(call(code), "1", call(code), "2", call(code + "\nlist_directory()"), "3")
    chat = conversation(engine, tmp_path, sandbox=FakeSandbox(GOOD, GOOD, GOOD))
    first = await play(chat, replies=[ev.Approval("always")])
    second = await play(chat)
    third = await play(chat, replies=[ev.Approval("run")])
    assert [len(only(events, ev.ApprovalWanted)) for events in (first, second, third)] == [1, 0, 1]


async def test_never_shows_the_code_only(tmp_path):
    sandbox = FakeSandbox()
    events = await play(conversation(FakeEngine(call("print(3)")), tmp_path, sandbox=sandbox, settings=NEVER))
    assert sandbox.ran == []
    assert events[-1].record.run.status == "not_run"


async def test_a_failure_goes_back_and_is_tried_again_but_not_for_ever(tmp_path):
    engine = FakeEngine(*[call(f"print({i}/0)") for i in range(3)], "I could not.")
    events = await play(conversation(engine, tmp_path, sandbox=FakeSandbox(BAD, BAD, BAD), settings=AUTO))
    record = events[-1].record
    assert (record.attempts, len(record.steps), record.answer) == (3, 4, "I could not.")
    assert "Error on line 1: ZeroDivisionError: division by zero" in engine.prompts[1]
    assert [request.force for request in engine.requests] == [None, None, None, "direct"]


async def test_the_model_may_run_several_steps_but_not_endlessly(tmp_path):
    engine = FakeEngine(*[call(f"print({i})") for i in range(8)], "Done.")
    events = await play(conversation(engine, tmp_path, sandbox=FakeSandbox(*[GOOD] * 8), settings=AUTO))
    assert events[-1].record.answer == "Done."
    assert len(events[-1].record.steps) == 9
    assert engine.requests[-1].force == "direct"


@pytest.mark.parametrize("outcomes", [[BAD] * 3, [GOOD] * 8], ids=["after its tries", "after its steps"])
async def test_a_model_that_calls_instead_of_answering_is_not_run_again(tmp_path, outcomes):
    engine, sandbox = FakeEngine(*[call(f"print({i})") for i in range(12)]), FakeSandbox(*outcomes)
    events = await play(conversation(engine, tmp_path, sandbox=sandbox, settings=AUTO))
    record = events[-1].record
    assert len(sandbox.ran) == len(outcomes)
    assert (record.run.status, record.answer, len(record.steps)) == ("not_run", None, len(outcomes) + 1)
    assert record.code == record.steps[-1].code == f"print({len(outcomes)})"


class Stubborn(FakeEngine):
    """Calls whatever it is told, and the server behind it cannot be kept from that."""

    async def generate(self, request):
        if request.force == "direct":
            raise CallsAnywayError("it cannot be kept from calling")
        async for event in super().generate(request):
            yield event


@pytest.mark.parametrize("outcomes", [[BAD] * 3, [GOOD] * 8], ids=["after its tries", "after its steps"])
async def test_where_nothing_but_calls_come_the_last_run_is_the_result(tmp_path, outcomes):
    engine = Stubborn(*[call(f"print({i})") for i in range(12)])
    events = await play(conversation(engine, tmp_path, sandbox=FakeSandbox(*outcomes), settings=AUTO))
    record = events[-1].record
    assert (record.run.status, record.answer, len(record.steps)) == (outcomes[-1].status, None, len(outcomes))
    assert "no answer" in only(events, ev.Noticed)[-1].text
    asked = await play(conversation(Stubborn(), tmp_path), force="direct")
    assert isinstance(asked[-1], ev.TurnFailed) and asked[-1].kind == "engine"


async def test_never_runs_nothing_whatever_the_code_is(tmp_path):
    hidden = call("print(1)\r#")
    events = await play(conversation(FakeEngine(hidden), tmp_path, settings=NEVER))
    assert events[-1].record.run.status == "not_run"


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        (Said(call("print(1)")[:-40], finish_reason="length"), Decision.TRUNCATED),
        (Said("I'll read the file now."), Decision.ANNOUNCED),
        (Said('```json\n{"name": "execute_code", "arguments": {"code": "print(1)"}}\n```'), Decision.MALFORMED),
    ],
)
async def test_what_is_no_proper_call_never_runs(tmp_path, said, decision):
    sandbox = FakeSandbox()
    events = await play(conversation(FakeEngine(said), tmp_path, sandbox=sandbox, settings=AUTO))
    assert only(events, ev.StepParsed)[0].decision is decision
    assert sandbox.ran == [] and events[-1].record.answer is None


async def test_code_that_hides_something_is_refused_and_told(tmp_path):
    sandbox = FakeSandbox()
    engine = FakeEngine(call("x = 1 #\rimport os"), "Sorry.")
    events = await play(conversation(engine, tmp_path, sandbox=sandbox, settings=AUTO))
    assert sandbox.ran == []
    assert "carriage return" in engine.prompts[1] and engine.prompts[1].count("line 1") == 1
    assert (events[-1].record.answer, events[-1].record.run.exception.line) == ("Sorry.", 1)


async def test_without_a_sandbox_the_turn_says_so_and_nothing_runs(tmp_path):
    chat = conversation(FakeEngine(call("x")), tmp_path, sandbox=SandboxError("no sandbox", hint="get one"))
    events = await play(chat)
    assert isinstance(events[-1], ev.TurnFailed)
    assert (events[-1].kind, events[-1].hint) == ("sandbox", "get one")
    record = events[-1].record  # what the model said is not lost with it
    assert (record.decision["value"], record.raw, record.code) == ("tool", call("x"), "x")
    assert (record.run.status, record.run.reason, record.answer) == ("not_run", "no sandbox", None)


async def test_a_worker_that_dies_marks_the_turn_and_the_next_one_restarts_it(tmp_path):
    engine = FakeEngine(Said("half an ans", dies=True), "A whole answer.")
    chat = conversation(engine, tmp_path)
    first = await play(chat)
    assert isinstance(first[-1], ev.TurnFailed) and first[-1].kind == "engine"
    assert "".join(e.text for e in only(first, ev.RawDelta)) == "half an ans"
    second = await play(chat)
    assert second[-1].record.answer == "A whole answer."
    assert engine.starts == 2
    assert "half an ans" not in engine.prompts[1]  # a broken turn is not part of the conversation


def test_a_server_that_answers_with_an_error_is_an_engine_that_failed():
    for status in (0, 401, 404, 500):
        assert failure_kind(failure("http://x", status, "boom")) == "engine"
    assert failure_kind(ModelError("cut off")) == "model" and failure_kind(UsageError("x")) == "error"


@pytest.mark.parametrize(("said", "decision"), [("An endless", "direct"), (call("x")[:20], "truncated"), ("", None)])
async def test_stopping_while_it_writes_ends_the_turn_and_tells_what_was_streamed(tmp_path, said, decision):
    chat = conversation(FakeEngine(Said(said, waits=True)), tmp_path)
    streamed = ""
    async for event in chat.ask("q"):
        streamed += event.text if isinstance(event, ev.RawDelta) else ""
        if isinstance(event, ev.RawDelta | ev.Likelihood) and streamed == said:
            await chat.stop()
    assert isinstance(event, ev.TurnFailed) and event.kind == "cancelled" and not chat.busy
    record = event.record
    assert (record.raw, record.answer, record.decision["value"], record.finish_reason) == (
        said,
        None,
        decision,
        "cancel",
    )
    assert ([s.raw for s in record.steps], record.usage.generated_tokens) == ([said] if said else [], len(said) // 3)


async def test_stopping_while_it_asks_counts_as_no(tmp_path):
    sandbox = FakeSandbox()
    chat = conversation(FakeEngine(call("x")), tmp_path, sandbox=sandbox)
    events = []
    async for event in chat.ask("q"):
        events.append(event)
        if isinstance(event, ev.ApprovalWanted):
            await chat.stop()
    assert events[-1].kind == "cancelled" and sandbox.ran == []


async def test_stopping_while_it_runs_keeps_what_was_printed(tmp_path):
    chat = conversation(
        FakeEngine(call("x")), tmp_path, sandbox=FakeSandbox(Outcome("killed", stdout="before\n")), settings=AUTO
    )
    events = []
    async for event in chat.ask("q"):
        events.append(event)
        if isinstance(event, ev.RunOutput):
            await chat.stop()
    assert isinstance(events[-1], ev.TurnFailed) and events[-1].kind == "cancelled"
    assert events[-1].record.steps[-1].run.stdout == "before\n"


async def test_a_front_end_that_goes_away_stops_the_turn(tmp_path):
    chat = conversation(FakeEngine(Said("An endless", waits=True)), tmp_path)
    stream = chat.ask("q")
    await anext(stream)
    await stream.aclose()
    assert not chat.busy


async def test_a_write_asks_with_its_diff_and_a_no_stays_a_no(tmp_path):
    (tmp_path / "a.txt").write_text("old\n")

    async def write(tools):
        try:
            await tools.call("write_file", ["a.txt", "new\n"], {})
        except PermissionError as error:
            return Outcome("error", 1, exception=ExceptionInfo("PermissionError", str(error), 1, ""))
        return GOOD

    for reply, content in (("deny", "old\n"), ("once", "new\n")):
        engine = FakeEngine(call("write_file('a.txt', 'new')"), "Done.")
        chat = conversation(engine, tmp_path, sandbox=FakeSandbox(write))
        events = await play(chat, replies=[ev.Approval("run"), ev.WriteReply(reply)])
        wanted = only(events, ev.WriteWanted)[0]
        assert wanted.path == "a.txt" and "-old" in wanted.diff and "+new" in wanted.diff
        assert (tmp_path / "a.txt").read_text() == content


async def test_a_conversation_remembers_and_a_new_session_does_not(tmp_path):
    engine = FakeEngine("One.", "Two.", "Three.")
    chat = conversation(engine, tmp_path)
    await play(chat, "first")
    await play(chat, "second")
    await chat.new_session()
    await play(chat, "third")
    assert "first" in engine.prompts[1] and "One." in engine.prompts[1]
    assert "first" not in engine.prompts[2]


async def test_two_turns_at_once_are_refused(tmp_path):
    chat = conversation(FakeEngine(Said("x", waits=True)), tmp_path)
    stream = chat.ask("q")
    await anext(stream)
    with pytest.raises(UsageError, match="a turn is running"):
        await anext(chat.ask("another"))
    await stream.aclose()


async def test_a_late_reply_is_refused(tmp_path):
    chat = conversation(FakeEngine("Hi."), tmp_path)
    await play(chat)
    with pytest.raises(UsageError, match="no longer open"):
        chat.reply("nothing", ev.Approval("run"))


async def test_warnings_point_at_invented_paths(tmp_path: Path):
    engine = FakeEngine(call("print(read_file('ghost.txt'))"), "x")
    events = await play(conversation(engine, tmp_path), replies=[ev.Approval("deny")])
    wanted = only(events, ev.ApprovalWanted)[0]
    assert (wanted.tools, wanted.paths) == (("read_file",), ("ghost.txt",))
    assert any("ghost.txt does not exist" in warning for warning in wanted.warnings)


class SlowEngine(FakeEngine):
    """Loads until it is closed, and then fails."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = asyncio.Event()

    async def start(self, on_progress=None):
        await self.gone.wait()
        raise EngineError("the engine is not running")

    async def close(self):
        self.gone.set()


async def test_stopping_while_the_model_loads_is_quiet(tmp_path):
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    chat = conversation(SlowEngine(), tmp_path)
    async for event in chat.ask("q"):
        if isinstance(event, ev.TurnStarted):
            await chat.stop()
        last = event
    assert isinstance(last, ev.TurnFailed) and last.kind == "cancelled"
    assert last.record.decision == {"value": None, "probability": None, "forced": False, "dialect": None}
    await chat.close()
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []


async def test_closing_waits_for_what_the_turn_has_to_record(tmp_path):
    recorded = []

    class Recorder(NullRecorder):
        async def end_turn(self, turn, state, answer, error=""):
            await asyncio.sleep(0.01)
            recorded.append(state)

        def close(self):
            recorded.append("closed")

    chat = conversation(FakeEngine(Said("half", waits=True)), tmp_path, recorder=Recorder())
    events = chat.ask("q")
    await anext(events)
    await chat.close()
    assert recorded == ["cancelled", "closed"]
    await events.aclose()
