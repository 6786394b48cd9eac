"""What a run changed is told, whether a tool or a command did it."""

from __future__ import annotations

import asyncio
import sys
import tempfile

import pytest
from sandbox.conftest import QUICK

from codemode_tui import locations
from codemode_tui.sandbox.commands import CommandRunner
from codemode_tui.sandbox.select import choose
from codemode_tui.tools.closed import closed_paths
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.journal import undo
from codemode_tui.tools.paths import Workspace

CHANGES = {
    "created": ("run_command('touch new.txt')", [("new.txt", "created")]),
    "modified": ("run_command('sed -i s/one/ONE/ notes.txt')", [("notes.txt", "modified")]),
    "deleted": ("run_command('rm notes.txt')", [("notes.txt", "deleted")]),
    "in folders": (
        "run_command('mkdir -p a/b && cp notes.txt a/b/c && mv src s')",
        [("a/b/c", "created"), ("s/main.py", "created"), ("src/main.py", "deleted")],
    ),
    "made and removed": ("run_command('touch t')\nrun_command('rm t')", []),
    "made by a tool, removed by a command": ("write_file('t', '1')\nrun_command('rm t')", []),
    "made by a command, changed by a tool": ("run_command('touch t')\nwrite_file('t', '1')", [("t", "created")]),
    "nothing": ("run_command('cat notes.txt')", []),
    "a failing command": ("run_command('touch t && false')", [("t", "created")]),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_what_commands_change_is_told_as_what_tools_change(bwrap_run, name):
    code, expected = CHANGES[name]
    outcome = await bwrap_run(code, write=True)
    assert outcome.status == "ok", outcome
    assert [(change.path, change.change) for change in outcome.files_changed] == expected


GIVEN_UP = """
import asyncio
write_file('t', '1')
try:
    await asyncio.wait_for(run_command("sh -c 'echo 2 >> t; touch new.txt; sleep 60'"), 1)
except TimeoutError:
    print('gave up')
"""


async def test_what_a_command_did_before_it_was_given_up_is_told_and_undone(workspace, tmp_path):
    if sys.platform != "linux":
        pytest.skip("these are the Linux backends")
    commands = CommandRunner(workspace, allow_write=True, closed=closed_paths)
    tools = WorkspaceTools(workspace, allow_write=True, commands=commands, journal=tmp_path / "journal")
    outcome = await (await choose("bwrap")).run(GIVEN_UP, tools, QUICK)
    assert outcome.stdout == "gave up\n", outcome
    assert [change.path for change in outcome.files_changed] == ["new.txt", "t"]
    undo(tmp_path / "journal", Workspace(workspace))
    assert not (workspace / "t").exists()


async def test_what_a_command_did_before_the_run_was_stopped_is_told(bwrap_run):
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(1.5, stop.set)
    outcome = await bwrap_run("run_command(\"sh -c 'touch new.txt; sleep 20'\")", write=True, stop=stop)
    assert outcome.status == "killed", outcome
    assert [change.path for change in outcome.files_changed] == ["new.txt"]


async def test_a_folder_of_temporary_files_in_the_workspace_is_not_told_as_changed(bwrap_run, workspace, monkeypatch):
    (workspace / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(workspace / "tmp"))
    outcome = await bwrap_run("print(run_command('ls tmp'), end='')", write=True)
    assert (outcome.stdout, outcome.files_changed) == ("", ()), outcome


async def test_what_the_program_itself_writes_meanwhile_is_not_told_as_changed(bwrap_run, workspace, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(workspace / ".cm"))
    running = asyncio.create_task(bwrap_run("print(run_command(\"sh -c 'touch on; sleep 1'\"))", write=True))
    while not (workspace / "on").exists():
        await asyncio.sleep(0.02)
    (locations.data_dir() / "runs").mkdir(parents=True, exist_ok=True)
    (locations.data_dir() / "runs" / "one").write_text("x")
    outcome = await running
    assert (outcome.stdout, [change.path for change in outcome.files_changed]) == ("\n", ["on"]), outcome
    assert (locations.data_dir() / "runs" / "one").exists()


async def test_without_the_grant_a_command_changes_nothing(bwrap_run):
    outcome = await bwrap_run("print(run_command('touch t'))")
    assert "Read-only file system" in outcome.stdout
    assert outcome.files_changed == ()
