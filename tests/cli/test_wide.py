"""The home folder and the root as workspaces: asked about, and closed where nobody can be asked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from codemode_tui.cli.wide import ask_first, wide
from codemode_tui.errors import UsageError


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "users" / "ann"
    (folder / "project").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    return folder


def test_what_is_too_wide(home):
    assert wide(Path("/")) == "the root of the file system"
    assert wide(home) == "your home folder"
    assert wide(home.parent).startswith("a folder above")
    assert wide(home / "project") == ""
    assert wide(home / ".ssh") == wide(home / ".config" / "gh") == "a folder that may hold secrets"
    for name in (".git", "project/.git/hooks", ".config/fish", ".vscode"):
        assert wide(home / name) == "a folder of files that make other programs run code"


def test_a_project_that_a_coding_agent_keeps_is_one_like_others(home):
    for name in (
        "project/.claude/worktrees/mend", ".codex/worktrees/1f3a/project", ".cursor/worktrees/project/1f3a/src",
        "project/.Claude/worktrees/mend/.codex/worktrees/again", "crontab", "sitecustomize.py/src",
    ):  # fmt: skip
        assert wide(home / name) == ""
    for name in (
        "project/.claude/worktrees", ".claude/commands", "project/.git/worktrees/mend", ".vscode/worktrees/mend",
        "project/.claude/worktrees/mend/.git/hooks", ".codex/worktrees/1f3a/project/.claude",
    ):  # fmt: skip
        assert wide(home / name) == "a folder of files that make other programs run code"
    assert wide(home / ".ssh/.claude/worktrees/mend") == "a folder that may hold secrets"


@pytest.mark.parametrize(
    ("answer", "agreed"), [("y", True), ("YES ", True), ("", False), ("n", False), (EOFError, False)]
)
def test_the_interface_asks_first(home, monkeypatch, capsys, answer, agreed):
    def reply(_):
        if answer is EOFError:
            raise EOFError
        return answer

    monkeypatch.setattr("builtins.input", reply)
    monkeypatch.chdir(home)
    if agreed:
        assert ask_first(None) == home
    else:
        with pytest.raises(UsageError, match="not opened"):
            ask_first(None)
    assert "your home folder" in capsys.readouterr().out
    assert ask_first(home) == home  # named: said already
    monkeypatch.chdir(home / "project")
    assert ask_first(None) is None


@pytest.mark.skipif(sys.platform != "linux", reason="this runs code in a Linux backend")
def test_headless_code_computes_there_and_no_tool_works(codemode):
    codemode.env["HOME"] = str(codemode.workspace)
    code = "print(6 * 7)\ntry: list_directory()\nexcept PermissionError as error: print(error)"
    shut = codemode("sandbox", "run", stdin=code).out
    assert shut.startswith("42\nthe workspace is your home folder") and f"--workspace {codemode.workspace}" in shut
    assert codemode("sandbox", "run", "--workspace", str(codemode.workspace), stdin=code).out == "42\n"


@pytest.mark.skipif(sys.platform != "linux", reason="this runs code in a Linux backend")
def test_a_folder_that_is_called_like_the_home_folder_is_another_one(codemode):
    """A shell's user writes ``./~`` for it."""
    (codemode.workspace / "~").mkdir()
    made = codemode("sandbox", "run", "--workspace", "./~", "--allow-write", stdin="write_file('made.txt', 'x')")
    assert made.code == 0 and (codemode.workspace / "~" / "made.txt").read_text() == "x"
