"""Models of the Hugging Face cache: found where the hub keeps them, and held to what it says of them."""

from __future__ import annotations

import hashlib
import shutil

import pytest

from codemode_tui import locations
from codemode_tui.engine.models import cache_dir, find_model, inspect
from codemode_tui.engine.registry import entries
from codemode_tui.engine.spawning import FOLDERS, worker_environment
from codemode_tui.engine.weights import weights_hash
from codemode_tui.errors import ModelError

WEIGHTS = "model.safetensors"
pytestmark = pytest.mark.usefixtures("own_caches")


def test_a_model_of_the_local_cache_is_found_by_its_repository(folder, tmp_path):
    snapshot = tmp_path / "hf" / "hub" / "models--team--tiny" / "snapshots" / "abc"
    shutil.copytree(folder, snapshot)
    assert find_model("team/tiny").path == snapshot
    assert [one.name for one in entries()] == ["bundled", "team/tiny"]


def test_the_profile_of_a_model_of_the_cache_is_guessed_by_the_name_of_its_repository(folder, tmp_path):
    for name in ("punie/stock", "me/punie-5bit"):  # an owner says nothing of how a model was trained
        snapshot = tmp_path / "hf/hub" / f"models--{name.replace('/', '--')}" / "snapshots" / "abc"
        shutil.copytree(folder, snapshot)
        (snapshot / "codemode.json").unlink()
        profile = "phase22" if name == "me/punie-5bit" else "qwen3-coder"
        assert find_model(name).profile == find_model(str(snapshot)).profile == profile


def test_a_broken_model_of_the_cache_does_not_hide_the_others(folder, tmp_path):
    for name, text in (("broken", "{"), ("whole", None)):
        snapshot = tmp_path / "hf" / "hub" / f"models--team--{name}" / "snapshots" / "abc"
        shutil.copytree(folder, snapshot)
        (snapshot / "codemode.json").unlink()
        if text is not None:
            (snapshot / "config.json").write_text(text)
    assert "team/whole" in [one.name for one in entries()]


def test_a_file_of_the_cache_is_held_to_the_hash_that_the_hub_has_of_it(folder, tmp_path):
    data = (folder / WEIGHTS).read_bytes()
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    for digest, whole in ((hashlib.sha256(data).hexdigest(), True), ("0" * 64, False)):
        (blobs / digest).write_bytes(data)
        (folder / WEIGHTS).unlink()
        (folder / WEIGHTS).symlink_to(blobs / digest)
        weights_hash([folder / WEIGHTS])  # what is only looked at is not hashed twice
        if whole:
            weights_hash([folder / WEIGHTS], fresh=True)
            continue
        with pytest.raises(ModelError, match="is damaged: its sha256"):
            weights_hash([folder / WEIGHTS], fresh=True)


@pytest.mark.parametrize("file", [WEIGHTS, "tokenizer.json"])
def test_a_link_of_the_cache_to_nothing_is_told_of_its_model(tmp_path, monkeypatch, file):
    snapshot = tmp_path / "hf" / "hub" / "models--own--one" / "snapshots" / "abc"
    shutil.copytree(locations.bundled_model(), snapshot)
    (snapshot / file).unlink()
    (snapshot / file).symlink_to(tmp_path / "gone")
    with pytest.raises(ModelError, match=file):
        inspect(find_model("own/one"))
    assert [file in one.problem for one in entries() if one.name == "own/one"] == [True]
    (snapshot / "config.json").unlink()
    (snapshot / "config.json").symlink_to(tmp_path / "gone")
    with pytest.raises(ModelError, match="no model"):
        find_model("own/one")


def test_the_cache_is_where_the_hub_has_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert cache_dir() == tmp_path / ".cache" / "huggingface" / "hub"
    for name, value, expected in [
        ("XDG_CACHE_HOME", str(tmp_path / "x"), tmp_path / "x" / "huggingface" / "hub"),
        ("HF_HOME", "~/hf", tmp_path / "hf" / "hub"),
        ("HUGGINGFACE_HUB_CACHE", "$HOME/old", tmp_path / "old"),
        ("HF_HUB_CACHE", "new", tmp_path / "new"),
    ]:
        monkeypatch.setenv(name, value)
        assert cache_dir() == expected
    told = worker_environment({"HF_HUB_CACHE": "new", "HF_HOME": "~/hf", "CODEMODE_HOME": "/here", FOLDERS[-1]: ""})
    assert (told["HF_HUB_CACHE"], told["HF_HOME"], told["CODEMODE_HOME"]) == (str(tmp_path / "new"), "~/hf", "/here")
