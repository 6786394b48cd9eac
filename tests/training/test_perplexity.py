"""The child that measures a set: what it says beside its figures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from codemode_tui.engine import engines, lock
from codemode_tui.engine.engines import Running
from codemode_tui.engine.messages import State
from codemode_tui.engine.models import find_model
from codemode_tui.errors import EngineError, ModelError
from codemode_tui.training import perplexity


def _child(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    script = folder / "child"
    script.write_text(f"#!{sys.executable}\nimport sys\n{text}")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))


def test_a_child_that_warns_much_is_heard_to_its_end(tmp_path, monkeypatch):
    _child(tmp_path, monkeypatch, "print('a warning ' * 10_000, file=sys.stderr)\nprint('[1.5, 3, 4]')\n")
    (found,) = perplexity._losses(find_model(None), tmp_path / "set.jsonl", 1, lambda *_: None)
    assert found == (1.5, 3, 4)


def test_the_last_that_a_failing_child_said_is_told(tmp_path, monkeypatch):
    _child(tmp_path, monkeypatch, "sys.exit('nothing\\n' * 5000 + 'the disk is full')\n")
    with pytest.raises(ModelError, match="cannot be measured: the disk is full"):
        perplexity._losses(find_model(None), tmp_path / "set.jsonl", 1, lambda *_: None)


def test_a_large_model_is_not_loaded_beside_the_engine_of_the_terminals(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(lock, "LARGE", 1)
    monkeypatch.setattr(
        engines, "running", lambda: [Running(77, tmp_path, State(77, "m", True, 1, 0, False, 0.0, None, 2))]
    )
    _child(tmp_path, monkeypatch, "print('[1.5, 3, 4]')\n")
    file = tmp_path / "set.jsonl"
    file.write_text('{"prompt": "q", "completion": "a"}\n')
    with pytest.raises(EngineError, match=r"process 77\) has a large model"):
        perplexity.perplexity(find_model(None), file, None)
    monkeypatch.setattr(engines, "running", lambda: [])
    assert perplexity.perplexity(find_model(None), file, None).all.rows == 1
