"""A model to spoil, and caches in which it alone can be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from codemode_tui import locations


@pytest.fixture
def own_caches(tmp_path, monkeypatch):
    """No model of this machine is found."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole model that may be spoilt."""
    return Path(shutil.copytree(locations.bundled_model(), tmp_path / "model"))
