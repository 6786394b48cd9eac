"""A change is shown, approved, applied in one step, recorded, and can be undone as a run."""

import asyncio
import errno
import os
import stat
import sys

import pytest
from tools.asked import Asked, snapshot

from codemode_tui.sandbox.types import FileChange
from codemode_tui.tools.host import WorkspaceTools


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


async def test_a_file_that_may_not_leave_its_folder_has_no_second_name(writing, folder, monkeypatch):
    unlink = os.unlink

    def kept(name, **where):
        if name == "todo.md":
            raise PermissionError(errno.EACCES, "Permission denied", name)
        unlink(name, **where)

    monkeypatch.setattr("codemode_tui.tools.image.os.unlink", kept)
    with pytest.raises(PermissionError, match=r"^notes/todo\.md "):
        await writing.call("move_file", ["notes/todo.md", "moved.md"], {})
    assert not (folder / "moved.md").exists() and (folder / "notes/todo.md").stat().st_nlink == 1
    assert writing.files_changed == ()
    await writing.call("write_file", ["notes/todo.md", "still mine"], {})


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


async def test_a_name_that_holds_a_line_break_forges_no_line_of_the_question(folder):
    person = Asked()
    await WorkspaceTools(folder, approve=person).call("move_file", ["notes.txt", "b\nrename to c/d"], {})
    (move,) = person.requests
    assert move.diff == 'rename from notes.txt\nrename to "b\\nrename to c/d"\n'
    assert move.warnings == ('creates the folder "b\\nrename to c/"',)
    assert (folder / "b\nrename to c" / "d").exists()


@pytest.mark.parametrize(
    ("before", "after", "warnings"),
    [
        ("a\r\nb\r\n", "a\nb\n", ("changes the line ends of the file (CRLF to LF)",)),
        ("a\nb\n", "a\r\nb\r\n", ("changes the line ends of the file (LF to CRLF)",)),
        ("a\r\nb\r\n", "a\r\nc\r\n", ()),
        ("a\r\n", "", ()),
    ],
)
async def test_the_person_is_told_of_line_ends_which_no_diff_shows(folder, before, after, warnings):
    (folder / "lines.txt").write_bytes(before.encode())
    person = Asked()
    await WorkspaceTools(folder, approve=person).call("write_file", ["lines.txt", after], {})
    assert person.requests[0].warnings == warnings


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


@pytest.mark.skipif(sys.platform != "linux", reason="files without a name")
async def test_nothing_is_left_of_a_file_whose_writing_is_killed(writing, folder, monkeypatch):
    seen = []
    monkeypatch.setattr("codemode_tui.tools.image.os.fsync", lambda fd: seen.append(sorted(os.listdir(folder))))
    await writing.call("write_file", ["notes.txt", "changed"], {})
    await writing.call("write_file", ["new.txt", "new"], {})
    names = ["notes", "notes.txt"]
    assert [*seen[0:1], *seen[-2:]] == [names, names, ["new.txt", *names]], seen


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


@pytest.mark.parametrize("call", [("write_file", ["new/", "x"]), ("move_file", ["notes.txt", "new/"])])
async def test_a_name_that_ends_in_a_slash_becomes_no_file(writing, folder, call):
    with pytest.raises(IsADirectoryError, match=r"new/ names a folder; .* new/file.txt"):
        await writing.call(*call, {})
    assert not (folder / "new").exists()
