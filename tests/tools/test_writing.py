"""A change is shown, approved, applied in one step, recorded, and can be undone as a run."""

import asyncio
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from codemode_tui.errors import WorkspaceError
from codemode_tui.sandbox.types import CommandResult, FileChange
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.journal import undo
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.types import ToolLimits


class Asked:
    """A person who answers ``answer`` and remembers what was shown."""

    def __init__(self, answer=True, meanwhile=lambda: None):
        self.requests = []
        self._answer = answer
        self._meanwhile = meanwhile

    async def __call__(self, request):
        self.requests.append(request)
        self._meanwhile()
        return self._answer


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(p.relative_to(folder)): (p.read_bytes(), stat.S_IMODE(p.stat().st_mode))
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


async def test_writing_creates_replaces_and_returns_success(writing, folder):
    assert await writing.call("write_file", ["new/deep/a.txt", "ü\n"], {}) == "success"
    assert await writing.call("write_file", ["notes.txt", "changed\n"], {}) == "success"
    assert (folder / "new/deep/a.txt").read_text() == "ü\n"
    assert (folder / "notes.txt").read_text() == "changed\n"
    assert writing.files_changed == (
        FileChange("new/deep/a.txt", "created"),
        FileChange("notes.txt", "modified"),
    )
    assert sorted(p.name for p in folder.iterdir()) == ["new", "notes", "notes.txt"]


async def test_moving_and_deleting(writing, folder):
    assert await writing.call("move_file", ["notes.txt", "archive/old.txt"], {}) == "success"
    assert await writing.call("delete_file", ["notes/todo.md"], {}) == "success"
    assert (folder / "archive/old.txt").read_text() == "one\ntwo\nthree\n"
    assert not (folder / "notes.txt").exists()
    assert not (folder / "notes/todo.md").exists()
    assert {(c.path, c.change) for c in writing.files_changed} == {
        ("archive/old.txt", "created"),
        ("notes.txt", "deleted"),
        ("notes/todo.md", "deleted"),
    }


async def test_nothing_is_overwritten_silently(writing, folder):
    with pytest.raises(FileExistsError, match=r"todo.md exists already"):
        await writing.call("move_file", ["notes.txt", "notes/todo.md"], {})
    with pytest.raises(FileExistsError):
        await writing.call("move_file", ["notes.txt", "notes"], {})
    assert (folder / "notes/todo.md").read_text() == "- milk\n- bread\n"


async def test_only_files_are_moved_and_deleted(writing, folder):
    (folder / "link").symlink_to("notes.txt")
    for path in ("notes", "link", "."):
        with pytest.raises(OSError):
            await writing.call("delete_file", [path], {})
        with pytest.raises(OSError):
            await writing.call("move_file", [path, "x"], {})
    assert (folder / "link").is_symlink()
    assert (folder / "notes.txt").exists()


async def test_without_permission_nothing_is_written(tools, folder):
    before = snapshot(folder)
    for name, args in (
        ("write_file", ["notes.txt", "x"]),
        ("delete_file", ["notes.txt"]),
        ("move_file", ["notes.txt", "b.txt"]),
    ):
        with pytest.raises(PermissionError, match=r"notes.txt was not changed: writing was not allowed"):
            await tools.call(name, args, {})
    assert snapshot(folder) == before


async def test_a_declined_change_is_not_made(folder):
    person = Asked(False)
    tools = WorkspaceTools(folder, approve=person)
    with pytest.raises(PermissionError, match="declined"):
        await tools.call("write_file", ["new/notes.txt", "x"], {})
    assert not (folder / "new").exists()
    assert len(person.requests) == 1


async def test_the_person_sees_what_will_be_written(folder):
    person = Asked()
    tools = WorkspaceTools(folder, approve=person)
    await tools.call("write_file", ["notes.txt", "one\n2\nthree\n"], {})
    await tools.call("write_file", ["a/b.txt", "new"], {})
    await tools.call("move_file", ["notes.txt", "moved.txt"], {})
    await tools.call("delete_file", ["moved.txt"], {})
    modify, create, move, delete = person.requests
    assert modify.diff == "--- a/notes.txt\n+++ b/notes.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
    assert (create.change, create.path, create.warnings) == ("create", "a/b.txt", ("creates the folder a/",))
    assert create.diff == "--- /dev/null\n+++ b/a/b.txt\n@@ -0,0 +1 @@\n+new\n\\ No newline at end of file\n"
    assert (move.change, move.path, move.new_path) == ("move", "notes.txt", "moved.txt")
    assert (delete.change, "-three" in delete.diff) == ("delete", True)


async def test_the_person_sees_the_real_path_behind_a_link(folder):
    (folder / "alias").symlink_to("notes")
    person = Asked()
    await WorkspaceTools(folder, approve=person).call("write_file", ["alias/todo.md", "x"], {})
    assert person.requests[0].path == "notes/todo.md"


async def test_a_file_that_changes_while_the_question_is_open_is_not_overwritten(folder):
    notes = folder / "notes.txt"
    for name, args in (
        ("write_file", ["notes.txt", "mine"]),
        ("delete_file", ["notes.txt"]),
        ("move_file", ["notes.txt", "b.txt"]),
    ):
        person = Asked(meanwhile=lambda: notes.write_text("theirs"))
        notes.write_text("before")
        with pytest.raises(PermissionError, match="meanwhile"):
            await WorkspaceTools(folder, approve=person).call(name, args, {})
        assert notes.read_text() == "theirs"


async def test_a_file_that_appears_while_the_question_is_open_is_kept(folder):
    person = Asked(meanwhile=lambda: (folder / "new.txt").write_text("theirs"))
    tools = WorkspaceTools(folder, approve=person)
    with pytest.raises(PermissionError, match="meanwhile"):
        await tools.call("write_file", ["new.txt", "mine"], {})
    assert (folder / "new.txt").read_text() == "theirs"


async def test_a_path_swapped_for_a_link_while_the_question_is_open_is_refused(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "todo.md").write_text("- milk\n- bread\n")

    def swap():
        (folder / "notes").rename(folder / "gone")
        (folder / "notes").symlink_to(elsewhere)

    with pytest.raises(PermissionError):
        await WorkspaceTools(folder, approve=Asked(meanwhile=swap)).call("write_file", ["notes/todo.md", "x"], {})
    assert (elsewhere / "todo.md").read_text() == "- milk\n- bread\n"


async def test_hardlinks_pipes_and_links_out_are_not_written(writing, folder, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("safe")
    os.link(outside, folder / "hard")
    os.mkfifo(folder / "pipe")
    (folder / "soft").symlink_to(outside)
    for name in ("hard", "pipe", "soft"):
        with pytest.raises(PermissionError):
            await writing.call("write_file", [name, "x"], {})
    with pytest.raises(PermissionError, match="hard links"):
        await writing.call("delete_file", ["hard"], {})
    assert outside.read_text() == "safe"


async def test_the_mode_of_a_file_is_kept_and_read_only_is_respected(writing, folder):
    script = folder / "run.sh"
    script.write_text("a")
    script.chmod(0o754)
    await writing.call("write_file", ["run.sh", "b"], {})
    assert stat.S_IMODE(script.stat().st_mode) == 0o754
    script.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        await writing.call("write_file", ["run.sh", "c"], {})


async def test_files_that_steer_tests_or_agents_need_a_persons_own_yes(folder):
    headless = WorkspaceTools(folder, allow_write=True)
    with pytest.raises(PermissionError, match="a person has to approve"):
        await headless.call("write_file", ["tests/conftest.py", "x = 1"], {})
    person = Asked()
    await WorkspaceTools(folder, approve=person).call("write_file", ["tests/conftest.py", "x = 1"], {})
    assert "this file changes what tests, tools or agents do" in person.requests[0].warnings
    assert (folder / "tests/conftest.py").exists()


async def test_the_same_content_again_asks_nobody_and_changes_nothing(folder):
    person = Asked()
    tools = WorkspaceTools(folder, approve=person)
    assert await tools.call("write_file", ["notes.txt", "one\ntwo\nthree\n"], {}) == "success"
    assert person.requests == []
    assert tools.files_changed == ()


async def test_questions_come_one_at_a_time(folder):
    open_now = 0

    async def person(_):
        nonlocal open_now
        open_now += 1
        assert open_now == 1
        await asyncio.sleep(0.01)
        open_now -= 1
        return True

    tools = WorkspaceTools(folder, approve=person)
    await asyncio.gather(*(tools.call("write_file", [f"{i}.txt", str(i)], {}) for i in range(5)))
    assert len(tools.files_changed) == 5


async def test_content_that_is_no_text_is_refused(writing):
    with pytest.raises(ValueError, match="cannot be written as UTF-8"):
        await writing.call("write_file", ["x.txt", "\ud800"], {})
    with pytest.raises(ValueError, match="NUL"):
        await writing.call("write_file", ["x\0.txt", "a"], {})


async def test_a_full_disk_leaves_the_old_file_whole(writing, folder):
    import resource
    import signal

    old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError):
            await writing.call("write_file", ["notes.txt", "x" * 5000], {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert (folder / "notes.txt").read_text() == "one\ntwo\nthree\n"
    assert sorted(p.name for p in folder.iterdir()) == ["notes", "notes.txt"]


async def test_a_whole_run_is_undone(writing, folder, tmp_path):
    (folder / "bin.dat").write_bytes(b"\0\xff")
    (folder / "bin.dat").chmod(0o600)
    before = snapshot(folder)
    await writing.call("write_file", ["notes.txt", "1"], {})
    await writing.call("write_file", ["notes.txt", "2"], {})
    await writing.call("write_file", ["new/deep/x.txt", "x"], {})
    await writing.call("move_file", ["notes/todo.md", "new/todo.md"], {})
    await writing.call("write_file", ["notes/todo.md", "again"], {})
    await writing.call("delete_file", ["bin.dat"], {})
    changes = undo(tmp_path / "journal", Workspace(folder))
    assert snapshot(folder) == before
    assert not (folder / "new").exists()
    assert {(c.path, c.change) for c in changes} == {
        ("notes.txt", "modified"),
        ("new/deep/x.txt", "deleted"),
        ("new/todo.md", "deleted"),
        ("notes/todo.md", "modified"),
        ("bin.dat", "created"),
    }
    with pytest.raises(WorkspaceError, match="undone already"):
        undo(tmp_path / "journal", Workspace(folder))


async def test_undo_touches_nothing_when_a_file_was_changed_since(writing, folder, tmp_path):
    await writing.call("write_file", ["a.txt", "a"], {})
    await writing.call("write_file", ["notes.txt", "mine"], {})
    (folder / "notes.txt").write_text("theirs")
    after = snapshot(folder)
    with pytest.raises(WorkspaceError, match=r"notes.txt was changed after this run"):
        undo(tmp_path / "journal", Workspace(folder))
    assert snapshot(folder) == after


async def test_undo_survives_a_torn_journal_and_a_change_that_never_happened(writing, folder, tmp_path):
    before = snapshot(folder)
    await writing.call("write_file", ["a.txt", "a"], {})
    await writing.call("write_file", ["notes.txt", "mine"], {})
    (folder / "notes.txt").write_text("one\ntwo\nthree\n")  # as if killed between journal and rename
    with open(tmp_path / "journal" / "journal.jsonl", "ab") as stream:
        stream.write(b'{"workspace":"/x","eff')
    undo(tmp_path / "journal", Workspace(folder))
    assert snapshot(folder) == before


async def test_undo_survives_a_change_in_the_middle_that_never_happened(writing, folder, tmp_path):
    before = snapshot(folder)
    await writing.call("write_file", ["notes.txt", "1"], {})
    await writing.call("write_file", ["notes.txt", "2"], {})
    (folder / "notes.txt").write_text("1")  # as if the disk had been full
    await writing.call("write_file", ["a.txt", "a"], {})
    undo(tmp_path / "journal", Workspace(folder))
    assert snapshot(folder) == before


@pytest.mark.parametrize("call", [("write_file", ["new/", "x"]), ("move_file", ["notes.txt", "new/"])])
async def test_a_name_that_ends_in_a_slash_becomes_no_file(writing, folder, call):
    with pytest.raises(IsADirectoryError, match=r"new/ names a folder; .* new/file.txt"):
        await writing.call(*call, {})
    assert not (folder / "new").exists()


class Formatter:
    """A command that changes a file and removes another."""

    async def run(self, pipeline, cwd, timeout):
        (cwd / "notes.txt").write_text("formatted")
        (cwd / "notes/todo.md").unlink()
        (cwd / "own").write_text("by the command")
        changed = ("notes.txt", "modified"), ("notes/todo.md", "deleted"), ("own", "created")
        return CommandResult(("x",), "", 0, changed=tuple(FileChange(*one) for one in changed))


async def test_what_a_command_made_of_a_written_file_goes_with_the_run(folder, tmp_path):
    before = snapshot(folder)
    tools = WorkspaceTools(folder, allow_write=True, journal=tmp_path / "journal", commands=Formatter())
    for path in ("notes.txt", "notes/todo.md"):
        await tools.call("write_file", [path, "new"], {})
    await tools.call("run_command", ["x"], {})
    undo(tmp_path / "journal", Workspace(folder))
    (folder / "own").unlink()  # what it wrote by itself stays
    assert snapshot(folder) == before


async def test_undo_is_for_its_own_workspace(writing, folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(WorkspaceError, match="changed no files"):
        undo(tmp_path / "journal", Workspace(folder))
    await writing.call("write_file", ["a.txt", "a"], {})
    with pytest.raises(WorkspaceError, match="belongs to the workspace"):
        undo(tmp_path / "journal", Workspace(other))


async def test_a_run_that_could_not_be_undone_is_refused(folder, tmp_path):
    tools = WorkspaceTools(folder, allow_write=True, journal=tmp_path / "j", limits=ToolLimits(journal_bytes=20))
    await tools.call("write_file", ["notes.txt", "1"], {})
    with pytest.raises(ValueError, match="more than can be undone"):
        await tools.call("delete_file", ["notes/todo.md"], {})
    assert (folder / "notes/todo.md").exists()


async def test_nothing_is_changed_where_the_journal_cannot_be_kept(folder, tmp_path):
    (tmp_path / "full").write_text("")
    tools = WorkspaceTools(folder, allow_write=True, journal=tmp_path / "full" / "j")
    with pytest.raises(NotADirectoryError, match=r"^what undoes this run is not a folder$"):
        await tools.call("write_file", ["notes.txt", "1"], {})
    assert (folder / "notes.txt").read_text() == "one\ntwo\nthree\n"


async def test_the_journal_is_private(writing, tmp_path):
    await writing.call("delete_file", ["notes.txt"], {})
    journal = tmp_path / "journal"
    assert stat.S_IMODE(journal.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in journal.rglob("*") if p.is_file()} == {0o600}


async def test_two_runs_at_once_change_only_what_each_has_shown(folder, tmp_path):
    workspace = Workspace(folder)
    runs = [WorkspaceTools(workspace, allow_write=True, journal=tmp_path / name) for name in "ab"]
    calls = [run.call("write_file", [f"{n}-{i}.txt", str(i)], {}) for n, run in enumerate(runs) for i in range(20)]
    assert await asyncio.gather(*calls) == ["success"] * 40
    both = [run.call("write_file", ["notes.txt", f"by {n}\n"], {}) for n, run in enumerate(runs)]
    said = await asyncio.gather(*both, return_exceptions=True)
    assert all(one == "success" or isinstance(one, PermissionError) for one in said)
    assert (folder / "notes.txt").read_text() in ("by 0\n", "by 1\n")
    assert sorted(p.name for p in folder.iterdir() if p.name.startswith(".codemode")) == []


async def test_a_change_that_is_cancelled_in_the_middle_is_still_known(folder, tmp_path, monkeypatch):
    from codemode_tui.tools import writing as module

    slow = module.put

    def put(*args, **kwargs):
        task.get_loop().call_soon_threadsafe(task.cancel)
        time.sleep(0.2)
        slow(*args, **kwargs)

    monkeypatch.setattr(module, "put", put)
    tools = WorkspaceTools(folder, allow_write=True, journal=tmp_path / "j")
    task = asyncio.ensure_future(tools.call("write_file", ["notes.txt", "new"], {}))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (folder / "notes.txt").read_text() == "new"
    assert tools.files_changed == (FileChange("notes.txt", "modified"),)
    assert tools.journal == "j"


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take names in UTF-8 alone")
async def test_a_file_whose_name_is_no_utf8_can_be_changed_and_put_back(writing, folder, tmp_path):
    (folder / "a\udcff.txt").write_text("a")
    before = snapshot(folder)
    await writing.call("move_file", ["a\udcff.txt", "b\udcff.txt"], {})
    await writing.call("write_file", ["c\udcff.txt", "c"], {})
    await writing.call("delete_file", ["b\udcff.txt"], {})
    assert not (folder / "a\udcff.txt").exists() and (folder / "c\udcff.txt").read_text() == "c"
    assert [one.path for one in undo(tmp_path / "journal", Workspace(folder))] == ["a\udcff.txt", "c\udcff.txt"]
    assert snapshot(folder) == before
