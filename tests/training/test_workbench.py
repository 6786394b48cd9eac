"""Folders for one piece of code: whatever it leaves there is read, and gone afterwards."""

from __future__ import annotations

import subprocess
import tempfile

import pytest

from codemode_tui.training.workbench import fresh_folder, texts


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_deeper_than_python_recurses_is_read_and_removed(scratch):
    with fresh_folder("codemode-try-") as folder:
        (folder / "z").mkdir()
        (folder / "z" / "a.txt").write_text("1")
        (folder / "z-a.txt").write_text("2")
        subprocess.run(["mkdir", "-p", "a/" * 5000], cwd=folder, check=True)  # longer than a path may be, too
        assert texts(folder) == {"z/a.txt": "1", "z-a.txt": "2"}
    assert list(scratch.iterdir()) == []


def test_closed_folders_are_removed_and_links_are_not_followed(scratch):
    (scratch / "mine").mkdir()
    (scratch / "mine" / "a.txt").write_text("1")
    with fresh_folder("codemode-try-") as folder:
        (folder / "closed" / "inner").mkdir(parents=True)
        (folder / "closed" / "inner").chmod(0)
        (folder / "closed").chmod(0)
        (folder / "link").symlink_to(scratch / "mine")
        assert texts(folder) == {}
    assert [one.name for one in scratch.iterdir()] == ["mine"]
    assert (scratch / "mine" / "a.txt").exists() and (scratch / "mine").stat().st_mode & 0o700 == 0o700


def test_a_link_in_the_place_of_the_folder_itself_is_not_followed(scratch):
    (scratch / "mine").mkdir()
    (scratch / "mine" / "a.txt").write_text("1")
    with fresh_folder("codemode-try-") as folder:
        folder.rmdir()
        folder.symlink_to(scratch / "mine")
    assert [one.name for one in scratch.iterdir()] == ["mine"] and (scratch / "mine" / "a.txt").exists()
