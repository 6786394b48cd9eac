"""Cases are played alone: a fresh folder, an own conversation, and a crash stays where it happened."""

from __future__ import annotations

import asyncio
import errno
import os

import pytest
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation

from codemode_tui.chat.settings import ChatSettings
from codemode_tui.errors import EngineError, SandboxError
from codemode_tui.protocol.render import render_text
from codemode_tui.sandbox.types import Outcome
from codemode_tui.training.playing import play_suite
from codemode_tui.training.suite import Case, Expected, Suite


class Opener:
    """Conversations over one engine; ``seen`` is what stood in each folder at the start."""

    def __init__(self, engine, sandbox=None):
        self.engine, self.sandbox = engine, sandbox
        self.seen, self.folders = [], []

    async def __call__(self, folder):
        self.seen.append({str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()})
        self.folders.append(folder)
        return conversation(self.engine, folder, sandbox=self.sandbox, settings=ChatSettings(run="auto"))


def suite(*cases):
    return Suite(name="s", cases=cases)


async def test_each_case_has_exactly_its_files_and_a_conversation_of_its_own():
    engine = FakeEngine("one", "two")
    opener = Opener(engine)
    cases = [Case(id=name, query=name, decision="direct", files={f"{name}/x.txt": name}) for name in ("a", "b")]
    results = await play_suite(suite(*cases), engine, opener)
    assert all(result.passed for result in results)
    assert opener.seen == [{"a/x.txt": "a"}, {"b/x.txt": "b"}]
    assert "one" not in engine.prompts[1]
    assert (engine.starts, engine.closed) == (1, False)
    assert not any(folder.exists() for folder in opener.folders)


async def test_a_followup_continues_the_conversation_and_the_folder():
    engine = FakeEngine(call("first()"), "Done.", call("second()"), "Done too.")

    async def writes(tools):
        (opener.folders[0] / "a.txt").write_text("1\n")
        return Outcome("ok", 0)

    opener = Opener(engine, FakeSandbox(writes, Outcome("ok", 0, stdout="here\n")))
    case = Case(
        id="a",
        query="one",
        files_after={"a.txt": "1"},
        followup=(
            Expected(query="two", files={"b.txt": "2"}, stdout_regex="here", files_after={"a.txt": "1", "b.txt": "2"}),
        ),
    )
    (result,) = await play_suite(suite(case), engine, opener)
    assert result.failures == ()
    assert "one" in engine.prompts[2] and "Done." in engine.prompts[2]


async def test_failures_name_the_turn_they_belong_to():
    engine = FakeEngine("yes", "no")
    case = Case(
        id="a", query="one", answer_contains=("yes",), followup=(Expected(query="two", answer_contains=("maybe",)),)
    )
    (result,) = await play_suite(suite(case), engine, Opener(engine))
    assert [failure.check for failure in result.failures] == ["followup[0].answer_contains"]
    assert not result.passed and len(result.records) == 2


async def test_a_crash_fails_all_checks_of_its_case_and_the_next_goes_on():
    engine = FakeEngine(Said("half", dies=True), "fine")
    crashing = Case(id="a", query="one", decision="direct", followup=(Expected(query="two", stdout_regex="x"),))
    results = await play_suite(suite(crashing, Case(id="b", query="three", decision="direct")), engine, Opener(engine))
    assert [failure.check for failure in results[0].failures] == ["decision", "followup[0].stdout_regex"]
    assert "SIGKILL" in results[0].crash and not results[0].passed
    assert results[0].records == ()  # what broke off says nothing about how the model decides
    assert results[1].passed and engine.starts == 2


async def test_a_turn_that_leaves_no_place_for_the_next_files_has_failed():
    async def replaces(tools):
        (opener.folders[0] / "notes").write_text("")
        return Outcome("ok", 0)

    engine = FakeEngine(call("replace()"), "Done.")
    opener = Opener(engine, FakeSandbox(replaces))
    more = Expected(query="two", files={"notes/b.md": "x"}, stdout_regex="x")
    (result,) = await play_suite(suite(Case(id="a", query="one", decision="tool", followup=(more,))), engine, opener)
    assert "no place for notes/b.md" in result.crash and len(result.records) == 1
    assert str(opener.folders[0]) not in result.crash
    assert not result.passed and not result.unasked


async def test_a_case_whose_files_have_no_place_anywhere_is_no_fault_of_a_model():
    engine = FakeEngine("fine")
    cases = [Case(id=name, query="q", decision="direct", files={name: ""}) for name in ("a" * 300, "b")]
    first, second = await play_suite(suite(*cases), engine, Opener(engine))
    assert (
        first.unplayable and first.unasked and first.crash.startswith("set-up: its files cannot be put into a folder")
    )
    assert "codemode-eval-" not in first.crash and second.passed and not second.unplayable


async def test_a_full_disk_is_not_held_against_a_suite(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("codemode_tui.training.playing.put", full)
    engine = FakeEngine()
    (result,) = await play_suite(suite(Case(id="a", query="q", decision="direct")), engine, Opener(engine))
    assert result.unasked and not result.unplayable


async def test_no_folder_for_a_case_is_a_crash_of_that_case(monkeypatch):
    def full(prefix):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.mkdtemp", full)
    engine = FakeEngine()
    (result,) = await play_suite(suite(Case(id="a", query="q", decision="direct")), engine, Opener(engine))
    assert "No space left" in result.crash and result.unasked


async def test_a_pipe_in_the_place_of_the_next_files_is_not_waited_for():
    readers = []

    async def makes_a_pipe(tools):
        os.mkfifo(pipe := opener.folders[0] / "b.txt")
        readers.append(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))  # so that writing into it would come back
        return Outcome("ok", 0)

    engine = FakeEngine(call("make()"), "Done.")
    opener = Opener(engine, FakeSandbox(makes_a_pipe))
    more = Expected(query="two", files={"b.txt": "x"}, stdout_regex="x")
    (result,) = await play_suite(suite(Case(id="a", query="one", decision="tool", followup=(more,))), engine, opener)
    os.close(readers[0])
    assert "no place for b.txt" in result.crash and "no regular file" in result.crash


async def test_an_engine_that_cannot_be_started_ends_the_evaluation():
    class Dead(FakeEngine):
        async def start(self, on_progress=None):
            raise EngineError("no memory", hint="close something")

    engine = Dead()
    with pytest.raises(EngineError):
        await play_suite(suite(Case(id="a", query="one", decision="direct")), engine, Opener(engine))


async def test_without_a_sandbox_nothing_is_blamed_on_the_model():
    engine = FakeEngine()
    with pytest.raises(SandboxError):
        await play_suite(
            suite(Case(id="a", query="one", decision="direct")),
            engine,
            Opener(engine, SandboxError("none here", hint="get one")),
        )


class Answering(FakeEngine):
    """Answers each prompt by what stands in it, one at a time, in whatever order they come."""

    def __init__(self, *messages):
        super().__init__(*messages)
        self.speaking = self.most = 0
        self._lock = asyncio.Lock()

    async def generate(self, request):
        async with self._lock:
            text = render_text(request.prompt)
            self._messages = [Said("Done." if "<tool_response>" in text else call(f"work({text.count('case')})"))]
            async for event in super().generate(request):
                yield event


@pytest.mark.parametrize("jobs", [1, 3, 4])
async def test_results_do_not_depend_on_how_many_are_played_side_by_side(jobs):
    engine, running, together = Answering(), [0], asyncio.Event()

    async def slow(tools):
        running[0] += 1
        if running[0] > 1:
            together.set()
        if jobs > 1:
            await asyncio.wait_for(together.wait(), 60)  # the first waits for another to run beside it
        running[0] -= 1
        return Outcome("ok", 0, stdout="x\n")

    async def opened(folder):
        return conversation(engine, folder, sandbox=FakeSandbox(slow), settings=ChatSettings(run="auto"))

    cases = [Case(id=f"c{n}", query="case " * n, decision="tool", stdout_regex="x") for n in range(1, 9)]
    told = []
    results = await play_suite(suite(*cases), engine, opened, lambda done, total, case: told.append(case.id), jobs=jobs)
    assert [result.case.id for result in results] == told == [case.id for case in cases]
    assert [result.records[0].code for result in results] == [f"work({n})" for n in range(1, 9)]
    assert all(result.passed for result in results)
    assert together.is_set() == (jobs > 1)


async def test_a_case_whose_engine_died_under_another_one_is_played_once_more():
    engine = FakeEngine(Said("half", dies=True), "one", "two")
    cases = [Case(id=name, query=name, decision="direct") for name in ("a", "b")]
    results = await play_suite(suite(*cases), engine, Opener(engine), jobs=2)
    assert all(result.passed for result in results)


async def test_soft_scores_count_the_checks_that_held():
    engine = FakeEngine("yes")
    case = Case(id="a", query="q", decision="direct", answer_contains=("no",), stdout_regex="")
    (result,) = await play_suite(suite(case), engine, Opener(engine))
    assert (result.checks, result.held) == (3, 2)
