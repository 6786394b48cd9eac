"""A screen of its own for each test, in a home of its own."""

from __future__ import annotations

import pytest
from textual.widgets import Input, TextArea

from codemode_tui.front import keys, pacing


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def _still_cursors(monkeypatch):
    """A cursor that blinks is there in one picture and not in the next."""
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda self: None)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)


@pytest.fixture(autouse=True)
def _same_keys(monkeypatch):
    """A picture is the same on a Mac, which names others first."""
    monkeypatch.setattr(keys, "MAC", False)


@pytest.fixture(autouse=True)
def _quick_text(monkeypatch):
    """Text is shown as often as on a machine with many processors: ``settle`` waits for it."""
    monkeypatch.setattr(pacing, "LONGEST", 0.1)
