"""An adapter is a model of its own: it answers otherwise than its base, and is refused once that has changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import mlx.core as mx
import pytest
from mlx_lm.utils import dequantize_model, load_model
from support.adapters import make_adapter

from codemode_tui import locations
from codemode_tui.engine import generation
from codemode_tui.engine.adapter import adapt
from codemode_tui.engine.api import GenerateRequest, Sampling
from codemode_tui.engine.generation import LoadedModel
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.errors import ModelError
from codemode_tui.protocol.types import Segment


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))


def said(adapter: Path | None) -> str:
    """What the bundled model says with an adapter, greedily."""
    model = LoadedModel(locations.bundled_model(), 0, lambda event: None, adapter=str(adapter or ""))
    prompt = (Segment("<|im_start|>", special=True), Segment("user\nHello"))
    events: list = []
    request = GenerateRequest(prompt, Sampling(max_tokens=12))
    model.generate(request, events.append, lambda: False, None)
    return events[-1].text + " ".join(model.notes[-1:])


@pytest.mark.parametrize("copied", [True, False])
def test_it_changes_what_the_model_says_beside_5_bit_weights_as_in_their_float_copy(tmp_path, monkeypatch, copied):
    monkeypatch.setattr(generation, "wants_float_copy", lambda weights: copied)
    base = said(None).removesuffix("float copy")
    where = "adapter in the float copy" if copied else "adapter beside the weights"
    assert said(make_adapter(tmp_path / "nothing")) == base + where
    assert said(make_adapter(tmp_path / "much", size=3.0)) != base + where


@pytest.mark.parametrize(("dtype", "where"), [(mx.float32, "in the float copy"), (mx.bfloat16, "beside the weights")])
def test_weights_too_coarse_for_a_small_change_do_not_take_it_in(tmp_path, dtype, where):
    model = dequantize_model(load_model(locations.bundled_model())[0])
    model.set_dtype(dtype)
    assert adapt(model, make_adapter(tmp_path / "mine", size=0.1)) == f"adapter {where}"


def test_it_is_described_by_its_own_folder_and_its_base(tmp_path):
    folder = make_adapter(tmp_path / "mine", size=0.1)
    ref, base = find_model(str(folder)), inspect(find_model(None))
    assert (ref.name, ref.path, ref.adapter, ref.profile) == ("mine", locations.bundled_model(), folder, "bundled")
    info = inspect(ref)
    assert info.path == str(folder) and info.quantization == base.quantization and info.bytes > base.bytes
    assert info.adapter and info.adapter.base == "bundled" and info.adapter.base_sha256 == base.weights_sha256
    assert info.weights_sha256 not in ("", base.weights_sha256)
    assert info.tokenizer_sha256 == base.tokenizer_sha256 and info.context_limit == base.context_limit
    scaled = json.loads((folder / "adapter_config.json").read_text())
    scaled["lora_parameters"]["scale"] = 2.0  # the same weights count for more: that is another model
    (folder / "adapter_config.json").write_text(json.dumps(scaled))
    assert inspect(ref).weights_sha256 != info.weights_sha256


def test_a_base_that_has_changed_is_refused_with_what_to_do(tmp_path):
    base = Path(shutil.copytree(locations.bundled_model(), tmp_path / "base"))
    folder = make_adapter(tmp_path / "mine", base=str(base))
    assert inspect(find_model(str(folder))).adapter
    with (base / "model.safetensors").open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\x7f")
    with pytest.raises(ModelError, match=r"has changed since the adapter.*was trained") as refused:
        inspect(find_model(str(folder)), fresh=True)
    assert "codemode train" in refused.value.hint


def no_weights(folder: Path) -> str:
    (folder / "adapters.safetensors").unlink()
    return "has no adapters.safetensors"


def cut_weights(folder: Path) -> str:
    os.truncate(folder / "adapters.safetensors", (folder / "adapters.safetensors").stat().st_size - 4)
    return "bytes instead of"


def no_config(folder: Path) -> str:
    (folder / "adapter_config.json").unlink()
    return "adapter_config.json"


def odd_config(folder: Path) -> str:
    (folder / "adapter_config.json").write_text('{"lora_parameters": []}')
    return "do not describe a model"


def lost_base(folder: Path) -> str:
    marker = json.loads((folder / "codemode.json").read_text())
    (folder / "codemode.json").write_text(json.dumps({**marker, "base": "/nowhere/at/all"}))
    return "no model '/nowhere/at/all'"


def base_at_a_server(folder: Path) -> str:
    marker = json.loads((folder / "codemode.json").read_text())
    (folder / "codemode.json").write_text(json.dumps({**marker, "base": "openai:http://127.0.0.1:9#A"}))
    return "is at a server"


def its_own_base(folder: Path) -> str:
    other = make_adapter(folder.parent / "other")
    marker = json.loads((folder / "codemode.json").read_text())
    (folder / "codemode.json").write_text(json.dumps({**marker, "base": str(other)}))
    return "is an adapter itself"


def itself_for_base(folder: Path) -> str:
    marker = json.loads((folder / "codemode.json").read_text())
    (folder / "codemode.json").write_text(json.dumps({**marker, "base": str(folder)}))
    return "is an adapter itself"


def each_other_for_base(folder: Path) -> str:
    its_own_base(folder)
    marker = json.loads((folder.parent / "other" / "codemode.json").read_text())
    (folder.parent / "other" / "codemode.json").write_text(json.dumps({**marker, "base": str(folder)}))
    return "is an adapter itself"


SPOILT = [
    no_weights, cut_weights, no_config, odd_config, lost_base, base_at_a_server, its_own_base, itself_for_base,
    each_other_for_base,
]  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_a_folder_that_is_not_whole_says_what_is_wrong(tmp_path, spoil):
    folder = make_adapter(tmp_path / "mine")
    message = spoil(folder)
    with pytest.raises(ModelError) as refused:
        inspect(find_model(str(folder)))
    assert message in refused.value.line() and refused.value.hint


@pytest.mark.parametrize(
    ("change", "message"), [("nan", "not finite"), ("rank", "does not fit"), ("half", "not whole")]
)
def test_layers_that_do_not_belong_are_not_loaded(tmp_path, change, message):
    folder = make_adapter(tmp_path / "mine", fill=float("nan") if change == "nan" else None)
    config = json.loads((folder / "adapter_config.json").read_text())
    if change == "rank":
        config["lora_parameters"]["rank"] = 5
    elif change == "half":
        config["num_layers"] = 2
    (folder / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=message):
        said(folder)
