"""The tools over git, ruff, pytest and type checkers: their fields, whatever the names; on where the program is."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys

import pytest

from codemode_tui.sandbox.commands import CommandRunner
from codemode_tui.sandbox.shellwords import split_command
from codemode_tui.sandbox.types import CommandResult
from codemode_tui.tools import checks, commands, git
from codemode_tui.tools.closed import closed_paths
from codemode_tui.tools.host import WorkspaceTools

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="commands are confined by the Linux backend here")


@pytest.fixture
def repo(folder, monkeypatch):
    monkeypatch.setenv("PATH", f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}")
    for command in ("init -q .", "config user.email a@b.c", "config user.name Ann", "add -A", "commit -qm first"):
        subprocess.run(["git", *command.split(" ")], cwd=folder, check=True)
    return folder


@pytest.fixture
def tools(repo):
    return WorkspaceTools(repo, allow_write=True, commands=CommandRunner(repo, allow_write=True, closed=closed_paths))


@LINUX_ONLY
async def test_git_says_what_changed_and_where(tools, repo):
    assert await tools.call("git_status", [], {}) == {"clean": True, "file_count": 0, "files": []}
    (repo / "notes.txt").write_text("one\n--- a/x\n+++ b/x\nthree\n")
    (repo / 'neu "ü"\t.txt').write_text("x\n")
    subprocess.run(["git", "mv", "notes/todo.md", "notes/done now.md"], cwd=repo, check=True)
    status = await tools.call("git_status", ["."], {})
    assert (status["clean"], status["file_count"]) == (False, 3)
    assert {tuple(one.values()) for one in status["files"]} == {
        ("notes.txt", "modified", False),
        ('neu "ü"\t.txt', "untracked", False),
        ("notes/done now.md", "renamed", True),
    }
    diff = await tools.call("git_diff", ["."], {})
    assert (diff["file_count"], diff["additions"], diff["deletions"]) == (1, 2, 1)
    assert diff["files"][0]["hunks"][0].splitlines()[2:5] == ["-two", "+--- a/x", "++++ b/x"]
    staged = await tools.call("git_diff", [".", True], {})
    assert [one["file"] for one in staged["files"]] == ["notes/done now.md"]
    subprocess.run(["git", "commit", "-qm", "second\n\nwhy"], cwd=repo, check=True)
    log = await tools.call("git_log", [], {"count": 5})
    assert [c["message"] for c in log["commits"]] == ["second\n\nwhy", "first"] and log["commit_count"] == 2
    assert (log["commits"][0]["author"], len(log["commits"][0]["hash"])) == ("Ann", 40)
    assert (await tools.call("git_log", ["notes.txt"], {}))["commit_count"] == 1


def test_a_hunk_of_no_sensible_length_is_none():
    (names, found), *_ = git._diffs(f"diff --git a/x b/x\n@@ -1,{'9' * 5000} +1 @@\n@@ -1 +1 @@\n-a\n+b\n")
    assert names == ["x"] and found["hunks"] == ["@@ -1 +1 @@\n-a\n+b\n"]


@LINUX_ONLY
async def test_the_last_commit_is_the_last_one_even_if_it_changed_no_file(tools, repo):
    for command in ("checkout -qb other", "commit -q --allow-empty -m empty", "checkout -q -",
                    "merge -q --no-ff -m joined other"):  # fmt: skip
        subprocess.run(["git", *command.split(" ")], cwd=repo, check=True)
    for path in (".", "notes/..", str(repo)):
        log = await tools.call("git_log", [path], {})
        messages = [one["message"] for one in log["commits"]]
        assert messages[0] == "joined" and sorted(messages[1:]) == ["empty", "first"]
    assert [one["message"] for one in (await tools.call("git_log", [], {"count": 1}))["commits"]] == ["joined"]


async def test_of_a_folder_within_a_repository_its_own_commits_are_told(repo):
    (repo / "notes.txt").write_text("new\n")
    subprocess.run(["git", "commit", "-qam", "elsewhere"], cwd=repo, check=True)
    log = await WorkspaceTools(repo / "notes", commands=Unconfined()).call("git_log", [], {})
    assert [one["message"] for one in log["commits"]] == ["first"]


@pytest.mark.parametrize("within", [True, False])
async def test_of_a_repository_below_the_workspace_its_own_state_is_told(repo, within):
    if not within:
        shutil.rmtree(repo / ".git")
    own = repo / "own"
    (own / "src").mkdir(parents=True)
    for name in ("src/a.txt", ".env"):
        (own / name).write_text("one\n")
    for command in ("init -q .", "config user.email a@b.c", "config user.name Ann", "add -Af", "commit -qm own"):
        subprocess.run(["git", *command.split(" ")], cwd=own, check=True)
    for name in ("src/a.txt", ".env"):
        (own / name).write_text("two\n")
    tools = WorkspaceTools(repo, commands=Unconfined())
    for path in ("own", "own/src", "own/src/a.txt"):
        assert [one["message"] for one in (await tools.call("git_log", [path], {}))["commits"]] == ["own"]
        for name in ("git_diff", "git_status"):
            assert [one["file"] for one in (await tools.call(name, [path], {}))["files"]] == ["own/src/a.txt"]


@LINUX_ONLY
async def test_a_change_is_told_whatever_git_makes_of_the_name(tools, repo):
    for name in ('say "hi"', "back\\slash", "tab\t", '"'):
        (repo / name).write_text("one\n")
    subprocess.run(["git", "add", "-A"], cwd=repo, check=True)
    subprocess.run(["git", "commit", "-qm", "odd"], cwd=repo, check=True)
    for name in ('say "hi"', "back\\slash", "tab\t", '"'):
        (repo / name).write_text("two\n")
    diff = await tools.call("git_diff", [], {})
    assert {one["file"] for one in diff["files"]} == {'say "hi"', "back\\slash", "tab\t", '"'}


@LINUX_ONLY
@pytest.mark.parametrize(("old", "new"), [("settings", 'we"ird/.env'), (".env", "settings"), (".env", 'b/we"ird')])
async def test_a_secret_that_was_moved_is_left_out(tools, repo, old, new):
    (repo / old).write_text("".join(f"line {i}\n" for i in range(50)) + "TOKEN=old\n")
    subprocess.run(["git", "add", "-f", old], cwd=repo, check=True)
    subprocess.run(["git", "commit", "-qm", "kept"], cwd=repo, check=True)
    (repo / new).parent.mkdir(exist_ok=True)
    subprocess.run(["git", "mv", old, new], cwd=repo, check=True)
    (repo / new).write_text((repo / new).read_text().replace("old", "s3cret"))
    subprocess.run(["git", "add", "-f", new], cwd=repo, check=True)
    diff = await tools.call("git_diff", [".", True], {})
    assert diff["files"] == []


async def test_a_conflict_in_a_folder_called_b_keeps_its_folder(tools, monkeypatch):
    async def printed(*_, **__):
        return CommandResult(("git",), "diff --cc b/x.txt\n--- a/b/x.txt\n+++ b/b/x.txt\n", 0)

    monkeypatch.setattr("codemode_tui.tools.git.run_program", printed)
    assert [one["file"] for one in (await tools.call("git_diff", [], {}))["files"]] == ["b/x.txt"]


@LINUX_ONLY
async def test_conflicts_and_files_that_were_moved_by_hand_are_told(tools, repo):
    for command in ("checkout -qb other", "mv notes/todo.md todo", "commit -qam o", "checkout -q -"):
        subprocess.run(["git", *command.split(" ")], cwd=repo, check=True)
    for branch, text in (("other", "theirs"), ("-", "mine")):
        subprocess.run(["git", "checkout", "-q", branch], cwd=repo, check=True)
        (repo / "notes.txt").write_text(text)
        subprocess.run(["git", "commit", "-qam", text], cwd=repo, check=True)
    subprocess.run(["git", "merge", "-q", "other"], cwd=repo, capture_output=True)
    (repo / "todo").rename(repo / "moved")
    subprocess.run(["git", "add", "-N", "moved"], cwd=repo, check=True)
    assert {one["file"] for one in (await tools.call("git_diff", [], {}))["files"]} == {"moved", "notes.txt"}
    files = (await tools.call("git_status", [], {}))["files"]
    assert {one["file"]: one["status"] for one in files if not one["staged"]} == {
        "notes.txt": "conflicted",
        "moved": "renamed",
    }


@LINUX_ONLY
async def test_a_secret_under_version_control_is_left_out(tools, repo):
    (repo / ".env").write_text("K=1\n")
    subprocess.run(["git", "add", "-f", ".env"], cwd=repo, check=True)
    subprocess.run(["git", "commit", "-qm", "oops"], cwd=repo, check=True)
    (repo / ".env").write_text("K=2\n")
    (repo / "notes.txt").write_text("new\n")
    diff = await tools.call("git_diff", [], {})
    assert [one["file"] for one in diff["files"]] == ["notes.txt"] and "K=" not in str(diff)
    assert ".env" not in str(await tools.call("git_status", [], {}))


@LINUX_ONLY
@pytest.mark.parametrize(
    "command",
    ["git show HEAD:.env", "git cat-file -p HEAD:.env", "git log -p -- .env", "cd . && git diff HEAD~1 ./.env | cat",
     "git --git-dir .git show HEAD:.env", "git --namespace x format-patch --stdout --root HEAD -- .env",
     "git diff-tree -p --root HEAD -- .env", "git fast-export HEAD -- .env",
     "sh -c 'git show HEAD:.env'", "bash -lc 'cd . && timeout 5 git log -p .env'", "env git show HEAD:.env",
     """sh -c 'for r in HEAD; do echo "$(git show $r:.env)"; done'""", """sh -c "bash -c 'git show HEAD:.env'" """,
     "git log -L1,1:.env", "git log -L '/K .*/,+1:.env'", "git show 'HEAD:my folder/.env'",
     "git checkout-index --prefix=/tmp/x/ -- .env", "git checkout HEAD -- .env", "git restore --source HEAD .env"],
)  # fmt: skip
async def test_what_git_keeps_of_a_secret_may_not_be_named(tools, repo, command):
    (repo / ".env").write_text("K=1\n")
    subprocess.run(["git", "add", "-f", ".env"], cwd=repo, check=True)
    subprocess.run(["git", "commit", "-qm", "oops"], cwd=repo, check=True)
    with pytest.raises(PermissionError, match="may hold secrets"):
        await tools.call("run_command", [command], {})
    assert "notes.txt" in await tools.call("run_command", ["git show --stat HEAD~0 HEAD:notes.txt ; git ls-files"], {})


@pytest.mark.parametrize(
    "command",
    ["git commit -m 'docs: mention .env'", "git grep -n process.env", "git log -S process.env", "git log --grep=.env",
     "git diff -- . ':!*.env'", "git grep -l id_rsa", "git add .env", "git -c color.ui=never status", "git",
     "git cat-file --batch-all-objects --batch-check", "git grep -a x -- notes.txt", "git commit -a", "sh -c",
     "sh -c 'if test -e .env; then git log -p; fi'", "git stash -a", "git stash push -a", "git stash list -a",
     "git log -L1,3:notes.txt", "git grep -la x", "git fast-export --all --no-data",
     "git fast-export HEAD -- notes.txt",
     "git log -p -a -- notes.txt ./notes/todo.md", "git checkout-index --prefix=/tmp/x/ -- notes.txt",
     "git stash push --message 'ignore config/.env'", "git stash save 'copy keys from ~/.ssh/id_rsa'",
     "git show ':/ignore config/.env'", "git format-patch -1 --stdout --no-binary", "git stash push -ua",
     "git format-patch -1 --stdout -- notes.txt", "git diff --binary HEAD~1 -- notes.txt"],
)  # fmt: skip
def test_words_that_are_no_paths_of_what_was_committed_are_no_secrets(folder, command):
    commands._refuse_past_secrets(split_command(command), folder, folder)


def test_a_path_behind_options_of_git_itself_is_one(folder):
    with pytest.raises(PermissionError):
        commands._refuse_past_secrets(split_command("git --no-pager -C sub log -p .env"), folder, folder)


@pytest.mark.parametrize(
    "command",
    ["git cat-file --batch-all-objects --batch", "git log -p --text", "sh -c 'git grep -a KEY $rev'",
     "git grep -na KEY HEAD", "git reflog -p -a", "git fast-export --all", "git stash show -p -a",
     "git stash list -p -a", "git checkout-index --prefix=/tmp/x/ -a -f", "git --work-tree=/tmp/x checkout-index -a",
     "git log -pa", "git stash show -pa", "git format-patch -1 --stdout", "sh -c 'git format-patch -1 --stdout'",
     "git format-patch -1 --no-binary --binary", "git format-patch -1 -- --no-binary", "git show --binary",
     "git log -p --binary", "git diff --binary HEAD~1 HEAD", "git stash show -p --binary", "git diff --binary -- .",
     "git fast-export HEAD -- --no-data '*'", "git merge-tree HEAD~1 HEAD~1 HEAD",
     *(f"git log -p -a -- {path}" for path in (".", "notes", "notes/", "notes.txt notes", "'*.txt'", ":/", "gone", "..",
                                               "notes/../notes.txt/..", "/etc/passwd"))],
)  # fmt: skip
def test_what_prints_secrets_unnamed_is_refused(folder, command):
    with pytest.raises(PermissionError, match="name one file"):
        commands._refuse_past_secrets(split_command(command), folder, folder)


async def test_others_go_on_while_a_long_command_is_understood(folder):
    class Ends(Printer):
        async def run(self, pipeline, cwd, timeout, changed):
            return CommandResult(("x",), "", 0)

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turns = 0
    going_on = asyncio.create_task(others())
    await WorkspaceTools(folder, commands=Ends("")).call("run_command", ["true" + " {}" * 9000], {})
    going_on.cancel()
    assert turns > 1


@LINUX_ONLY
async def test_a_secret_that_was_committed_is_in_no_output_of_git(tools, repo):
    (repo / ".env").write_text("K=1\n")
    subprocess.run(["git", "add", "-f", ".env"], cwd=repo, check=True)
    subprocess.run(["git", "commit", "-qm", "oops"], cwd=repo, check=True)
    told = "git show; git log -p; sh -c 'git grep K=1 HEAD'; git archive HEAD; git format-patch --stdout --no-binary -1"
    output = await tools.call("run_command", [told], {})
    assert "K=1" not in output and "literal" not in output and "+three" in output


@LINUX_ONLY
async def test_a_program_that_prints_too_much_is_an_error(tools, repo, monkeypatch):
    monkeypatch.setattr("codemode_tui.sandbox.commands.OUTPUT_MB", 1)
    (repo / "big.txt").write_text("0123456789abcde\n" * (1 << 16))
    assert len(await tools.call("run_command", ["cat big.txt"], {})) == 1 << 20
    with pytest.raises(ValueError, match="printed more than 1 MB; use head, tail or grep, or read_file"):
        await tools.call("run_command", ["cat big.txt notes.txt"], {})
    subprocess.run(["git", "add", "-N", "big.txt"], cwd=repo, check=True)
    with pytest.raises(ValueError, match="git printed more than 1 MB"):
        await tools.call("git_diff", [], {})


async def test_what_git_warns_of_is_no_change(tools, monkeypatch):
    async def warned(*_, **__):
        return CommandResult(("git",), " M a.txt\0warning: could not open directory 'locked/': denied\n", 0)

    monkeypatch.setattr("codemode_tui.tools.git.run_program", warned)
    assert [one["file"] for one in (await tools.call("git_status", [], {}))["files"]] == ["a.txt"]


@LINUX_ONLY
async def test_no_repository_is_an_error_in_a_sentence(folder):
    tools = WorkspaceTools(folder, commands=CommandRunner(folder, closed=closed_paths))
    with pytest.raises(RuntimeError, match="not a git repository"):
        await tools.call("git_status", [], {})
    for path, kind in (("nope", FileNotFoundError), ("/etc", PermissionError), (".env", PermissionError)):
        with pytest.raises(kind):
            await tools.call("git_log", [path], {})


@LINUX_ONLY
async def test_python_is_checked_and_nothing_is_written(tools, repo):
    (repo / "-m.py").write_text("import os\n\n\ndef f(x: int) -> int:\n    return 's'\n")
    (repo / "test_m.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): assert 1 == 2, '<&'\n"
        "@pytest.mark.skip(reason='no')\ndef test_c(): pass\n@pytest.fixture\ndef bad(): 1 / 0\ndef test_d(bad): pass\n"
    )
    before = sorted(p.name for p in repo.iterdir())
    ruff = await tools.call("ruff_check", ["-m.py"], {})
    assert (ruff["success"], ruff["violation_count"], ruff["fixable_count"]) == (False, 1, 1)
    first = ruff["violations"][0]
    assert (first["file"], first["line"], first["column"], first["code"], first["fixable"]) == (
        "-m.py",
        1,
        8,
        "F401",
        True,
    )
    types = await tools.call("typecheck", ["-m.py"], {})
    assert (types["success"], types["error_count"], types["parse_error"]) == (False, 1, None)
    assert (types["errors"][0]["line"], types["errors"][0]["severity"]) == (5, "error")
    tests = await tools.call("pytest_run", ["test_m.py"], {})
    assert [tests[key] for key in ("success", "passed", "failed", "errors", "skipped")] == [False, 1, 1, 1, 1]
    assert {t["name"]: t["outcome"] for t in tests["tests"]}["test_m::test_b"] == "failed"
    assert "<&" in tests["tests"][1]["message"]
    assert sorted(p.name for p in repo.iterdir()) == before


def test_a_tool_is_there_when_its_program_is(folder, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    runner = CommandRunner(folder, closed=closed_paths)
    assert not {"git_status", "pytest_run", "typecheck"} & set(WorkspaceTools(folder, commands=runner).names)
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/pytest").write_text("#!/bin/sh\n")
    (folder / ".venv/bin/pytest").chmod(0o755)
    assert "pytest_run" in WorkspaceTools(folder, commands=runner).names
    assert "pytest_run" not in WorkspaceTools(folder).names  # nothing could confine it


PRINTED = {
    "ty": "m.py:2:5: error[unresolved-import] Cannot resolve\nFound 1 diagnostic\n",
    "pyright": "/w/m.py\n  m.py:2:5 - error: Cannot resolve (reportMissingImports)\n1 error, 0 warnings\n",
    "mypy": "m.py:2:5: error: Cannot find [x]  [import-not-found]\nm.py:3:1: note: see\n",
}


@pytest.mark.parametrize("name", PRINTED)
async def test_every_type_checker_is_read(folder, monkeypatch, name):
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / f".venv/bin/{name}").write_text("")
    (folder / f".venv/bin/{name}").chmod(0o755)
    monkeypatch.setenv("PATH", "/nowhere")
    found = await WorkspaceTools(folder, commands=Printer(PRINTED[name])).call("typecheck", ["notes.txt"], {})
    first = found["errors"][0]
    assert (first["file"], first["line"], first["column"], first["severity"]) == ("m.py", 2, 5, "error")
    assert first["code"] in ("unresolved-import", "reportMissingImports", "import-not-found")
    assert found["error_count"] == 1


class Printer:
    """A runner whose programs print ``output`` and fail."""

    def __init__(self, output, code=1):
        self.output, self.code = output, code

    def reading(self):
        return self

    async def run(self, pipeline, cwd, timeout):
        return CommandResult(("x",), self.output, self.code)


class Unconfined:
    """A runner whose programs see the folders above the workspace too."""

    def reading(self):
        return self

    async def run(self, pipeline, cwd, timeout):
        argv = [word.text for word in pipeline.commands[0].words]
        done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True)
        return CommandResult(tuple(argv), done.stdout + done.stderr, done.returncode)


@pytest.mark.parametrize("output", ["", "Traceback\nBoom", "[", "<?xml version='1.0'?><!DOCTYPE x><testsuites/>"])
async def test_a_program_that_prints_nonsense_is_an_error_in_a_sentence(folder, monkeypatch, output):
    tools = WorkspaceTools(folder, commands=Printer(output))
    for call in (git.git_status, checks.ruff_check, checks.pytest_run):
        with pytest.raises(RuntimeError, match=r"^(git|ruff|pytest)"):
            await call(tools._box, "notes.txt")


async def test_why_a_program_did_nothing_stands_in_its_first_line_too(folder):
    for code, output, reason in (
        (127, "shim: pytest: command not found\n\nIt exists in:\n  3.12\n", "it is not installed here (shim: pytest"),
        (4, "ERROR: file not found: x\n\nno tests ran\n", "ERROR: file not found: x … no tests ran"),
    ):
        with pytest.raises(RuntimeError) as caught:
            await checks.pytest_run(WorkspaceTools(folder, commands=Printer(output, code))._box, "notes.txt")
        assert str(caught.value).startswith(f"pytest: {reason}")


async def test_what_is_said_behind_the_report_of_the_tests_is_no_part_of_it(folder):
    report = "<?xml version='1.0'?><testsuites><testsuite><testcase name='a' time='0.1'/></testsuite></testsuites>"
    tools = WorkspaceTools(folder, commands=Printer(f"1 passed\n{report}\nException ignored in: <x>\n"))
    assert (await checks.pytest_run(tools._box, "notes.txt"))["passed"] == 1
