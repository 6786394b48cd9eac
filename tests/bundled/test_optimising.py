"""What training does to weights: orthogonal updates, and the rounding that is learnt with."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="torch is only in the recipe extra")

from codemode_tui.bundled.recipe.muon import Muon, orthogonal  # noqa: E402
from codemode_tui.bundled.recipe.network import Network, Shape  # noqa: E402
from codemode_tui.bundled.recipe.rounding import rounded, rounding  # noqa: E402

WEIGHTS = "torch.sin(torch.arange(64 * 256.0)).reshape(64, 256) * torch.arange(64)[:, None]"
AGAINST_MLX = f"""
import sys, mlx.core as mx, torch, numpy
from codemode_tui.bundled.recipe.rounding import rounded
weights = {WEIGHTS}
theirs = mx.dequantize(*mx.quantize(mx.array(weights.numpy()), 64, 5), 64, 5)
sys.exit(int(not numpy.allclose(numpy.array(theirs), rounded(weights).numpy(), atol=1e-6)))
"""


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
