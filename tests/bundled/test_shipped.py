"""The folder that is in the wheel."""

import json
import re
from pathlib import Path

import pytest

from codemode_tui import locations
from codemode_tui.bundled.recipe import publish
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.errors import ModelError

MODEL = locations.bundled_model()


def test_it_is_complete_small_and_of_five_bits() -> None:
    assert publish.check(MODEL) == []
    assert sum(file.stat().st_size for file in MODEL.iterdir()) <= publish.LARGEST


def test_it_holds_nothing_else() -> None:
    assert sorted(file.name for file in MODEL.iterdir()) == sorted(publish.FILES)


def test_the_program_finds_it_and_knows_its_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    ref = find_model(None)
    info = inspect(ref)
    assert (ref.profile, info.architecture, info.quantization) == ("bundled", "qwen3", {"bits": 5, "group_size": 64})


def test_its_weights_are_five_bits_with_float32_scales() -> None:
    with (MODEL / "model.safetensors").open("rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    scales = {name: entry["dtype"] for name, entry in header.items() if name.endswith(".scales")}
    assert len(scales) > 20
    assert set(scales.values()) == {"F32"}


def test_its_card_tells_numbers_limits_and_how_to_make_it_again() -> None:
    card = (MODEL / "README.md").read_text("utf-8")
    for heading in ("## What it is for", "## How it was made", "## Measured", "## Limits", "## How to make it again"):
        assert heading in card
    assert "few steps only" not in card
    assert "](loss.svg)" in card
    assert not re.search(r"/(home|tmp|opt|work|Users)/", card)


def test_an_incomplete_model_is_not_published(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    target = tmp_path / "package"
    with pytest.raises(ModelError, match=r"model\.safetensors is missing"):
        publish.publish(tmp_path / "model", target)
    assert not target.exists()


def test_a_model_of_other_bits_is_not_published(tmp_path: Path) -> None:
    for name in publish.FILES:
        (tmp_path / name).write_text("{}")
    assert publish.check(tmp_path) == ["its config does not say 5 bits in groups of 64"]
