"""A folder is deleted once it is empty, by a name that ends in a slash; with the run it comes back."""

import pytest
from tools.asked import Asked, snapshot

from codemode_tui.sandbox.types import FileChange
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.journal import undo
from codemode_tui.tools.paths import Workspace


async def test_an_empty_folder_is_deleted_and_comes_back_with_the_run(writing, folder, tmp_path):
    (folder / "empty").mkdir()
    before = snapshot(folder)
    await writing.call("write_file", ["made/x", "x"], {})
    for path in ("notes/todo.md", "made/x", "notes/", "empty/", "made/"):
        assert await writing.call("delete_file", [path], {}) == "success"
    assert [one.name for one in folder.iterdir()] == ["notes.txt"]
    changes = undo(tmp_path / "journal", Workspace(folder))
    assert changes == [FileChange("notes/todo.md", "created"), FileChange("empty/", "created")]
    assert snapshot(folder) == before
    assert sorted(one.name for one in folder.iterdir()) == ["empty", "notes", "notes.txt"]


async def test_a_folder_that_is_full_a_link_or_the_workspace_is_not_deleted(writing, folder):
    (folder / "link").symlink_to("notes")
    for path, kind, said in (
        ("notes/", OSError, r"^notes/ is not empty$"),
        ("notes", IsADirectoryError, "notes is a folder"),
        ("link/", PermissionError, "link/ is a symbolic link"),
        ("./", PermissionError, "the workspace itself"),
        ("nothing/", FileNotFoundError, "nothing/ does not exist"),
        ("notes.txt/", NotADirectoryError, "not a folder"),
    ):
        with pytest.raises(kind, match=said):
            await writing.call("delete_file", [path], {})
    assert sorted(one.name for one in folder.iterdir()) == ["link", "notes", "notes.txt"]


async def test_the_person_is_asked_before_a_folder_is_deleted(folder):
    (folder / "empty").mkdir()
    person = Asked(False)
    with pytest.raises(PermissionError, match="empty/ was not changed: the user declined it"):
        await WorkspaceTools(folder, approve=person).call("delete_file", ["empty/"], {})
    (asked,) = person.requests
    assert (asked.path, asked.change, asked.warnings) == ("empty/", "delete", ("deletes an empty folder",))
    assert asked.diff == "remove empty/\n"  # whole, however long it is
    person = Asked(meanwhile=(folder / "empty" / "new").touch)
    with pytest.raises(OSError, match="not empty"):
        await WorkspaceTools(folder, approve=person).call("delete_file", ["empty/"], {})
    assert (folder / "empty" / "new").exists()
