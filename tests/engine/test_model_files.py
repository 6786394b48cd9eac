"""The files of a model may hold anything: it is described, or said what is wrong."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from codemode_tui import locations
from codemode_tui.engine.loadable import check_tokens
from codemode_tui.engine.machine_memory import Machine
from codemode_tui.engine.memory import admit
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.engine.registry import entry
from codemode_tui.engine.weights import check_shard
from codemode_tui.errors import EngineError, ModelError
from codemode_tui.settings import EngineSettings

WEIGHTS = "model.safetensors"


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path_factory.mktemp("home")))


NUMBERS = st.one_of(st.integers(-5, 1 << 70), st.floats(), st.booleans(), st.none(), st.text(max_size=3))
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "dtype": st.sampled_from(["F32", "U32", "Q99"]) | NUMBERS,
        "shape": st.lists(NUMBERS, max_size=3) | NUMBERS,
        "data_offsets": st.lists(NUMBERS, max_size=3) | NUMBERS,
    },
)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=64) | st.dictionaries(st.text(max_size=4), ENTRIES | NUMBERS, max_size=3) | NUMBERS)
def test_a_weight_file_of_any_content_is_whole_or_says_that_it_is_not(content):
    header = content if isinstance(content, bytes) else json.dumps(content).encode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / WEIGHTS
        for data in (header, struct.pack("<Q", len(header)) + header):
            file.write_bytes(data)
            with contextlib.suppress(ModelError):
                check_shard(file)


@settings(max_examples=40, deadline=None)
@example("num_hidden_layers", 7_807_946_784)
@given(st.sampled_from(sorted(json.loads((locations.bundled_model() / "config.json").read_text()))), NUMBERS)
def test_a_config_with_any_value_is_described_or_refused(key, value):
    ref = find_model(None)
    config = {**json.loads((ref.path / "config.json").read_text()), key: value}
    here = Machine(1 << 35, "available memory")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ref.path.iterdir():
            if file.name != "config.json":
                (folder / file.name).symlink_to(file)
        (folder / "config.json").write_text(json.dumps(config))
        with contextlib.suppress(ModelError, EngineError):
            found = find_model(name)
            entry(found, name, "folder")
            admit(found, EngineSettings(), here)


def test_two_shards_and_their_index_make_a_whole_model_and_one_does_not(tmp_path):
    folder = Path(shutil.copytree(locations.bundled_model(), tmp_path / "model"))
    tensors = load_file(folder / WEIGHTS)
    names = sorted(tensors)
    (folder / WEIGHTS).unlink()
    parts = {f"model-0000{n + 1}-of-00002.safetensors": names[n::2] for n in range(2)}
    for file, own in parts.items():
        save_file({name: tensors[name] for name in own}, folder / file)
    table = {name: file for file, own in parts.items() for name in own}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": table}))
    assert inspect(find_model(str(folder))).bytes == sum((folder / file).stat().st_size for file in parts)
    second = folder / "model-00002-of-00002.safetensors"
    os.truncate(second, second.stat().st_size // 2)
    with pytest.raises(ModelError, match="bytes instead of"):
        inspect(find_model(str(folder)))
    second.unlink()
    with pytest.raises(ModelError, match="is missing, but the index names it"):
        inspect(find_model(str(folder)))


@pytest.mark.parametrize("size", ["lots", float("inf"), [1]])
def test_a_vocabulary_without_a_number_is_said_so(size):
    with pytest.raises(ModelError, match="vocab_size"):
        check_tokens(locations.bundled_model(), {"vocab_size": size})


def test_a_tokenizer_whose_ids_are_words_is_none(tmp_path):
    table = json.loads((locations.bundled_model() / "tokenizer.json").read_text())
    table["model"]["vocab"] = {"a": "x"}
    (tmp_path / "tokenizer.json").write_text(json.dumps(table))
    with pytest.raises(ModelError, match="is no tokenizer"):
        check_tokens(tmp_path, {})
