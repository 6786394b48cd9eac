"""What a model keeps of its training, and its weights as the start of more."""

import json
from pathlib import Path

import numpy as np
import pytest

from codemode_tui import locations
from codemode_tui.bundled.recipe import provenance, restored
from codemode_tui.bundled.recipe.provenance import Training, rises
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.errors import ModelError


def test_training_from_nothing_is_told_as_it_went(tmp_path: Path) -> None:
    curve(tmp_path / "talk.jsonl", (20, 3.0), (40, 2.0))
    done = provenance.told(tmp_path, {"copy_step": 5, "step": 40, "ids": 80}, Settings())
    assert done == Training(5, 40, 80, "", {"copy": [], "talk": [(20, 3.0), (40, 2.0)]})


def test_training_further_adds_to_what_the_model_before_tells(tmp_path: Path) -> None:
    provenance.write(tmp_path, Training(5, 40, 80, "Made in a day.", {"copy": [(5, 6.0)], "talk": [(40, 2.0)]}))
    curve(tmp_path / "talk.jsonl", (20, 1.5))
    done = provenance.told(tmp_path, {"copy_step": 0, "step": 25, "ids": 50}, Settings(averaged=0.5))
    assert (done.copy_step, done.step, done.ids) == (5, 65, 130)
    assert done.curves == {"copy": [(5, 6.0)], "talk": [(40, 2.0), (60, 1.5)]}
    assert done.history.startswith("Made in a day. Then 25 steps of 131,072 ids")
    assert done.history.endswith("50 % went into the result.")


def test_what_is_kept_beside_the_weights_is_read_again(tmp_path: Path) -> None:
    done = Training(5, 40, 80, "Ünder way.", {"copy": [(5, 6.0)], "talk": []})
    provenance.write(tmp_path, done)
    assert provenance.read(tmp_path) == done


@pytest.mark.parametrize("bits", [3, 4, 5, 6, 8])
def test_quantised_weights_are_multiplied_out_as_mlx_does_it(bits: int) -> None:
    mx = pytest.importorskip("mlx.core", reason="mlx is not installed")
    weights = mx.random.normal((24, 128))
    packed, scales, biases = mx.quantize(weights, group_size=64, bits=bits)
    arrays = {"a.weight": packed, "a.scales": scales, "a.biases": biases, "norm.weight": weights[0]}
    found = restored.exact({name: np.array(array) for name, array in arrays.items()}, bits=bits, group=64)
    assert set(found) == {"a.weight", "norm.weight"}
    np.testing.assert_allclose(
        found["a.weight"], mx.dequantize(packed, scales, biases, group_size=64, bits=bits), atol=1e-6
    )


def test_a_model_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))
    with pytest.raises(ModelError, match=r"has no training\.json"):
        restored.restore(tmp_path, tmp_path / "work")


def test_a_damaged_account_is_said_before_anything_is_trained(tmp_path: Path) -> None:
    model = whole(tmp_path / "model")
    (model / provenance.TRAINING).write_text('{"step": 4')
    with pytest.raises(ModelError, match="does not tell of a training"):
        restored.restore(model, tmp_path / "work")


def test_a_work_folder_of_another_model_is_not_taken_for_this_one(tmp_path: Path) -> None:
    model, work = whole(tmp_path / "model"), tmp_path / "work"
    work.mkdir()
    provenance.write(work, Training(step=3))
    with pytest.raises(ModelError, match="holds other work"):
        restored.restore(model, work)
    provenance.write(work, provenance.read(model))
    restored.restore(model, work)  # that was restored before


def test_damaged_weights_and_a_full_disk_are_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="torch is only in the recipe extra")
    model = whole(tmp_path / "model")
    with pytest.raises(ModelError, match="is damaged"):
        restored.restore(model, tmp_path / "work")

    def full(*_: object) -> None:
        raise RuntimeError("unexpected pos")  # what torch says then

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(ModelError, match="cannot be written"):
        restored.restore(locations.bundled_model(), tmp_path / "work")
    assert not (tmp_path / "work" / provenance.TRAINING).exists()


def test_a_run_that_was_prolonged_is_told_from_one_that_went_as_planned() -> None:
    warm = [(20, 0.0004), (40, 0.0008), (60, 0.002), (80, 0.002)]
    planned = [*warm, (100, 0.0015), (120, 0.001), (140, 0.0005)]
    assert rises(planned) == []
    assert rises([*planned, (160, 0.0012), (180, 0.0007)]) == [160]
    assert rises([*planned, (160, 0.0007), (180, 0.001), (200, 0.0012), (220, 0.0002)]) == [160]
    assert rises([]) == []


def whole(model: Path) -> Path:
    model.mkdir()
    for name in ("config.json", "model.safetensors", *restored.TOKENIZER):
        (model / name).write_text("{}")
    provenance.write(model, Training(step=40))
    return model


def curve(path: Path, *points: tuple[int, float]) -> None:
    path.write_text("".join(json.dumps({"step": step, "loss": loss}) + "\n" for step, loss in points))
