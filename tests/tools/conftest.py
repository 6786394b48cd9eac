"""A workspace in a temporary folder, and the tools over it."""

import os
from pathlib import Path

import pytest

from codemode_tui.tools import paths
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.protected import fold


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    (root / "notes").mkdir(parents=True)
    (root / "notes.txt").write_text("one\ntwo\nthree\n")
    (root / "notes" / "todo.md").write_text("- milk\n- bread\n")
    return root


@pytest.fixture
def tools(folder: Path) -> WorkspaceTools:
    return WorkspaceTools(folder)


@pytest.fixture
def writing(folder: Path, tmp_path: Path) -> WorkspaceTools:
    return WorkspaceTools(folder, allow_write=True, journal=tmp_path / "journal")


@pytest.fixture
def one_name_for_all_spellings(monkeypatch) -> None:
    """The file system of a Mac: ``README.md`` finds ``readme.md``."""
    lstat = paths._Walk._lstat

    def found(walk: paths._Walk, name: str) -> os.stat_result:
        names = os.listdir(walk._here())
        return lstat(walk, name if name in names else next((one for one in names if fold(one) == fold(name)), name))

    monkeypatch.setattr(paths._Walk, "_lstat", found)
    monkeypatch.setattr(paths, "SPELLINGS", True)
