"""A workspace in a temporary folder, and the tools over it."""

from pathlib import Path

import pytest

from codemode_tui.tools.host import WorkspaceTools


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
