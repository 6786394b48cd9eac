"""A turn that changes files, and its undo, with the real sandbox."""

from __future__ import annotations

import sys

import pytest
from chat.test_turn import call, only, play
from support.fakes import FakeEngine, conversation

from codemode_tui.chat import events as ev
from codemode_tui.cli.session import make_tools
from codemode_tui.errors import UsageError
from codemode_tui.sandbox.select import choose

CODE = "write_file('a.txt', 'new\\n')\nopen('b.txt', 'w').write('1')\nprint(run_command('touch c.txt'))"


@pytest.mark.skipif(sys.platform != "linux", reason="this runs code in a Linux backend")
async def test_a_turn_is_undone_but_for_what_a_command_wrote(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "a.txt").write_text("old\n")
    chat = conversation(FakeEngine(call(CODE), "Done."), workspace, sandbox=await choose())
    chat.services.tools = lambda approve, writes: make_tools(workspace, allow_write=writes, approve=approve)
    events = await play(chat, replies=[ev.Approval("run", commands_write=True), ev.WriteReply("session")])
    outcome = only(events, ev.RunFinished)[0].outcome
    assert outcome.status == "ok" and outcome.undo, outcome
    assert [one.path for one in outcome.files_changed] == ["a.txt", "b.txt", "c.txt"]
    run, changes = await chat.undo()
    assert run == outcome.undo
    assert {(one.path, one.change) for one in changes} == {("a.txt", "modified"), ("b.txt", "deleted")}
    assert (workspace / "a.txt").read_text() == "old\n"
    assert sorted(path.name for path in workspace.iterdir()) == ["a.txt", "c.txt"]
    with pytest.raises(UsageError, match="undone already"):
        await chat.undo()
    assert len((await chat.undo("undone"))[1]) == 2 and (workspace / "a.txt").read_text() == "new\n"
