"""What a yes covers: the tools that were named, this change, this path, this session; commands that write."""

from __future__ import annotations

import pytest
from chat.test_turn import call, only, play
from support.fakes import FakeEngine, FakeSandbox, conversation

from codemode_tui.chat import events as ev
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.errors import UsageError
from codemode_tui.sandbox.types import Outcome

YES = ev.Approval("run")


def writing(*calls):
    """A program that makes these tool calls and says what came of them."""

    async def run(tools):
        said = []
        for name, *args in calls:
            try:
                said.append(str(await tools.call(name, args, {})))
            except Exception as error:
                said.append(f"{type(error).__name__}: {error}")
        return Outcome("ok", 0, stdout="\n".join(said), undo=tools.journal, files_changed=tools.files_changed)

    return run


async def done(tmp_path, code, calls, replies, **options):
    chat = conversation(FakeEngine(call(code), "Done."), tmp_path, sandbox=FakeSandbox(writing(*calls)), **options)
    events = await play(chat, replies=replies)
    return events, only(events, ev.RunFinished)[0].outcome.stdout.split("\n")


async def test_code_cannot_run_what_the_panel_did_not_name(tmp_path):
    calls = [("run_command", "ls"), ("file_info", ".")]
    events, said = await done(tmp_path, "print(1)", calls, [YES])
    assert only(events, ev.ApprovalWanted)[0].tools == ()
    assert said[0].startswith("PermissionError: run_command was not called by the code that was confirmed")
    assert "directory" in said[1]
    _, said = await done(tmp_path, "f = run_command\nf('ls')", calls, [YES])
    assert "not called" not in said[0]


async def test_edited_code_may_use_what_it_names(tmp_path):
    _, said = await done(tmp_path, "print(1)", [("run_command", "ls")], [ev.Approval("run", "run_command('ls')")])
    assert "not called" not in said[0]


WRITES = [
    ("write_file", "a.txt", "1"),
    ("write_file", "a.txt", "2"),
    ("write_file", "b.txt", "1"),
    ("delete_file", "a.txt"),
]


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        (["once", "once", "once", "once"], 4),
        (["path", "once", "once"], 3),  # the second change of a.txt is granted; deleting it is another thing
        (["session"], 1),
    ],
)
async def test_a_yes_to_a_change_covers_what_it_says(tmp_path, replies, asked):
    events, said = await done(tmp_path, "x = 1", WRITES, [YES, *map(ev.WriteReply, replies)])
    assert (len(only(events, ev.WriteWanted)), said) == (asked, ["success"] * 4)


async def test_a_file_that_makes_others_run_code_is_asked_about_each_time(tmp_path):
    calls = [("write_file", "a.txt", "1"), ("write_file", "sub/conftest.py", "1")]
    events, said = await done(tmp_path, "x = 1", calls, [YES, ev.WriteReply("session"), ev.WriteReply("deny")])
    wanted = only(events, ev.WriteWanted)[1]
    assert wanted.sensitive and any("tests" in warning for warning in wanted.warnings)
    assert any("creates the folder sub/" in warning for warning in wanted.warnings)
    assert (said[0], said[1].partition(":")[0]) == ("success", "PermissionError")


async def test_a_move_says_where_to(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    events, _ = await done(tmp_path, "x = 1", [("move_file", "a.txt", "b.txt")], [YES, ev.WriteReply("once")])
    assert only(events, ev.WriteWanted)[0].new_path == "b.txt"


async def test_that_commands_may_write_is_a_yes_of_its_own(tmp_path):
    given: list[list[bool]] = []
    for answer in (YES, ev.Approval("run", commands_write=True)):
        chat = conversation(FakeEngine(call("run_command('ls')"), "Done."), tmp_path)
        tools = chat.services.tools
        seen: list[bool] = []
        given.append(seen)
        chat.services.tools = lambda approve, writes, seen=seen, tools=tools: (
            seen.append(writes) or tools(approve, writes)
        )
        events = await play(chat, replies=[answer])
        wanted = only(events, ev.ApprovalWanted)[0]
        assert wanted.commands_may_write
        assert wanted.capabilities == ("commands may read the workspace, nothing else",)
    assert [seen[-1] for seen in given] == [False, True] and not any(given[0])
    events, _ = await done(tmp_path, "print(1)", [], [YES])
    assert not only(events, ev.ApprovalWanted)[0].commands_may_write


async def test_code_that_nobody_is_asked_about_is_looked_at_all_the_same(tmp_path):
    for run in ("auto", "never"):
        chat = conversation(FakeEngine(call("read_file('gone.txt')"), "x"), tmp_path, settings=ChatSettings(run=run))
        chat.services.commands_write = True
        events = await play(chat)
        assert "gone.txt does not exist" in only(events, ev.Checked)[0].warnings
        assert "gone.txt does not exist" in only(events, ev.TurnDone)[0].record.steps[0].warnings
    chat = conversation(FakeEngine(call("run_command('ls')"), "x"), tmp_path, settings=ChatSettings(run="auto"))
    chat.services.commands_write = True
    found = only(await play(chat), ev.Checked)[0]
    assert found.capabilities == ("commands may write the workspace: what they write cannot be undone",)


async def test_there_is_nothing_to_undo_before_anything_was_changed(tmp_path):
    with pytest.raises(UsageError, match="no run has changed files"):
        await conversation(FakeEngine(), tmp_path).undo()
