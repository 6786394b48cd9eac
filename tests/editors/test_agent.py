"""An editor's side of the protocol, with scripted models: what is shown, what is asked, what an answer does."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest

acp = pytest.importorskip("acp", reason="the extra `acp` is not installed")

from acp import schema  # noqa: E402
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation  # noqa: E402
from support.scripted import parsed  # noqa: E402

from codemode_tui.acp.agent import Agent  # noqa: E402
from codemode_tui.acp.permissions import question  # noqa: E402
from codemode_tui.acp.servers import offered  # noqa: E402
from codemode_tui.acp.updates import Updates, fenced  # noqa: E402
from codemode_tui.chat import events as ev  # noqa: E402
from codemode_tui.errors import WorkspaceError  # noqa: E402
from codemode_tui.protocol.profiles import load_profile  # noqa: E402
from codemode_tui.protocol.stream import StreamParser  # noqa: E402
from codemode_tui.protocol.types import Decision  # noqa: E402
from codemode_tui.sandbox.types import ExceptionInfo, FileChange, Outcome  # noqa: E402
from codemode_tui.store.store import Store  # noqa: E402


class Editor:
    """Answers every question with the option of one id, and keeps what it was sent."""

    def __init__(self, pick: str | None) -> None:
        self.pick = pick
        self.updates: list[Any] = []
        self.questions: list[tuple[Any, list[Any]]] = []

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        self.updates.append(update)

    async def request_permission(self, session_id: str, tool_call: Any, options: list[Any], **_: Any) -> Any:
        self.questions.append((tool_call, options))
        outcome = (
            schema.AllowedOutcome(outcome="selected", option_id=self.pick)
            if self.pick
            else schema.DeniedOutcome(outcome="cancelled")
        )
        return schema.RequestPermissionResponse(outcome=outcome)

    @property
    def said(self) -> str:
        return "".join(u.content.text for u in self.updates if u.session_update == "agent_message_chunk")

    def calls(self, status: str) -> list[Any]:
        return [u for u in self.updates if getattr(u, "status", None) == status]


@pytest.fixture
async def opened(tmp_path: Path):
    """Opens a session of an agent with a scripted model."""
    agents: list[Agent] = []

    async def begin(editor: Editor, *said: Any, outcomes: tuple[Outcome, ...] = (Outcome("ok", stdout="4\n"),)) -> Any:
        (tmp_path / "work").mkdir(exist_ok=True)

        async def opens(workspace: Path, session: str | None, servers: dict[str, Any]) -> Any:
            if workspace.name == "gone":
                raise WorkspaceError(f"no workspace at {workspace}", hint="name an existing folder")
            store = Store.open(tmp_path / "codemode.db")
            chat = conversation(FakeEngine(*said), workspace, sandbox=FakeSandbox(*outcomes), recorder=store)
            chat.services.session = session or await store.new_session(workspace)
            return chat

        async def sessions(workspace: Path | None, limit: int) -> Any:
            store = Store.open(tmp_path / "codemode.db")
            try:
                return await store.sessions(workspace, limit)
            finally:
                store.close()

        agent = Agent(opens, sessions)
        agents.append(agent)
        agent.on_connect(editor)
        new = await agent.new_session(cwd=str(tmp_path / "work"), mcp_servers=[])
        return agent, new.session_id

    yield begin
    for agent in agents:
        await agent.close()


def _parts(update: Any) -> list[str]:
    """What a call shows; nothing for what is no call."""
    content = getattr(update, "content", None)
    return [part.content.text for part in content] if isinstance(content, list) else []


def text(words: str) -> list[Any]:
    return [acp.text_block(words)]


CODE = "print(len(read_file('notes.txt').splitlines()))"


async def test_code_is_asked_about_runs_and_is_answered(opened):
    editor = Editor("run")
    agent, session = await opened(editor, call(CODE), Said("notes.txt has 4 lines."))
    end = await agent.prompt(session_id=session, prompt=text("How many lines are in notes.txt?"))
    ((tool_call, options),) = editor.questions
    assert CODE in tool_call.content[0].content.text
    assert [one.kind for one in options] == ["allow_once", "allow_always", "reject_once"]
    assert editor.calls("pending") and editor.calls("in_progress")
    (done,) = editor.calls("completed")
    assert "4" in done.content[1].content.text and done.raw_output["stdout"] == "4\n"
    assert "notes.txt has 4 lines." in editor.said
    assert end.stop_reason == "end_turn"


@pytest.mark.parametrize("pick", ["deny", "no such option", None])
async def test_whatever_is_no_yes_runs_nothing(opened, pick):
    editor = Editor(pick)
    agent, session = await opened(editor, call(CODE), Said("Then not."))
    await agent.prompt(session_id=session, prompt=text("How many lines?"))
    assert len(editor.questions) == 1
    assert not editor.calls("completed") and not editor.calls("in_progress")


async def test_an_editor_that_goes_before_it_answers_has_denied_and_nothing_is_logged(opened, caplog):
    class Gone(Editor):
        async def request_permission(self, *_: Any, **__: Any) -> Any:
            raise ConnectionError("Connection closed")

    agent, session = await opened(editor := Gone(None), call(CODE))
    await agent.prompt(session_id=session, prompt=text("How many?"))
    gc.collect()  # asyncio tells of a lost error when its task goes
    assert [one.raw_output["status"] for one in editor.calls("failed")] == ["denied"] and not caplog.records


async def test_always_asks_once(opened):
    editor = Editor("always")
    agent, session = await opened(editor, call(CODE), Said("4."), call(CODE), Said("4."), outcomes=(Outcome("ok"),) * 2)
    for _ in range(2):
        await agent.prompt(session_id=session, prompt=text("How many lines?"))
    assert len(editor.questions) == 1 and len(editor.calls("completed")) == 2


async def test_modes_run_at_once_or_never(opened):
    editor = Editor(None)
    agent, session = await opened(editor, call(CODE), Said("4."), call(CODE))
    await agent.set_session_mode(session_id=session, mode_id="auto")
    await agent.prompt(session_id=session, prompt=text("How many lines?"))
    assert not editor.questions and editor.calls("completed")
    await agent.set_session_mode(session_id=session, mode_id="never")
    await agent.prompt(session_id=session, prompt=text("How many lines?"))
    assert not editor.questions and len(editor.calls("completed")) == 1
    with pytest.raises(acp.RequestError):
        await agent.set_session_mode(session_id=session, mode_id="yolo")


async def test_a_run_that_failed_says_why(opened):
    editor = Editor("run")
    failed = Outcome("error", exception=ExceptionInfo("ValueError", "no number", 1, ""))
    agent, session = await opened(editor, call("int('x')"), Said("It failed."), outcomes=(failed,))
    await agent.prompt(session_id=session, prompt=text("Convert x"))
    (seen,) = editor.calls("failed")
    assert any("ValueError: no number" in one.content.text for one in seen.content)


async def test_hidden_characters_are_shown_escaped(opened):
    editor = Editor("run")
    agent, session = await opened(editor, call("print('a\u202eb\x1b[2J')"), Said("so\x1b[2J\u202e"))
    await agent.prompt(session_id=session, prompt=text("Print"))
    parts = [part for one in (*editor.updates, *(asked for asked, _ in editor.questions)) for part in _parts(one)]
    shown = editor.said + "".join(parts)
    assert "\x1b" not in shown and "\u202e" not in shown and "\\x1b" in shown


async def test_thumbs_and_wishes_are_commands(opened, tmp_path):
    editor = Editor(None)
    agent, session = await opened(editor, Said("A list holds things."))
    await agent.prompt(session_id=session, prompt=text("/direct What is a list?"))
    assert agent._conversations[session].services.engine.requests[0].force == "direct"
    await agent.prompt(session_id=session, prompt=text("/bad"))
    (turn,) = await agent._conversations[session].services.recorder.turns(session)
    assert turn.rating == -1
    with pytest.raises(acp.RequestError, match="no run has changed files"):
        await agent.prompt(session_id=session, prompt=text("/undo"))


@pytest.mark.parametrize(
    "name, shown",
    [("a\nb.txt", 'Put back: "a\\\\nb.txt"'), ("a` ![x](http://e).txt", "a\\` \\!\\[x\\](http://e).txt")],
)
async def test_a_name_that_was_put_back_is_one_line_and_no_markdown(opened, monkeypatch, name, shown):
    editor = Editor(None)
    agent, session = await opened(editor)

    async def undo() -> tuple[str, list[FileChange]]:
        return "run", [FileChange(name, "modified")]

    monkeypatch.setattr(agent._conversations[session], "undo", undo)
    await agent.prompt(session_id=session, prompt=text("/undo"))
    assert shown in editor.said


@pytest.mark.parametrize("written", ["/good night, moon", "/undo the last sentence of your answer"])
async def test_a_command_with_words_behind_it_does_nothing(opened, monkeypatch, written):
    editor = Editor(None)
    agent, session = await opened(editor, Said("A list."))
    conversation = agent._conversations[session]
    monkeypatch.setattr(conversation, "undo", None)
    await agent.prompt(session_id=session, prompt=text("What is a list?"))
    await agent.prompt(session_id=session, prompt=text(written))
    (turn,) = await conversation.services.recorder.turns(session)
    assert turn.rating == 0 and "takes nothing behind it; nothing was done" in editor.said


async def test_what_is_said_behind_a_thumbs_down_is_a_comment(opened):
    agent, session = await opened(Editor(None), Said("A list."))
    await agent.prompt(session_id=session, prompt=text("What is a list?"))
    await agent.prompt(session_id=session, prompt=text("/bad it says nothing"))
    recorder = agent._conversations[session].services.recorder
    (turn,) = await recorder.turns(session)
    standing = await recorder.standing(turn.id)
    assert (standing.rating, standing.comment) == (-1, "it says nothing")


@pytest.mark.parametrize("behind", ["\n", "\t", "  \n"])
async def test_a_command_ends_at_any_white_space(opened, behind):
    agent, session = await opened(Editor(None), Said("A list."))
    await agent.prompt(session_id=session, prompt=text(f"/direct{behind}What is\na list?"))
    (turn,) = await agent._conversations[session].services.recorder.turns(session)
    assert agent._conversations[session].services.engine.requests[0].force == "direct"
    assert turn.query == "What is\na list?"


async def test_what_cannot_be_done_is_said_in_words(opened):
    agent, session = await opened(Editor(None), Said("x"))
    for wrong in (
        agent.new_session(cwd="relative"),
        agent.new_session(cwd="/gone"),
        agent.new_session(cwd="/a\0b"),
        agent.prompt(session_id="nobody", prompt=text("hi")),
        agent.prompt(session_id=session, prompt=text("  ")),
        agent.prompt(session_id=session, prompt=[acp.image_block("AA==", "image/png")]),
    ):
        with pytest.raises(acp.RequestError):
            await wrong


def test_a_fence_cannot_be_ended_from_inside():
    assert fenced("`````\nx", "python") == "``````python\n`````\nx\n``````"


def test_servers_of_the_editor_ask_before_each_call():
    stdio = schema.McpServerStdio(name="my files!", command="/bin/x", args=["-v"], env=[])
    web = schema.HttpMcpServer(type="http", name="web", url="https://example.org/mcp", headers=[])
    found = offered([stdio, web])
    assert set(found) == {"my_files_", "web"} and all(one.policy == "ask" for one in found.values())


async def test_without_the_extra_the_servers_of_the_editor_are_left_out_and_that_is_said_once(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    given: list[Any] = []

    async def opens(workspace: Path, session: str | None, servers: dict[str, Any]) -> Any:
        given.append(servers)
        return conversation(FakeEngine(), workspace)

    editor, agent = Editor(None), Agent(opens, sessions=lambda *_: None)  # type: ignore[arg-type, return-value]
    agent.on_connect(editor)
    server = schema.McpServerStdio(name="files", command="/bin/x", args=[], env=[])
    for _ in range(2):
        await agent.new_session(cwd=str(tmp_path), mcp_servers=[server])
        await asyncio.sleep(0.01)
    assert given == [{}, {}] and editor.said.count("codemode-tui[mcp]") == 1
    await agent.close()


def test_an_emoji_that_arrives_in_pieces_is_whole():
    updates = Updates("/work")
    pieces = ["An \U0001f469", "\u200d", "\U0001f4bb", " and a line\r", "\nend \U0001f600\n"]
    events = [*(ev.TextDelta("t", 0, piece) for piece in pieces), ev.RunFinished("t", 0, "", Outcome("ok"))]
    said = "".join(one.content.text for event in events for one in updates.of(event) if hasattr(one.content, "text"))
    assert said == "An \U0001f469\u200d\U0001f4bb and a line\nend \U0001f600\n"


@pytest.mark.parametrize(
    "words",
    [
        "The file is `notes.md` and has 3 lines.",
        "It holds if a < b.",
        "Run this:\n\n```\nls\n```",
        "- `a`\n- `b`",
        "Yes.",
    ],
)
def test_an_answer_is_whole_in_whatever_pieces_it_streams(words):
    for size in (1, 4, 1000):
        stream, updates = StreamParser(load_profile("bundled")), Updates("/work")
        events: list[Any] = []
        for at in range(0, len(words), size):
            events += [ev.TextDelta("t", 0, one.text) for one in stream.feed(words[at : at + size])]
        whole = stream.finish()
        events.append(parsed("t", 0, Decision.DIRECT, whole.text, None, None))
        said = "".join(one.content.text for event in events for one in updates.of(event) if hasattr(one, "content"))
        assert said == words


async def test_every_call_that_an_editor_was_told_of_has_an_end(opened):
    editor = Editor("run")
    agent, session = await opened(editor, call(CODE), Said("notes.txt has 4 lines."))
    await agent.prompt(session_id=session, prompt=text("How many lines are in notes.txt?"))
    ends = {one.tool_call_id: one.status for one in editor.updates if getattr(one, "status", None)}
    assert set(ends.values()) == {"completed"}
    updates = Updates("/work")
    begun = list(updates.of(parsed("t", 0, Decision.TOOL, "", "print(1)", None)))
    ended = list(updates.of(ev.TurnFailed("t", kind="sandbox", message="none", hint="", record=None)))
    assert [one.tool_call_id for one in begun] == ["t/0"]
    assert [(one.tool_call_id, one.status) for one in ended] == [("t/0", "failed")]


class Waits(Editor):
    """Says yes to the code and thinks long about the write; ``asked`` is set when it has been asked."""

    def __init__(self) -> None:
        super().__init__("run")
        self.asked = asyncio.Event()

    async def request_permission(self, session_id: str, tool_call: Any, options: list[Any], **more: Any) -> Any:
        if self.questions:
            self.asked.set()
            await asyncio.Event().wait()
        return await super().request_permission(session_id, tool_call, options, **more)


async def test_a_call_whose_question_was_stopped_has_an_end_before_the_turn_has(opened):
    async def writes(tools: Any) -> Outcome:
        with pytest.raises(PermissionError):
            await tools.call("write_file", ["a.txt", "a"], {})
        return Outcome("killed")

    editor = Waits()
    agent, session = await opened(editor, call("write_file('a.txt', 'a')"), outcomes=(writes,))
    turn = asyncio.create_task(agent.prompt(session_id=session, prompt=text("Make a.txt")))
    await editor.asked.wait()
    await agent.cancel(session_id=session)
    assert (await turn).stop_reason == "cancelled"
    ends = {one.tool_call_id: one.status for one in editor.updates if getattr(one, "status", None)}
    assert len(ends) == 2 and set(ends.values()) == {"failed"}


def test_what_people_should_know_is_told_and_warnings_stay_with_the_call():
    updates = Updates("/work")
    (noticed,) = updates.of(ev.Noticed("t", 0, "dropped", "2 older turns were left out"))
    assert "2 older turns were left out" in noticed.content.text
    list(updates.of(parsed("t", 0, Decision.TOOL, "", "print(1)", None)))
    list(updates.of(ev.Checked("t", 0, (), (), ("a.txt does not exist",))))
    (started,) = updates.of(ev.RunStarted("t", 0, "run", "print(1)", "bwrap"))
    (finished,) = updates.of(ev.RunFinished("t", 0, "run", Outcome("ok", stdout="1\n")))
    for update in (started, finished):
        assert any("a.txt does not exist" in part.content.text for part in update.content)


def test_no_server_takes_the_place_of_another_of_a_like_name():
    names = ("地図", "天気", "my files", "my_files")
    found = offered([schema.McpServerStdio(name=name, command=name, args=[], env=[]) for name in names])
    assert {name: one.command for name, one in found.items()} == dict(
        zip(("server", "server_2", "my_files", "my_files_2"), names, strict=True)
    )


def test_a_warning_is_one_line_and_no_markdown():
    wanted = ev.WriteWanted("t", 0, request="w", tool="write_file", path="a", change="modify", diff="",
                            warnings=("a\n# b ![x](http://e) *c*",))  # fmt: skip
    *_, told = question(wanted, "/work").call.content
    assert "\n" not in told.content.text and "\\# b \\!\\[x\\](http://e) \\*c\\*" in told.content.text


@pytest.mark.parametrize("tool", ["write_file", "delete_file"])
def test_a_yes_for_a_path_is_offered_only_for_what_it_covers(tool):
    change = "modify" if tool == "write_file" else "delete"
    wanted = ev.WriteWanted("t", 0, request="w", tool=tool, path="a", change=change, diff="", warnings=())
    assert ("path" in question(wanted, "/work").choices) == (tool == "write_file")


def test_a_call_of_a_server_says_that_it_acts_outside_the_sandbox():
    wanted = ev.CallWanted("t", 0, request="c", server="s", tool="t", name="t", arguments="{}", claims=("only reads",))
    _, outside, claims = (one.content.text for one in question(wanted, "/work").call.content)
    assert "outside the sandbox" in outside and "only reads" in claims
