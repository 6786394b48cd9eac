"""A run that changes files, its diff, its undo: with the program itself."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="this runs code in a Linux backend")
CHANGES = (
    "write_file('new/a.txt', 'x\\n')\nwrite_file('keep.txt', read_file('keep.txt').upper())\n"
    "delete_file('gone.txt')\nmove_file('old.txt', 'moved.txt')"
)


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def changed(codemode):
    for name in ("keep.txt", "gone.txt", "old.txt"):
        (codemode.workspace / name).write_text(f"{name}\n")
    before = tree(codemode.workspace)
    run = codemode("sandbox", "run", "--allow-write", "--json", stdin=CHANGES)
    assert run.json["status"] == "ok" and len(run.json["files_changed"]) == 5
    return before, run.json["undo"]


def test_a_run_is_shown_and_undone_as_a_whole(codemode, changed):
    before, name = changed
    diff = codemode("sandbox", "changes", name).out
    assert all(line in diff for line in ("+x\n", "-keep.txt\n", "+KEEP.TXT\n", "+++ b/new/a.txt\n", "--- a/gone.txt\n"))
    undone = codemode("sandbox", "undo", "--json")
    assert {one["path"] for one in undone.json["files_changed"]} == {
        "new/a.txt", "keep.txt", "gone.txt", "old.txt", "moved.txt",
    }  # fmt: skip
    assert tree(codemode.workspace) == before and not (codemode.workspace / "new").exists()
    for again in (
        codemode("sandbox", "undo"),
        codemode("sandbox", "undo", name),
        codemode("sandbox", "changes", "../x"),
    ):
        assert again.code == 2 and again.error


def test_an_undo_is_shown_and_undone_too_and_only_when_it_is_named(codemode, changed):
    before, _ = changed
    after = tree(codemode.workspace)
    assert "`codemode sandbox undo undone` takes this back" in codemode("sandbox", "undo").error
    assert "-KEEP.TXT\n" in codemode("sandbox", "changes", "undone").out
    assert "undone already; `undo undone` takes the last undo back" in codemode("sandbox", "undo").error
    for then in (after, before):
        codemode("sandbox", "undo", "undone")
        assert tree(codemode.workspace) == then


def test_what_was_changed_since_is_not_overwritten(codemode, changed):
    (codemode.workspace / "keep.txt").write_text("mine\n")
    after = tree(codemode.workspace)
    shown = codemode("sandbox", "changes", "--json").json
    assert shown["changed_since"] == ["keep.txt"]
    assert "… keep.txt was changed after this run: its diff holds that, too\n--- a/keep.txt\n" in shown["diff"]
    assert "keep.txt was changed after this run" in codemode("sandbox", "undo").error
    assert tree(codemode.workspace) == after


def test_runs_are_undone_one_after_another_and_each_in_its_own_workspace(codemode, changed, tmp_path):
    before, first = changed
    middle = tree(codemode.workspace)
    codemode("sandbox", "run", "--allow-write", stdin="write_file('more.txt', '1')")
    other = tmp_path / "other"
    other.mkdir()
    assert "no run has changed files here" in codemode("sandbox", "undo", "--workspace", str(other)).error
    assert "belongs to the workspace" in codemode("sandbox", "undo", first, "--workspace", str(other)).error
    codemode("sandbox", "undo")
    assert tree(codemode.workspace) == middle
    codemode("sandbox", "undo")
    assert tree(codemode.workspace) == before


def test_a_run_that_only_reads_leaves_no_journal(codemode):
    assert codemode("sandbox", "run", "--allow-write", "--json", stdin="print(list_directory())").json["undo"] == ""
    assert not list(codemode.workspace.parent.rglob("journal.jsonl"))


def test_a_file_that_was_deleted_and_made_again_gets_its_mode_back(codemode):
    script = codemode.workspace / "run.sh"
    script.write_text("echo\n")
    script.chmod(0o755)
    code = 's = read_file("run.sh")\ndelete_file("run.sh")\nwrite_file("run.sh", s)'
    assert codemode("sandbox", "run", "--allow-write", "--json", stdin=code).json["status"] == "ok"
    assert script.stat().st_mode & 0o777 != 0o755
    undone = codemode("sandbox", "undo", "--json")
    assert [one["path"] for one in undone.json["files_changed"]] == ["run.sh"]
    assert script.stat().st_mode & 0o777 == 0o755 and script.read_text() == "echo\n"


def test_a_folder_in_the_place_of_a_file_is_shown_and_undone(codemode):
    notes = codemode.workspace / "notes"
    notes.write_text("one\n")
    code = 'delete_file("notes")\nwrite_file("notes/today.md", "two\\n")'
    run = codemode("sandbox", "run", "--allow-write", "--json", stdin=code)
    assert run.json["status"] == "ok" and (notes / "today.md").read_text() == "two\n"
    undone = codemode("sandbox", "undo", "--json")
    assert {one["path"] for one in undone.json["files_changed"]} == {"notes", "notes/today.md"}
    assert notes.read_text() == "one\n"


def test_what_somebody_put_into_such_a_folder_keeps_all_from_being_undone(codemode):
    notes = codemode.workspace / "notes"
    notes.write_text("one\n")
    code = 'delete_file("notes")\nwrite_file("notes/today.md", "two\\n")'
    codemode("sandbox", "run", "--allow-write", "--json", stdin=code)
    (notes / "mine.md").write_text("mine\n")
    assert codemode("sandbox", "undo").code != 0
    assert (notes / "today.md").read_text() == "two\n" and (notes / "mine.md").read_text() == "mine\n"


def test_a_name_that_holds_a_line_break_is_one_line_of_the_list(codemode):
    code = "write_file('a.txt\\ndeleted all.txt', 'x')"
    assert codemode("sandbox", "run", "--allow-write", "--json", stdin=code).json["status"] == "ok"
    assert codemode("sandbox", "undo").out == 'deleted "a.txt\\ndeleted all.txt"\n'
