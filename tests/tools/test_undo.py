"""What a run changed is put back as it was, or nothing is."""

import asyncio
import resource
import signal
import stat
import sys
import time

import pytest
from tools.asked import snapshot

from codemode_tui.errors import WorkspaceError
from codemode_tui.sandbox.types import CommandResult, FileChange
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.journal import diff, undo
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.types import ToolLimits


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


@pytest.mark.parametrize(
    ("calls", "left"),
    [
        ([("move_file", "notes.txt", "NOTES.TXT")], {"NOTES.TXT": b"one\ntwo\nthree\n"}),
        ([("write_file", "Notes.txt", "1"), ("write_file", "NOTES.txt", "2")], {"notes.txt": b"2"}),
        ([("write_file", "Notes.txt", "1"), ("delete_file", "NOTES.txt")], {}),
        ([("move_file", "notes.txt", "NOTES.TXT"), ("write_file", "notes.txt", "2")], {"NOTES.TXT": b"2"}),
        ([("write_file", "Notes/new.txt", "x"), ("delete_file", "notes.txt")], {"notes/new.txt": b"x"}),
    ],
)
async def test_a_file_has_one_name_however_a_run_spells_it(
    writing, folder, tmp_path, one_name_for_all_spellings, calls, left
):
    before = snapshot(folder)
    for name, *args in calls:
        assert await writing.call(name, args, {}) == "success"
    assert {name: data for name, (data, _) in snapshot(folder).items() if name != "notes/todo.md"} == left
    undo(tmp_path / "journal", Workspace(folder))
    assert snapshot(folder) == before


async def test_a_name_is_respelled_only_where_spellings_mean_one_file(writing, folder, one_name_for_all_spellings):
    for name in ("notes.txt", "Notes", "notes/todo.md"):
        with pytest.raises(FileExistsError):
            await writing.call("move_file", ["notes.txt", name], {})


async def test_undo_refuses_a_folder_that_became_a_link_to_another_spelling_of_its_name(writing, folder, tmp_path):
    await writing.call("write_file", ["Notes/new.txt", "x"], {})
    if (folder / "NOTES").exists():
        pytest.skip("spellings mean one file here: there is no such link")
    (folder / "Notes").rename(folder / "NOTES")
    (folder / "Notes").symlink_to("NOTES")
    with pytest.raises(WorkspaceError, match="through a link"):
        undo(tmp_path / "journal", Workspace(folder))
    assert (folder / "NOTES/new.txt").exists()


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
    with pytest.raises(WorkspaceError, match="undone already"):  # that is kept on a line of its own
        undo(tmp_path / "journal", Workspace(folder))


async def test_a_disk_that_is_full_for_a_moment_leaves_the_run_as_one_that_can_be_undone(writing, folder, tmp_path):
    before, journal = snapshot(folder), tmp_path / "journal" / "journal.jsonl"
    await writing.call("write_file", ["notes.txt", "mine"], {})
    kept = journal.read_bytes()
    old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(kept) + 20, hard))  # half of another line
    try:
        with pytest.raises(OSError):
            await writing.call("write_file", ["a.txt", "a"], {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert journal.read_bytes() == kept and not (folder / "a.txt").exists()
    await writing.call("write_file", ["b.txt", "b"], {})
    assert [one.path for one in undo(tmp_path / "journal", Workspace(folder))] == ["notes.txt", "b.txt"]
    assert snapshot(folder) == before


async def test_what_a_damaged_journal_still_knows_is_undone_and_the_rest_is_told(writing, folder, tmp_path):
    before, journal = snapshot(folder), tmp_path / "journal" / "journal.jsonl"
    for name in ("a.txt", "b.txt", "c.txt"):
        await writing.call("write_file", [name, "new"], {})
    first, second, third = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(first + second[:-9] + b"\n" + third)
    shown = diff(tmp_path / "journal", Workspace(folder))
    assert shown.diff.startswith("… 1 changes of this run are not shown: its journal") and not shown.changed_since
    with pytest.raises(WorkspaceError, match="1 changes of this run were not put back: its journal is damaged"):
        undo(tmp_path / "journal", Workspace(folder))
    (folder / "b.txt").unlink()
    assert snapshot(folder) == before
    journal.write_bytes(b"x\n")
    with pytest.raises(WorkspaceError, match="is damaged"):
        undo(tmp_path / "journal", Workspace(folder))


async def test_undo_survives_a_change_in_the_middle_that_never_happened(writing, folder, tmp_path):
    before = snapshot(folder)
    await writing.call("write_file", ["notes.txt", "1"], {})
    await writing.call("write_file", ["notes.txt", "2"], {})
    (folder / "notes.txt").write_text("1")  # as if the disk had been full
    await writing.call("write_file", ["a.txt", "a"], {})
    undo(tmp_path / "journal", Workspace(folder))
    assert snapshot(folder) == before


class Formatter:
    """A command that changes a file and removes another, and then takes ``seconds``."""

    def __init__(self, seconds=0):
        self.seconds = seconds
        self.ran = asyncio.Event()

    async def run(self, pipeline, cwd, timeout, changed):
        (cwd / "notes.txt").write_text("formatted")
        (cwd / "notes/todo.md").unlink()
        (cwd / "own").write_text("by the command")
        made = ("notes.txt", "modified"), ("notes/todo.md", "deleted"), ("own", "created")
        self.ran.set()
        try:
            await asyncio.sleep(self.seconds)
        finally:
            changed(tuple(FileChange(*one) for one in made))
        return CommandResult(("x",), "", 0)


@pytest.mark.parametrize("seconds", [0, 60])
async def test_what_a_command_made_of_a_written_file_goes_with_the_run(folder, tmp_path, seconds):
    before = snapshot(folder)
    command = Formatter(seconds)
    tools = WorkspaceTools(folder, allow_write=True, journal=tmp_path / "journal", commands=command)
    for path in ("notes.txt", "notes/todo.md"):
        await tools.call("write_file", [path, "new"], {})
    running = asyncio.create_task(tools.call("run_command", ["x"], {}))
    await command.ran.wait()
    if seconds:
        running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    undo(tmp_path / "journal", Workspace(folder))
    (folder / "own").unlink()  # what it wrote by itself stays
    assert snapshot(folder) == before


async def test_what_somebody_wrote_while_a_command_ran_is_kept_by_the_undo_that_overwrites_it(folder, tmp_path):
    before = snapshot(folder)
    tools = WorkspaceTools(folder, allow_write=True, journal=tmp_path / "journal", commands=Formatter())
    await tools.call("write_file", ["notes.txt", "new"], {})
    await tools.call("run_command", ["x"], {})
    (folder / "own").unlink()
    (folder / "notes/todo.md").write_text("")
    after = snapshot(folder)
    # Nothing tells what the command wrote from what somebody else did meanwhile.
    assert (folder / "notes.txt").read_text() == "formatted"
    undo(tmp_path / "journal", Workspace(folder), tmp_path / "kept")
    assert snapshot(folder)["notes.txt"] == before["notes.txt"]
    undo(tmp_path / "kept", Workspace(folder))
    assert snapshot(folder) == after


async def test_an_undo_that_changes_folders_can_be_undone(writing, folder, tmp_path):
    await writing.call("delete_file", ["notes/todo.md"], {})
    await writing.call("delete_file", ["notes/"], {})
    await writing.call("write_file", ["notes", "a file now"], {})
    await writing.call("write_file", ["new/deep/x.txt", "x"], {})
    after = snapshot(folder)
    undo(tmp_path / "journal", Workspace(folder), tmp_path / "kept")
    assert (folder / "notes/todo.md").exists() and not (folder / "new").exists()
    undo(tmp_path / "kept", Workspace(folder))
    assert snapshot(folder) == after


class Linker:
    """A command that gives a file another name."""

    async def run(self, pipeline, cwd, timeout, changed):
        (cwd / "other").hardlink_to(cwd / "notes.txt")
        (cwd / "other").write_text("by the command")
        changed((FileChange("notes.txt", "modified"), FileChange("other", "created")))
        return CommandResult(("x",), "", 0)


async def test_a_file_that_got_another_name_is_put_back_and_the_other_name_keeps_what_it_has(folder, tmp_path):
    before = snapshot(folder)
    tools = WorkspaceTools(folder, allow_write=True, journal=tmp_path / "journal", commands=Linker())
    for path in ("notes.txt", "a.txt"):
        await tools.call("write_file", [path, "new"], {})
    await tools.call("run_command", ["x"], {})
    undo(tmp_path / "journal", Workspace(folder))
    assert (folder / "other").read_text() == "by the command"
    (folder / "other").unlink()
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
