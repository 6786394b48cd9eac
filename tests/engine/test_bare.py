"""Plain mlx-lm in a process of its own, which benchmarks compare with."""

from __future__ import annotations

import json
import os
import signal

import pytest
from support.adapters import make_adapter

from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.bare import BareModel
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.errors import EngineError
from codemode_tui.protocol.types import Segment


@pytest.fixture
async def bare(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    made = BareModel()
    yield made
    await made.close()


async def test_it_says_exactly_the_tokens_of_its_script(bare):
    assert await bare.start(inspect(find_model(None))) > 0
    ids = await bare.encode((Segment("<|im_start|>", special=True), Segment("user\nHello")))
    assert len(ids) > 2
    pace = await bare.follow(ids, ids[1:] * 3)
    assert pace.tokens == 3 * len(ids[1:]) and pace.first_seconds > 0 and pace.rest_seconds > 0


async def test_it_knows_what_a_token_reads(bare):
    ref = find_model(None)
    await bare.start(inspect(ref))
    weight = await bare.weigh()
    assert weight.bytes_per_token >= inspect(ref).bytes * 0.9  # tied embeddings: everything is read
    assert weight.kv_bytes_per_token > 0 and weight.bandwidth > 0


async def test_a_model_of_48_thin_layers_is_whole_and_reads_only_the_experts_that_are_asked(bare, tmp_path):
    folder = tmp_path / "thin"
    await bare.make_thin(folder, find_model(None).path)
    info = inspect(find_model(str(folder)))
    assert info.architecture == "qwen3_moe" and info.quantization == {"bits": 5, "group_size": 64}
    await bare.start(info)
    assert (await bare.follow((5, 6, 7), (8, 9))).tokens == 2
    weight = await bare.weigh()
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    held = index["metadata"]["total_parameters"] * 4 if weight.float_copy else info.bytes
    assert weight.bytes_per_token < held * 0.9


async def test_an_adapter_is_measured_with_the_base_that_it_changes(bare, tmp_path):
    await bare.start(inspect(find_model(str(make_adapter(tmp_path / "mine", size=1.0)))))
    ids = await bare.encode((Segment("Hello"),))
    assert (await bare.follow(ids, (8, 9))).tokens == 2


async def test_a_folder_that_is_no_model_is_an_error_in_one_line(bare, tmp_path):
    with pytest.raises(EngineError, match="bare mlx-lm failed") as error:
        await bare.start(ModelInfo("none", str(tmp_path), 0, None, "", "bundled"))
    assert "\n" not in error.value.line()


async def test_a_killed_process_is_an_error_and_closing_twice_is_none(bare):
    await bare.start(inspect(find_model(None)))
    os.kill(bare._process.pid, signal.SIGKILL)
    with pytest.raises(EngineError, match="ended unexpectedly"):
        await bare.follow((5, 6), (7, 8))
    await bare.close()
    await bare.close()
    with pytest.raises(EngineError, match="not running"):
        await bare.weigh()
