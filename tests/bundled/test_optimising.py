"""What training does to weights: orthogonal updates, and the rounding that is learnt with."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is only in the recipe extra")

from safetensors.torch import load_file  # noqa: E402

from codemode_tui.bundled.recipe import attention, stages  # noqa: E402
from codemode_tui.bundled.recipe.copying import Batch  # noqa: E402
from codemode_tui.bundled.recipe.export import export  # noqa: E402
from codemode_tui.bundled.recipe.muon import Muon, orthogonal  # noqa: E402
from codemode_tui.bundled.recipe.network import Network, Shape  # noqa: E402
from codemode_tui.bundled.recipe.precision import quick  # noqa: E402
from codemode_tui.bundled.recipe.restored import TOKENIZER  # noqa: E402
from codemode_tui.bundled.recipe.rounding import rounded, rounding  # noqa: E402
from codemode_tui.bundled.recipe.settings import TINY  # noqa: E402
from codemode_tui.bundled.recipe.trainer import Plan, train  # noqa: E402
from codemode_tui.errors import ModelError  # noqa: E402

WEIGHTS = "torch.sin(torch.arange(64 * 256.0)).reshape(64, 256) * torch.arange(64)[:, None]"
AGAINST_MLX = f"""
import sys, mlx.core as mx, torch, numpy
from codemode_tui.bundled.recipe.rounding import rounded
weights = {WEIGHTS}
theirs = mx.dequantize(*mx.quantize(mx.array(weights.numpy()), 64, 5), 64, 5)
sys.exit(int(not numpy.allclose(numpy.array(theirs), rounded(weights).numpy(), atol=1e-6)))
"""


@pytest.mark.parametrize("instructions", ["_is_avx512_bf16_supported", "_is_amx_tile_supported"])
def test_a_cpu_multiplies_in_bfloat16_only_where_it_has_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch, instructions: str
) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False)
    assert quick("cpu") == torch.float32
    assert quick("cuda") == torch.bfloat16
    monkeypatch.setattr(torch.cpu, instructions, lambda: True)
    assert quick("cpu") == torch.bfloat16


def test_singular_values_come_near_one_whatever_the_shape() -> None:
    torch.manual_seed(1)
    for shape in ((2, 32, 32), (3, 16, 64), (1, 64, 16)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape)).float())
        assert (values > 0.3).all()
        assert (values < 1.4).all()


def test_muon_goes_downhill() -> None:
    torch.manual_seed(1)
    matrix = torch.nn.Parameter(torch.randn(8, 8))
    optimizer = Muon([matrix], 0.05)
    losses = []
    for _ in range(60):
        loss = (matrix**2).sum()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.3 * losses[0]


def test_weights_are_rounded_as_mlx_rounds_them() -> None:
    done = subprocess.run([sys.executable, "-c", AGAINST_MLX], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_weights_are_rounded_within_the_block_alone() -> None:
    layer = torch.nn.Linear(64, 64)
    exact, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
    with rounding(layer, on=True):
        assert torch.equal(layer.weight, rounded(exact))
        assert not torch.equal(layer.weight, exact)
        assert torch.equal(layer.bias, bias)
        layer(torch.ones(1, 64)).sum().backward()
    assert torch.equal(layer.weight, exact)
    assert layer.weight.grad is not None


def test_conversations_of_one_row_see_what_they_see_alone() -> None:
    torch.manual_seed(1)
    network = Network(Shape(vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, head_dim=8))
    first, second = torch.randint(7, 64, (1, 9)), torch.randint(7, 64, (1, 6))
    together = network(torch.cat([first, torch.zeros(1, 1, dtype=torch.long), second], dim=1))
    assert torch.allclose(together[:, :9], network(first, alone=True), atol=1e-5)
    assert torch.allclose(together[:, 10:], network(second, alone=True), atol=1e-5)


def test_attention_by_blocks_has_the_gradients_of_the_plain_one() -> None:
    torch.manual_seed(1)
    length = 2 * attention.CHUNK + 5
    q = torch.randn(2, 4, length, 16, requires_grad=True)
    k, v = (torch.randn(2, 2, length, 16, requires_grad=True) for _ in range(2))
    wanted = torch.randn(2, 4, length, 16)
    plain = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
    expected = torch.autograd.grad(plain, (q, k, v), wanted)
    blocks = attention.Causal.apply(q, k, v)
    assert torch.allclose(blocks, plain, atol=1e-5)
    for found, right in zip(torch.autograd.grad(blocks, (q, k, v), wanted), expected, strict=True):
        assert torch.allclose(found, right, atol=1e-4)


def test_logits_of_chosen_places_are_those_of_all() -> None:
    network = Network(Shape(vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1, head_dim=8))
    ids = torch.randint(7, 64, (2, 9))
    at = ids > 30
    assert torch.allclose(network(ids, at, alone=True), network(ids, alone=True)[at], atol=1e-6)


SMALL = Shape(vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1, head_dim=8)


def batches(key: str) -> Iterator[Batch]:
    """The same row for ever: its steps are all alike."""
    while True:
        ids = np.arange(7, 39).reshape(2, 16)
        yield ids, np.roll(ids, -1, axis=1)


def test_a_running_mean_of_the_weights_is_kept_goes_on_and_is_exported(tmp_path: Path) -> None:
    plan = Plan("talk", 3, 0.01, warm_up=1, mean=0.9, save_every=1, compiled=False, alone=True)
    first = torch.load(train(plan, tmp_path, batches, seed=1, shape=SMALL), weights_only=False)
    later = torch.load(
        train(dataclasses.replace(plan, steps=4), tmp_path, batches, seed=1, shape=SMALL), weights_only=False
    )
    for name, mean in first["mean"].items():
        assert not torch.equal(mean, first["weights"][name])
        slow = 4 / 24
        assert torch.allclose(later["mean"][name], slow * mean + (1 - slow) * later["weights"][name], atol=1e-6)
    for name in TOKENIZER:
        (tmp_path / name).touch()
    exported = load_file(export(tmp_path / "talk.pt", tmp_path, tmp_path / "float") / "model.safetensors")
    assert all(torch.equal(exported[name], mean) for name, mean in later["mean"].items())


def test_the_loss_is_a_mean_also_of_fewer_steps_than_usual(tmp_path: Path) -> None:
    plan = Plan("talk", 30, 1e-9, compiled=False, alone=True)
    for steps in (30, 60):  # as if stopped at step 30, between two lines of the curve
        train(dataclasses.replace(plan, steps=steps), tmp_path, batches, seed=1, shape=SMALL)
    losses = [json.loads(line)["loss"] for line in (tmp_path / "talk.jsonl").read_text().splitlines()]
    assert len(losses) == 3
    assert max(losses) - min(losses) < 0.01


def test_a_phase_goes_on_with_other_steps_but_not_with_other_batches(tmp_path: Path) -> None:
    def go(steps: int, rate: float = 0.01, tokens: int = 8) -> int:
        settings = {"steps": steps, "rate": rate, "tokens": tokens}
        plan = Plan("talk", steps, rate, compiled=False, alone=True, settings=settings, changeable=("steps", "rate"))
        return int(torch.load(train(plan, tmp_path, batches, seed=1, shape=SMALL), weights_only=False)["step"])

    go(2)
    saved = torch.load(tmp_path / "talk.pt", weights_only=False)
    torch.save({key: value for key, value in saved.items() if key != "settings"}, tmp_path / "talk.pt")
    assert go(3, tokens=9) == 3  # earlier code kept no settings
    assert go(3, tokens=9) == 3
    assert go(4, 0.02, 9) == 4
    for steps, rate, tokens, told in ((5, 0.02, 8, "tokens 8 .before: 9"), (4, 0.03, 9, "rate 0.03 .before: 0.02")):
        with pytest.raises(ModelError, match=told) as error:
            go(steps, rate, tokens)
        assert "--start-at talk" in (error.value.hint or "")
    assert torch.load(tmp_path / "talk.pt", weights_only=False)["settings"]["rate"] == 0.02


def test_a_finished_stage_is_not_told_to_be_what_it_is_not(tmp_path: Path) -> None:
    settings = dataclasses.replace(TINY, batch_tokens=512, copy_steps=1)
    faster = dataclasses.replace(settings, learning_rate=0.5)
    copy = stages.STAGES[stages.NAMES.index("copy")]
    stages.adopt(("tokenizer",), tmp_path, settings)
    stages.perform(copy, tmp_path, settings)
    before = (tmp_path / "done" / "copy.json").read_text()
    with pytest.raises(ModelError, match=r"learning_rate 0\.5 .before: 0\.003"):
        stages.perform(copy, tmp_path, faster)
    assert (tmp_path / "done" / "copy.json").read_text() == before
    (tmp_path / "tok").mkdir()
    (tmp_path / "tok" / "tokenizer.json").touch()
    stages.start_at("copy", tmp_path, faster)
    stages.perform(copy, tmp_path, faster)
    assert torch.load(tmp_path / "copy.pt", weights_only=False)["settings"]["learning_rate"] == 0.5
