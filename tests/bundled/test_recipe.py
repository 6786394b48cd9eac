"""The whole recipe, a few steps of each stage, in processes of its own and without a network."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from codemode_tui.bundled.recipe import markers, publish, stages
from codemode_tui.bundled.recipe.settings import TINY, Settings
from codemode_tui.errors import ModelError

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is only in the recipe extra")


def recipe(work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "codemode_tui.bundled.recipe", "--work", str(work), *arguments]
    environment = {**os.environ, "CODEMODE_HOME": str(work / "home"), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=900)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder with everything in it."""
    work = tmp_path_factory.mktemp("recipe") / "work"
    done = recipe(work, "--tiny")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return work


@needs_torch
@pytest.mark.slow
def test_one_command_makes_a_model_that_could_be_shipped_with_its_card(made: Path) -> None:
    assert publish.check(made / "model") == []
    card = (made / "model" / "README.md").read_text("utf-8")
    assert "few steps only" in card
    assert "164,416 parameters" in card
    assert str(made) not in card
    measured = json.loads((made / "measured.json").read_text())
    assert set(measured["shipped"]) == {"phrasings", "names", "both", "skill", "tokens_per_second"}
    assert all(measured[model]["both"]["loss"] > 0 for model in ("base", "lora", "shipped"))


@needs_torch
@pytest.mark.slow
def test_a_second_run_does_nothing_again_but_the_card(made: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in made.rglob("*.safetensors")}
    done = recipe(made, "--tiny")
    assert done.returncode == 0, done.stderr
    assert "to do: card" in done.stdout
    assert {file: file.stat().st_mtime_ns for file in made.rglob("*.safetensors")} == before


@needs_torch
@pytest.mark.slow
def test_lora_changes_the_float_weights_and_5_bits_keep_the_change(made: Path) -> None:
    facts = markers.facts(made)
    assert facts["lora"]["valid_loss_after"] < facts["lora"]["valid_loss_before"]
    retention = facts["quantise"]["retention"]
    assert set(retention) == {"layers.0", "layers.1"}
    assert all(found["kept"] > 0.7 for found in retention.values())


@needs_torch
@pytest.mark.slow
def test_a_finished_model_is_published_whole(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "package"
    target.mkdir()
    (target / "old.txt").write_text("old")
    publish.publish(made / "model", target)
    assert sorted(file.name for file in target.iterdir()) == sorted(publish.FILES)


@needs_torch
@pytest.mark.slow
def test_a_finished_model_is_trained_further(made: Path, tmp_path: Path) -> None:
    work = tmp_path / "further"
    done = recipe(work, "--tiny", "--train-further", str(made / "model"), "--averaged", "0.5")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "to do: data, talk, export" in done.stdout
    assert "50 % went into the result" in (work / "model" / "README.md").read_text("utf-8")
    assert json.loads((work / "model" / "training.json").read_text("utf-8"))["step"] == 6


def test_earlier_checkpoints_stand_for_the_stages_before(tmp_path: Path) -> None:
    for name in ("tok/tokenizer.json", "copy.pt", "talk.pt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("from elsewhere")
    stages.start_at("export", tmp_path, Settings())
    todo = [stage.name for stage in stages.pending(tmp_path, Settings())]
    assert todo == ["data", "export", "lora", "fuse", "quantise", "measure", "card"]


def test_a_missing_checkpoint_cannot_be_skipped(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json was not made"):
        stages.start_at("export", tmp_path, Settings())


def test_a_stage_that_is_done_again_has_no_checkpoint_to_go_on_from(tmp_path: Path) -> None:
    done(tmp_path, TINY)
    for name in ("copy.jsonl", "talk.jsonl"):
        (tmp_path / name).touch()
    stages.start_at("talk", tmp_path, TINY)
    assert sorted(file.name for file in tmp_path.glob("*.[pj]*")) == [
        "copy.jsonl", "copy.pt", "measured.json", "sample.jsonl",
    ]  # fmt: skip
    stages.start_at("copy", tmp_path, TINY)
    assert not (tmp_path / "copy.pt").exists() and not (tmp_path / "copy.jsonl").exists()


def test_the_weights_of_a_finished_model_are_not_made_again(tmp_path: Path) -> None:
    done(tmp_path, TINY)
    (tmp_path / "training.json").touch()
    with pytest.raises(ModelError, match="training a model further"):
        stages.start_at("copy", tmp_path, TINY)
    assert (tmp_path / "copy.pt").exists()
    stages.start_at("talk", tmp_path, TINY)


def test_more_steps_make_everything_after_them_stale_but_not_what_was_before(tmp_path: Path) -> None:
    done(tmp_path, TINY)
    assert [stage.name for stage in stages.pending(tmp_path, TINY)] == ["card"]
    longer = Settings(**{**vars(TINY), "steps": 5})
    assert [stage.name for stage in stages.pending(tmp_path, longer)] == [
        "talk", "export", "lora", "fuse", "quantise", "measure", "card",
    ]  # fmt: skip


def test_a_lost_product_is_made_again_whatever_its_marker_says(tmp_path: Path) -> None:
    done(tmp_path, TINY)
    shutil.rmtree(tmp_path / "lora")
    todo = [stage.name for stage in stages.pending(tmp_path, TINY)]
    assert todo == ["lora", "fuse", "quantise", "measure", "card"]


def test_a_tiny_model_is_never_published(tmp_path: Path) -> None:
    found = recipe(tmp_path, "--tiny", "--publish")
    assert found.returncode == 2
    assert "not published" in found.stderr


def done(work: Path, settings: Settings) -> None:
    """Products and markers of every stage, as if they had run."""
    for stage in stages.STAGES:
        (work / stage.product).parent.mkdir(parents=True, exist_ok=True)
        (work / stage.product).write_text("x")
        markers.write(work, stage.name, stage.needed(settings), {})
