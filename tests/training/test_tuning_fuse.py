"""An adapter on a float model becomes a whole 5-bit model, or, where the rounding would lose it, nothing at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
from mlx_lm.utils import dequantize_model, load_model, save_model
from support.adapters import make_adapter

from codemode_tui import locations
from codemode_tui.engine.machine_memory import Machine
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.errors import EngineError, ModelError, UsageError
from codemode_tui.training.tuning import room
from codemode_tui.training.tuning.child import GateFailed
from codemode_tui.training.tuning.fuse import fuse


@pytest.fixture
def base(tmp_path, monkeypatch) -> Path:
    """The bundled model in floats."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    folder = Path(shutil.copytree(locations.bundled_model(), tmp_path / "float"))
    (folder / "model.safetensors").unlink()
    model, config = load_model(locations.bundled_model())
    save_model(folder, dequantize_model(model))
    (folder / "model.safetensors.index.json").unlink()
    kept = {key: value for key, value in config.items() if not key.startswith("quantization")}
    (folder / "config.json").write_text(json.dumps(kept))
    return folder


def test_it_is_a_whole_model_with_its_card_and_origin(base, tmp_path):
    adapter = make_adapter(tmp_path / "mine", size=0.05, base=str(base))
    found = fuse(str(adapter), tmp_path / "whole", 5)
    info = inspect(find_model(str(tmp_path / "whole")), fresh=True)
    assert info.quantization == {"bits": 5, "group_size": 64} and info.adapter is None
    assert info.weights_sha256 == found.model.weights_sha256 and info.profile == "bundled"
    assert list(found.retention) == ["layers.7"] and found.retention["layers.7"][1] > 0.9
    card = (tmp_path / "whole/README.md").read_text()
    assert inspect(find_model(str(adapter))).weights_sha256 in card and "| layers.7 |" in card
    assert json.loads((tmp_path / "whole/codemode.json").read_text())["made"]["base_model"] == str(base)
    assert not list(tmp_path.glob("*.fusing"))
    with pytest.raises(UsageError, match="exists already"):
        fuse(str(adapter), tmp_path / "whole", 5)


def test_a_change_that_few_bits_would_lose_is_refused_and_nothing_is_left(base, tmp_path):
    adapter = make_adapter(tmp_path / "mine", size=1e-3, base=str(base))
    with pytest.raises(GateFailed, match="5 bits do not keep what was trained") as refused:
        fuse(str(adapter), tmp_path / "whole", 5)  # the floats lie on the grid of 5 bits: small steps lead nowhere
    assert refused.value.exit_code == 8
    assert not (tmp_path / "whole").exists() and not list(tmp_path.glob("*.fusing"))


def test_a_full_disk_names_the_folder_and_nothing_is_left(base, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as a write says it: without a name

    monkeypatch.setattr("codemode_tui.training.tuning.fuse.run_child", full)
    with pytest.raises(UsageError, match=r"whole\.fusing cannot be written: no space left on device"):
        fuse(str(make_adapter(tmp_path / "mine", size=0.05, base=str(base))), tmp_path / "whole", 5)
    assert not list(tmp_path.glob("whole*"))


def test_what_does_not_fit_into_memory_is_refused_before_anything_is_begun(base, tmp_path, monkeypatch):
    adapter = make_adapter(tmp_path / "mine", size=0.05, base=str(base))
    info = inspect(find_model(str(adapter)))
    has = json.loads((base / "config.json").read_text())
    matrix = 4 * has["num_attention_heads"] * has["head_dim"] * has["hidden_size"]  # of what the last layer attends to
    for gpu, copies in ((False, room.COPIES), (True, room.GPU_COPIES)):
        most = info.bytes + copies * matrix + room.PROGRAM
        room.admit_fuse(info, adapter, 5, Machine(most, "a test", gpu))
        with pytest.raises(EngineError, match=r"fusing mine does not fit into memory: weights .* \(a test\)"):
            room.admit_fuse(info, adapter, 5, Machine(most - 1, "a test", gpu))
    monkeypatch.setattr(room, "machine", lambda: Machine(1 << 20, "a test"))
    monkeypatch.setattr("codemode_tui.training.tuning.fuse.run_child", lambda *_: pytest.fail("started"))
    with pytest.raises(EngineError, match="does not fit"):
        fuse(str(adapter), tmp_path / "whole", 5)
    assert not list(tmp_path.glob("whole*"))


def test_the_largest_matrix_of_a_base_of_few_bits_counts_though_no_adapter_is_for_it(tmp_path):
    adapter = make_adapter(tmp_path / "mine", size=0.05)
    info = inspect(find_model(str(adapter)))
    has = json.loads((locations.bundled_model() / "config.json").read_text())
    most = info.bytes * 17 // 11 + room.ODD_ROUNDED * has["vocab_size"] * has["hidden_size"] + room.PROGRAM
    room.admit_fuse(info, adapter, 8, Machine(most, "a test"))
    with pytest.raises(EngineError, match="does not fit"):
        room.admit_fuse(info, adapter, 8, Machine(most - 1, "a test"))


def test_a_base_of_the_same_bits_and_a_model_that_is_no_adapter_are_refused(base, tmp_path):
    with pytest.raises(ModelError, match="has 5 bits already"):
        fuse(str(make_adapter(tmp_path / "mine", size=0.1)), tmp_path / "whole", 5)
    with pytest.raises(UsageError, match="is no adapter"):
        fuse(str(base), tmp_path / "whole", 5)
