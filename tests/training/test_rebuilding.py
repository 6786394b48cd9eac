"""Files of a stored turn: as they were read, else as they are now, else as far as they are known."""

from __future__ import annotations

from codemode_tui.sandbox.types import FileChange, Outcome, ToolCall
from codemode_tui.store.records import StoredRun
from codemode_tui.training.rebuilding import rebuild


def run(code="", *calls, changed=()):
    made = tuple(ToolCall(name, args, True, 1.0, "", result) for name, args, result in calls)
    changes = tuple(FileChange(path, change) for path, change in changed)
    return StoredRun("r", code, None, "auto", "", Outcome("ok", 0, tool_calls=made, files_changed=changes), "")


def test_what_was_read_stands_as_it_was_read(tmp_path):
    (tmp_path / "a.txt").write_text("changed since")
    assert rebuild([run("", ("read_file", {"path": "a.txt"}, "then\n"))], tmp_path) == {"a.txt": "then\n"}


def test_named_files_are_taken_from_the_workspace_as_it_is(tmp_path):
    (tmp_path / "b.txt").write_text("now\n")
    (tmp_path / "sub").mkdir()
    assert rebuild([run('run_command("wc", ["b.txt"])\nx = "sub"')], tmp_path) == {"b.txt": "now\n"}


def test_the_first_look_counts_and_a_file_that_the_run_made_was_not_there(tmp_path):
    (tmp_path / "new.txt").write_text("made by the run")
    runs = [
        run(
            'write_file("new.txt", "x")',
            ("read_file", {"path": "a.txt"}, "before"),
            ("write_file", {"path": "a.txt", "content": "after"}, None),
            ("read_file", {"path": "a.txt"}, "after"),
            changed=[("a.txt", "modified"), ("new.txt", "created")],
        ),
        run("", ("read_file", {"path": "a.txt"}, "after")),
    ]
    assert rebuild(runs, tmp_path) == {"a.txt": "before"}


def test_a_moved_file_is_found_where_it_went(tmp_path):
    (tmp_path / "new.md").write_text("text")
    moved = run(
        "", ("move_file", {"path": "old.md", "new_path": "new.md"}, "success"),
        changed=[("old.md", "deleted"), ("new.md", "created")],
    )  # fmt: skip
    assert rebuild([moved], tmp_path) == {"old.md": "text"}


def test_listed_files_and_found_lines_stand_for_files_that_are_gone():
    runs = [
        run(
            "",
            ("list_directory", {"path": "src"}, ["a.py", "deep/"]),
            ("glob_files", {"pattern": "*"}, ["b.py"]),
            ("search_files", {"pattern": "x"}, ["c.py:3: x = 1"]),
            ("read_file", {"path": "d.py", "start": 2, "lines": 1}, "second\n"),
        )
    ]
    assert rebuild(runs, None) == {"b.py": "", "c.py": "\n\nx = 1\n", "d.py": "\nsecond\n", "src/a.py": ""}


def test_nothing_outside_and_nothing_secret(tmp_path):
    (tmp_path / ".env").write_text("KEY=1")
    (tmp_path.parent / "out.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path.parent / "out.txt")
    code = 'for p in (".env", "../out.txt", "/etc/passwd", "link.txt", "~/x"): read_file(p)'
    assert rebuild([run(code)], tmp_path) == {}


def test_a_path_that_is_a_file_and_a_folder_is_the_folder():
    runs = [run("", ("read_file", {"path": "a"}, "x"), ("read_file", {"path": "a/b"}, "y"))]
    assert rebuild(runs, None) == {"a/b": "y"}
