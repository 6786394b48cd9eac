"""The loop on the real bundled weights: it learns, goes on as if it had never been stopped, and never writes NaN."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest
from mlx_lm.utils import dequantize_model, load_model
from msgspec.structs import replace

from codemode_tui import locations
from codemode_tui.engine.tuning import loop
from codemode_tui.engine.tuning.batches import padded
from codemode_tui.engine.tuning.fusing import Lost, check_kept, lost_layers, retained, rounded
from codemode_tui.engine.tuning.job import Train
from codemode_tui.engine.tuning.loop import Run, add_layers, mean_loss, write_arrays
from codemode_tui.errors import EngineError, ModelError

ROWS = [([5, 6, 7, 8, 9, 10, 11, 12], [False] * 4 + [True] * 4), ([9, 3, 44, 51, 60], [False, False, True, True, True])]
JOB = Train(
    model="", iters=4, learning_rate=5e-3, rank=2, scale=8.0, layers=2, batch_tokens=128, max_tokens=64, base_share=0.0,
    seed=1,
)  # fmt: skip


def model(job: Train = JOB):
    made, *_ = load_model(locations.bundled_model())
    made = dequantize_model(made)
    add_layers(made, job)
    return made


def test_a_stopped_run_goes_on_as_if_it_had_never_stopped(tmp_path):
    whole = model()
    before = mean_loss(whole, ROWS, 128)
    straight = Run(whole, JOB, tmp_path / "a.safetensors", lambda event: None)
    straight.train([ROWS], ROWS[:1], lambda: False)
    assert mean_loss(whole, ROWS, 128) < before
    steps = iter([False, False, True])
    first = Run(model(), JOB, tmp_path / "b.safetensors", lambda event: None)
    first.train([ROWS], [], lambda: next(steps))
    assert first.step == 2
    told: list = []
    second = Run(model(), JOB, tmp_path / "b.safetensors", told.append)
    assert second.step == 2
    second.train([ROWS], [], lambda: False)
    assert (told[0].step, told[-1].step) == (3, 4)
    one, other = straight.weights(), second.weights()
    assert one.keys() == other.keys()
    assert all(np.allclose(one[name], other[name], atol=1e-5) for name in one)


def test_rows_that_are_kept_cost_nothing_until_the_model_says_something_else():
    made = model()
    ids, targets = (mx.array(part) for part in padded(ROWS, 8))
    assert loop.loss(made, ids, targets, mx.array([[True], [True]]))[0].item() == pytest.approx(0, abs=1e-6)
    for _, module in made.named_modules():
        if "lora_b" in module:
            module.lora_b = mx.random.normal(module.lora_b.shape) * 0.05
    kept, learnt = (loop.loss(made, ids, targets, mx.array([[both], [both]]))[0].item() for both in (True, False))
    assert 1e-4 < kept < learnt == pytest.approx(loop.loss(made, ids, targets)[0].item(), rel=1e-5)


def test_the_loss_that_is_told_is_of_what_is_learnt_not_of_what_is_kept(tmp_path):
    told: list = []
    own, base = ROWS[:1], ROWS[1:]
    made = model()
    before = mean_loss(made, own, 128)
    Run(made, replace(JOB, iters=1, base_share=0.5), tmp_path / "d.safetensors", told.append).train(
        [own, base], [], lambda: False
    )
    (step,) = told
    assert step.loss == pytest.approx(before, abs=1e-3) and step.tokens % 4 == 0 and step.tokens > 0
    ids, targets = (mx.array(part) for part in padded(ROWS, 8))
    mean, learnt, count = loop.loss(made, ids, targets, mx.array([[False], [True]]))
    assert count.item() == 4 and mean.item() < learnt.item() / count.item()


def test_a_loss_that_is_no_number_ends_the_run_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(
        loop, "loss", lambda made, ids, *others: (made(ids).sum() * float("nan"), mx.array(0.0), mx.array(1))
    )
    run = Run(model(), JOB, tmp_path / "c.safetensors", lambda event: None)
    with pytest.raises(EngineError, match="not a number at step 1"):
        run.train([ROWS], [], lambda: False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("learning_rate", "when", "way_out"), [(5e-3, 0, "model verify"), (1e30, 1, "--learning-rate")]
)
def test_a_validation_that_is_no_number_is_told_in_words(tmp_path, learning_rate, when, way_out):
    made = model()
    if when == 0:
        made.model.norm.weight = made.model.norm.weight * float("nan")
    told: list = []
    run = Run(made, replace(JOB, iters=1, learning_rate=learning_rate), tmp_path / "c.safetensors", told.append)
    with pytest.raises(EngineError, match=rf"kept back is not a number at step {when}") as caught:
        run.train([ROWS], ROWS[:1], lambda: False)
    assert way_out in caught.value.hint and not list(tmp_path.iterdir())


@pytest.mark.parametrize(("sets", "times"), [([ROWS], 1), ([ROWS[:1], ROWS[1:]], 2)])
def test_what_the_model_said_before_is_worked_out_only_where_it_is_kept(tmp_path, monkeypatch, sets, times):
    made = model()
    read, forward = [], type(made).__call__
    monkeypatch.setattr(type(made), "__call__", lambda *given: read.append(1) or forward(*given))
    Run(made, replace(JOB, iters=1, base_share=0.5), tmp_path / "e.safetensors", lambda event: None).train(
        sets, [], lambda: False
    )
    assert len(read) == times


def test_of_many_rows_kept_back_some_from_all_over_are_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "MOST_VALID", 4)
    told: list = []
    made = model()
    before = mean_loss(made, ROWS, 128)
    run = Run(made, replace(JOB, iters=1), tmp_path / "f.safetensors", told.append)
    run.train([ROWS], [*ROWS[:1] * 6, *ROWS[1:] * 6], lambda: False)
    assert told[0].loss == pytest.approx(before, abs=1e-3)


def test_a_full_disk_leaves_the_last_checkpoint_as_it_is(tmp_path, monkeypatch):
    file = tmp_path / "c.safetensors"
    write_arrays(file, {"a": mx.zeros(4)})
    kept = file.read_bytes()

    def cut(path, arrays, notes):
        with open(path, "wb") as stream:
            stream.write(kept[:-4])

    monkeypatch.setattr(loop.mx, "save_safetensors", cut)
    with pytest.raises(OSError, match="no space left"):
        write_arrays(file, {"a": mx.ones(4)})
    assert file.read_bytes() == kept and list(tmp_path.iterdir()) == [file]


def test_what_few_bits_keep_of_a_change_is_measured_block_by_block():
    made = model()
    for _, module in made.named_modules():
        if hasattr(module, "lora_b"):
            module.lora_b = mx.random.normal(module.lora_b.shape) * 0.05
    kept = retained(made, 5, 64)
    assert list(kept) == ["layers.6", "layers.7"]
    assert all(delta > 0.01 and 0.9 < share < 1.1 for delta, share in kept.values())
    assert not lost_layers(kept, 0.7)
    assert lost_layers({"layers.0": (0.05, 0.4), "layers.1": (0.05, 0.9)}, 0.7) == {"layers.0": 0.4}
    assert lost_layers({"layers.0": (0.05, 17.8)}, 0.7) == {"layers.0": 17.8}
    assert lost_layers({"layers.0": (0.001, 0.1), "layers.1": (0.001, 0.2)}, 0.7) == pytest.approx(
        {"the small changes": 0.15}
    )


@pytest.mark.parametrize(
    ("kept", "said", "longer"),
    [(1.43, r"layers.0: 1.430 of it: .* above 1.429 it is mostly rounding", False),
     (0.2, r"layers.0: 0.200 of it: below 0.700 it is lost", True)],
)  # fmt: skip
def test_a_fuse_is_refused_with_the_limit_that_it_breaks(kept, said, longer):
    with pytest.raises(Lost, match=said) as refused:
        check_kept({"layers.0": (0.05, kept)}, 4, 0.7)
    assert ("longer" in refused.value.hint) == longer


def test_what_is_kept_of_a_small_change_to_bfloat16_weights_is_what_the_fused_model_has_of_it():
    """Of a twentieth of a percent: added up in bfloat16, most of it would be gone before it is measured."""
    made, known = model(), {}
    for name, module in made.named_modules():
        if hasattr(module, "lora_b"):
            module.linear.weight = (mx.random.normal(module.linear.weight.shape) * 0.02).astype(mx.bfloat16)
            module.lora_b = mx.random.normal(module.lora_b.shape) * 2e-5
            change = module.scale * (module.lora_a @ module.lora_b).T
            known[name] = module.linear.weight.astype(mx.float32), change

    def read(codes, *scales):
        floats = [part.astype(mx.bfloat16).astype(mx.float32) for part in scales]
        return mx.dequantize(codes, *floats, group_size=64, bits=8)

    measured = retained(made, 8, 64)
    fused = dict(rounded(made, {}, 8, 64)[0].named_modules())
    for block, (size, share) in measured.items():
        weights = changes = left = 0.0
        for name in (name for name in known if name.startswith(f"model.{block}.")):
            (before, change), layer = known[name], fused[name]
            assert layer.scales.dtype == mx.bfloat16
            moved = read(layer.weight, layer.scales, layer.biases) - read(*mx.quantize(before, 64, 8))
            weights += (before * before).sum().item()
            changes += (change * change).sum().item()
            left += (moved * change).sum().item()
        assert size == pytest.approx((changes / weights) ** 0.5, rel=1e-3) and size < 1e-3
        assert share == pytest.approx(left / changes, abs=1e-3) and share > 0.7


def test_the_whole_model_is_never_there_in_float32_while_it_is_rounded():
    made = model(replace(JOB, layers=-1))
    sizes = [layer.linear.weight.nbytes for _, layer in made.named_modules() if hasattr(layer, "lora_b")]
    mx.eval(made.parameters())
    mx.reset_peak_memory()
    before = mx.get_active_memory()
    mx.eval(rounded(made, {}, 8, 64)[0].parameters())
    assert mx.get_peak_memory() - before < min(sum(sizes) / 2, 8 * max(sizes))


def test_a_change_that_is_no_number_is_named_and_not_measured():
    made = model()
    for name, module in made.named_modules():
        if hasattr(module, "lora_b"):
            module.lora_b = mx.full(module.lora_b.shape, float("nan") if "layers.7" in name else 0.05)
    with pytest.raises(ModelError, match=r"not finite together \(layers\.7\)"):
        retained(made, 5, 64)
