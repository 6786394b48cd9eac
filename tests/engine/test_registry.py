"""The list of models: what is here, and why it could not answer."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from codemode_tui import locations
from codemode_tui.engine import choice
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.engine.registry import describe, entries

BUNDLED = locations.bundled_model()


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.chdir(tmp_path)


def cached(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / "hf" / "hub" / f"models--{name.replace('/', '--')}" / "snapshots" / "abc"
    return Path(shutil.copytree(BUNDLED, folder))


def test_an_entry_has_all_that_one_wants_to_know_of_a_model():
    one = describe("bundled", "bundled")
    assert one.problem == "" and one.source == "bundled" and one.bytes == (BUNDLED / "model.safetensors").stat().st_size
    assert one.quantization == {"bits": 5, "group_size": 64}
    assert (one.architecture, one.context_limit, one.profile, one.guessed) == ("qwen3", 2048, "bundled", "")
    assert (
        {"<|endoftext|>", "<|im_end|>"} <= set(one.end_tokens)
        and len(one.end_ids) == len(one.end_tokens)
        and one.template.startswith("ChatML")
    )


def test_folders_that_were_chosen_or_loaded_are_listed_until_they_are_gone(tmp_path):
    for name in ("chosen", "loaded", "unused"):
        shutil.copytree(BUNDLED, name)
    choice.use("chosen")
    choice.back()
    inspect(find_model("loaded"))
    assert [one.name for one in entries()] == ["bundled", str(tmp_path / "chosen"), str(tmp_path / "loaded")]
    assert all(find_model(one.name) for one in entries())
    shutil.rmtree("chosen")
    assert [one.name for one in entries()] == ["bundled", str(tmp_path / "loaded")]


def test_a_guess_is_said_to_be_one(tmp_path):
    folder = cached(tmp_path, "team/guess")
    (folder / "codemode.json").unlink()
    one = describe("team/guess", "cache")
    assert one.profile == "qwen3-coder" and "qwen3" in one.guessed


def test_models_of_the_cache_that_broke_say_so_and_those_of_other_programs_are_left_out(tmp_path):
    os.truncate(cached(tmp_path, "team/cut") / "model.safetensors", 5000)
    other = cached(tmp_path, "team/other") / "config.json"
    other.write_text(json.dumps({**json.loads(other.read_text()), "model_type": "an_image_model"}))
    (cached(tmp_path, "team/bin") / "model.safetensors").unlink()
    (cached(tmp_path, "team/listed") / "config.json").write_text("[]")
    found = {one.name: one.problem for one in entries()}
    assert set(found) == {"bundled", "team/cut", "team/listed"}
    assert "cut off" in found["team/cut"] and "JSON object" in found["team/listed"]


def test_a_model_that_is_said_to_be_its_own_base_is_listed_with_what_is_wrong(tmp_path):
    (cached(tmp_path, "team/loop") / "codemode.json").write_text('{"base": "team/loop", "base_sha256": ""}')
    assert {one.name: "is an adapter itself" in one.problem for one in entries()} == {
        "bundled": False,
        "team/loop": True,
    }


def test_a_download_that_is_not_finished_is_no_model(tmp_path):
    (cached(tmp_path, "team/half") / "config.json").unlink()
    assert [one.name for one in entries()] == ["bundled"]
