"""What a run changed is told, whether a tool or a command did it."""

from __future__ import annotations

import pytest

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


async def test_without_the_grant_a_command_changes_nothing(bwrap_run):
    outcome = await bwrap_run("print(run_command('touch t'))")
    assert "Read-only file system" in outcome.stdout
    assert outcome.files_changed == ()
